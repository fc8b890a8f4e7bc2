#include "dma.h"

#include "../../onboard/mmio.h"
#include "../../onboard/platform.h"
#include "board.h"
#include "plic.h"
#include "string.h"

static bool failed;

void dma_init(void) {
  if (board.dma) plic_enable(board.dma_irq);
}

bool dma_start(void *to, const void *from, uint64_t length) {
  failed = false;
  if (!board.dma) {
    memcpy(to, from, length);
    return false;
  }
  __asm__ volatile("fence rw, o" ::: "memory"); /* the channel reads what was written before */
  mmio_write64(board.dma + DMA_SRC, (uint64_t)from);
  mmio_write64(board.dma + DMA_DST, (uint64_t)to);
  mmio_write64(board.dma + DMA_LENGTH, length);
  mmio_write32(board.dma + DMA_CONTROL, DMA_CONTROL_START | DMA_CONTROL_INTERRUPT_ENABLE);
  return true;
}

bool dma_interrupt(uint32_t source) {
  if (!board.dma || source != board.dma_irq) return false;
  failed = mmio_read32(board.dma + DMA_STATUS) & DMA_STATUS_ERROR;
  mmio_write32(board.dma + DMA_STATUS, DMA_STATUS_DONE | DMA_STATUS_ERROR);
  __asm__ volatile("fence io, rw" ::: "memory"); /* and what it wrote is read after */
  return true;
}

bool dma_failed(void) { return failed; }
