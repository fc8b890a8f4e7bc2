#include "shared-console.h"
#include "platform.h"
#include "string.h"
#include "uart.h"
#include "virtio.h"

#define CONSOLE_DEVICE 3
enum { RECEIVE_QUEUE, TRANSMIT_QUEUE, QUEUES };
#define LINE_BYTES 160 /* longer lines come out in pieces */
#define STEP_BYTES 64  /* taken from the guest in one access, as by the debug console */
_Static_assert(sizeof(struct name_config) == NAME_BYTES, "a name");

/* What a guest has written since its last line. */
struct line {
  uint32_t length;
  char text[LINE_BYTES];
};

static struct virtio consoles[MAX_GUESTS];
static struct line lines[MAX_GUESTS];
static char names[MAX_GUESTS][NAME_BYTES + 1];

static void end_line(uint32_t guest)
{
  struct line *line = &lines[guest];
  uart_puts(LAYER_UART_BASE, names[guest]);
  uart_puts(LAYER_UART_BASE, ": ");
  for (uint32_t i = 0; i < line->length; i++)
    uart_put(LAYER_UART_BASE, line->text[i]);
  uart_put(LAYER_UART_BASE, '\n');
  line->length = 0;
}

static void put(uint32_t guest, char byte)
{
  struct line *line = &lines[guest];
  if (byte == '\r')
    return;
  if (byte == '\n' || line->length == LINE_BYTES)
    end_line(guest);
  if (byte != '\n')
    line->text[line->length++] = byte;
}

/* The next bytes of the chain that is offered. Buffers for input stay with us, unused. */
static bool serve(struct virtio *device, uint32_t queue)
{
  static struct chain chain;
  char text[STEP_BYTES];
  if (queue != TRANSMIT_QUEUE || !virtio_next(device, queue, &chain))
    return false;
  uint64_t *progress = &device->queues[queue].progress;
  uint64_t left = chain.readable > *progress ? chain.readable - *progress : 0;
  uint64_t count = left < STEP_BYTES ? left : STEP_BYTES;
  if (!virtio_read(device, &chain, *progress, text, count))
    return false;
  for (uint64_t i = 0; i < count; i++)
    put(device->guest, text[i]);
  *progress += count;
  if (count < left)
    return true;
  virtio_take(device, queue);
  virtio_give_back(device, queue, chain.head, 0);
  return virtio_offers(device, queue);
}

static const struct virtio_model model = {
    .kind = VIRTUAL_CONSOLE,
    .device_id = CONSOLE_DEVICE,
    .queues = QUEUES,
    .serve = serve,
};

void console_start(const struct config *config, const struct service_config *service)
{
  (void)service;
  for (uint32_t guest = 0; guest < config->guest_count; guest++) {
    memcpy(names[guest], &config->names[guest], NAME_BYTES);
    consoles[guest] = (struct virtio){.model = &model, .guest = guest};
  }
}

enum access_result console_access(uint32_t guest, struct device_access *access)
{
  return virtio_access(&consoles[guest], access);
}

/* What it had begun to say stays said. */
void console_reset(uint32_t guest)
{
  if (lines[guest].length)
    end_line(guest);
  virtio_reset(&consoles[guest]);
}
