/* The message channel between guests. Words travel in registers; for bytes the caller names memory, which the layer
 * checks and copies as for the debug console: no pointer is kept, and none of another guest is ever followed. */
#include "../channel.h"
#include "../exclusive.h"
#include "../mmio.h"
#include "../platform.h"
#include "../sbi.h"
#include "../services.h"

_Static_assert((SERVICE_QUEUE_WORDS & (SERVICE_QUEUE_WORDS - 1)) == 0, "counts wrap");
_Static_assert((SERVICE_QUEUE_BYTES & (SERVICE_QUEUE_BYTES - 1)) == 0, "counts wrap");

/* From one guest to another. Counts are of all ever sent and received; their difference is what waits. */
struct queues {
  uint32_t words_in, words_out, bytes_in, bytes_out;
  uint64_t words[SERVICE_QUEUE_WORDS];
  char bytes[SERVICE_QUEUE_BYTES];
};

static struct queues queues[MAX_GUESTS][MAX_GUESTS]; /* by sender, then receiver */
static uint32_t rung[MAX_GUESTS];                    /* by whom, one bit each */
static uint32_t guests;
static uint32_t raised; /* whose interrupt is high */

void channel_init(const struct config *config) { guests = config->guest_count; }

static bool has_news(uint32_t guest)
{
  bool news = rung[guest] != 0;
  for (uint32_t peer = 0; peer < guests; peer++) {
    const struct queues *from = &queues[peer][guest];
    news |= from->words_in != from->words_out || from->bytes_in != from->bytes_out;
  }
  return news;
}

/* The doorbell is touched only where the level changes. */
static void update_interrupt(uint32_t guest)
{
  uint32_t bit = 1u << guest, level = has_news(guest) ? bit : 0;
  if ((raised & bit) == level)
    return;
  raised ^= bit;
  mmio_write32(DOORBELL_BASE + (level ? DOORBELL_RAISE : DOORBELL_LOWER), SERVICE_IRQ(guest));
}

void channel_reset(uint32_t guest)
{
  exclusive_begin();
  rung[guest] = 0;
  for (uint32_t peer = 0; peer < guests; peer++) {
    queues[guest][peer] = (struct queues){0};
    queues[peer][guest] = (struct queues){0};
    rung[peer] &= ~(1u << guest);
    update_interrupt(peer);
  }
  exclusive_end();
}

static struct sbi_result failed(enum sbi_error error) { return (struct sbi_result){error, 0}; }
static struct sbi_result success(uint64_t value) { return (struct sbi_result){SBI_SUCCESS, value}; }
static uint32_t smaller(uint64_t a, uint64_t b) { return (uint32_t)(a < b ? a : b); }

static struct sbi_result self(const struct sbi_caller *caller, const uint64_t args[6])
{
  (void)args;
  return success((uint64_t)guests << 32 | caller->guest);
}

static struct sbi_result take(const struct sbi_caller *caller, const uint64_t args[6])
{
  (void)args;
  uint32_t who = rung[caller->guest];
  rung[caller->guest] = 0;
  update_interrupt(caller->guest);
  return success(who);
}

/* The rest name a peer, which `handle` has checked, in args[0]. */
static struct sbi_result ring(const struct sbi_caller *caller, const uint64_t args[6])
{
  rung[args[0]] |= 1u << caller->guest;
  update_interrupt((uint32_t)args[0]);
  return success(0);
}

static struct sbi_result send(const struct sbi_caller *caller, const uint64_t args[6])
{
  struct queues *to = &queues[caller->guest][args[0]];
  if (to->words_in - to->words_out == SERVICE_QUEUE_WORDS)
    return failed(SBI_ERR_FAILED);
  to->words[to->words_in++ % SERVICE_QUEUE_WORDS] = args[1];
  update_interrupt((uint32_t)args[0]);
  return success(0);
}

static struct sbi_result receive(const struct sbi_caller *caller, const uint64_t args[6])
{
  struct queues *from = &queues[args[0]][caller->guest];
  if (from->words_in == from->words_out)
    return failed(SBI_ERR_FAILED);
  uint64_t word = from->words[from->words_out++ % SERVICE_QUEUE_WORDS];
  update_interrupt(caller->guest);
  return success(word);
}

static struct sbi_result write(const struct sbi_caller *caller, const uint64_t args[6])
{
  struct queues *to = &queues[caller->guest][args[0]];
  char text[SERVICE_BYTES_PER_CALL] = {0};
  uint32_t room = SERVICE_QUEUE_BYTES - (to->bytes_in - to->bytes_out);
  uint32_t count = smaller(smaller(args[1], sizeof text), room);
  if (args[3] != 0 || !layer_read_caller(caller, args[2], text, count))
    return failed(SBI_ERR_INVALID_PARAM);
  for (uint32_t i = 0; i < count; i++)
    to->bytes[to->bytes_in++ % SERVICE_QUEUE_BYTES] = text[i];
  update_interrupt((uint32_t)args[0]);
  return success(count);
}

/* What could not be delivered stays in the queue. */
static struct sbi_result read(const struct sbi_caller *caller, const uint64_t args[6])
{
  struct queues *from = &queues[args[0]][caller->guest];
  char text[SERVICE_BYTES_PER_CALL] = {0};
  uint32_t count = smaller(smaller(args[1], sizeof text), from->bytes_in - from->bytes_out);
  for (uint32_t i = 0; i < count; i++)
    text[i] = from->bytes[(from->bytes_out + i) % SERVICE_QUEUE_BYTES];
  if (args[3] != 0 || !layer_write_caller(caller, args[2], text, count))
    return failed(SBI_ERR_INVALID_PARAM);
  from->bytes_out += count;
  update_interrupt(caller->guest);
  return success(count);
}

static const struct service {
  struct sbi_result (*serve)(const struct sbi_caller *caller, const uint64_t args[6]);
  bool names_peer;
} services[] = {
    [SERVICE_SELF] = {self, false},      [SERVICE_RING] = {ring, true},   [SERVICE_TAKE] = {take, false},
    [SERVICE_SEND] = {send, true},       [SERVICE_RECEIVE] = {receive, true},
    [SERVICE_WRITE] = {write, true},     [SERVICE_READ] = {read, true},
};

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  if (function >= sizeof services / sizeof services[0])
    return failed(SBI_ERR_NOT_SUPPORTED);
  const struct service *service = &services[function];
  if (service->names_peer && (args[0] >= guests || args[0] == caller->guest))
    return failed(SBI_ERR_INVALID_PARAM);
  RETURN_EXCLUSIVELY(service->serve(caller, args));
}

const struct sbi_extension sbi_channel = {SERVICE_EID, handle};
