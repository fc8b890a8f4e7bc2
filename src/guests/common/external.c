#include "external.h"

#include "board.h"
#include "console.h"
#include "dma.h"
#include "plic.h"

void external_interrupt(void (*dma_done)(void)) {
  uint32_t source = plic_claim();
  if (source == 0) return; /* withdrawn before the claim */
  if (board.dma && source == board.dma_irq) {
    dma_acknowledge();
    dma_done();
  } else {
    plic_disable(source);
    console_print("interrupt %lu: no handler, masked\n", (uint64_t)source);
  }
  plic_complete(source);
}
