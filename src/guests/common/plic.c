#include "plic.h"

#include "../../onboard/mmio.h"
#include "board.h"

#define PRIORITY(source) (board.plic + 4 * (source))
#define ENABLE(source) (board.plic + 0x2000 + 0x80 * board.plic_context + (source) / 32 * 4)
#define THRESHOLD (board.plic + 0x200000 + 0x1000 * board.plic_context)
#define CLAIM (THRESHOLD + 4)

void plic_init(void) { mmio_write32(THRESHOLD, 0); }

void plic_enable(uint32_t source) {
  mmio_write32(PRIORITY(source), 1);
  mmio_write32(ENABLE(source), mmio_read32(ENABLE(source)) | 1u << source % 32);
}

void plic_disable(uint32_t source) {
  mmio_write32(ENABLE(source), mmio_read32(ENABLE(source)) & ~(1u << source % 32));
}

uint32_t plic_claim(void) { return mmio_read32(CLAIM); }
void plic_complete(uint32_t source) { mmio_write32(CLAIM, source); }

uint64_t plic_page(uint32_t n) {
  uint64_t pages[PLIC_PAGES] = {PRIORITY(0), ENABLE(0), THRESHOLD};
  return pages[n] & ~0xffful;
}
