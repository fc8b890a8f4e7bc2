#include "external.h"

#include "console.h"
#include "plic.h"

void external_interrupt(bool (*serve)(uint32_t source)) {
  uint32_t source = plic_claim();
  if (source == 0) return; /* withdrawn before the claim */
  if (!serve(source)) {
    plic_disable(source);
    console_print("interrupt %lu: no handler, masked\n", (uint64_t)source);
  }
  plic_complete(source);
}
