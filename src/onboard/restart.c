#include "restart.h"
#include "channel.h"
#include "csr.h"
#include "devices/devices.h"
#include "mmio.h"
#include "platform.h"
#include "uart.h"

#define PAGE_MASK (RESTART_STEP_BYTES - 1ull)

static bool copy_within(const struct config *config, uint64_t base, uint64_t size)
{
  return ((base | size) & PAGE_MASK) == 0 && base >= config->pristine_base && size <= config->pristine_size &&
         base - config->pristine_base <= config->pristine_size - size;
}

/* A guest without a copy is one that is never restarted. */
static bool sound(const struct config *config, const struct restart *restart)
{
  uint64_t size = restart->slot_size, tail = restart->tail_offset;
  if (restart->image_size == 0)
    return true;
  return copy_within(config, restart->image_copy, restart->image_size) &&
         copy_within(config, restart->tail_copy, restart->tail_size) &&
         ((restart->slot | size | tail) & PAGE_MASK) == 0 && restart->image_size <= tail && tail <= size &&
         restart->tail_size <= size - tail;
}

bool restart_init(struct restart *restart, const struct config *config, uint32_t guest)
{
  const struct guest_config *from = &config->guests[guest];
  *restart = (struct restart){
      .policy = from->image_size ? config->restart_policy : RESTART_NEVER,
      .left = config->restart_limit,
      .guest = guest,
      .slot = from->ram_base,
      .slot_size = from->ram_size,
      .image_copy = from->image_copy,
      .image_size = from->image_size,
      .tail_offset = from->tail - from->ram_base,
      .tail_copy = from->tail_copy,
      .tail_size = from->tail_size,
      .uart = UART_BASE(from->uart),
      .dma = from->sources >> DMA_IRQ(from->dma) & 1 ? DMA_BASE(from->dma) : 0,
  };
  return sound(config, restart);
}

bool restart_request(struct restart *restart, enum restart_cause cause)
{
  bool wanted = cause == RESTART_ASKED ? restart->policy != RESTART_NEVER : restart->policy == RESTART_ON_CRASH;
  if (!wanted || restart->left == 0)
    return false;
  restart->left--;
  restart->phase = RESTART_CONTEXT;
  return true;
}

/* A transfer cannot be called off, and one that ended after this would write into the guest's new life: so its end is
 * waited for. One that never ends keeps its guest from starting again, and nobody else from anything. */
static bool silence_dma(uint64_t dma)
{
  if (dma == 0)
    return true;
  mmio_write32(dma + DMA_CONTROL, 0);
  if (mmio_read32(dma + DMA_STATUS) & DMA_STATUS_BUSY)
    return false;
  mmio_write32(dma + DMA_STATUS, DMA_STATUS_DONE | DMA_STATUS_ERROR);
  mmio_write64(dma + DMA_SRC, 0);
  mmio_write64(dma + DMA_DST, 0);
  mmio_write64(dma + DMA_LENGTH, 0);
  return true;
}

/* What the guest finds there: the image, then zeros, then the tail. Null stands for zeros. */
static const uint64_t *pristine_page(const struct restart *restart, uint64_t offset)
{
  if (offset < restart->image_size)
    return (const uint64_t *)(restart->image_copy + offset);
  if (offset - restart->tail_offset < restart->tail_size)
    return (const uint64_t *)(restart->tail_copy + (offset - restart->tail_offset));
  return 0;
}

enum restart_result restart_step(struct restart *restart)
{
  switch (restart->phase) {
  case RESTART_CONTEXT:
    layer_reset_context(restart->guest);
    uart_power_on(restart->uart);
    channel_reset(restart->guest);
    devices_reset(restart->guest);
    restart->phase = RESTART_DEVICES;
    return RESTART_GOES_ON;
  case RESTART_DEVICES:
    if (!silence_dma(restart->dma))
      return RESTART_GOES_ON;
    layer_reset_interrupts(restart->guest);
    restart->offset = 0;
    restart->phase = RESTART_MEMORY;
    return RESTART_GOES_ON;
  case RESTART_MEMORY:
    if (!layer_restore_page(restart->slot + restart->offset, pristine_page(restart, restart->offset))) {
      restart->phase = RESTART_NONE;
      return RESTART_IMPOSSIBLE;
    }
    restart->offset += RESTART_STEP_BYTES;
    if (restart->offset < restart->slot_size)
      return RESTART_GOES_ON;
    fence_instructions(); /* other code lies there now */
    restart->phase = RESTART_NONE;
    return RESTART_DONE;
  default: return RESTART_DONE;
  }
}
