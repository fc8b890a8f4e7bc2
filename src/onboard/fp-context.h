/* The floating-point state of a guest, saved at every world switch whatever its FS says: Linux turns FS off while a
 * user's values are still in the registers. */
#pragma once

#define FP_CONTEXT_FCSR 256

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct fp_context {
  uint64_t f[32];
  uint64_t fcsr;
};
_Static_assert(offsetof(struct fp_context, fcsr) == FP_CONTEXT_FCSR, "FP_CONTEXT_FCSR");

void fp_save(struct fp_context *to);
void fp_load(const struct fp_context *from);
#endif
