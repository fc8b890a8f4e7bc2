/* The floating-point state of a guest, saved at every world switch whatever its FS says: Linux turns FS off while a
 * user's values are still in the registers. Nor is it left to the guest's first use, which an FS turned off would tell: in
 * the nanokernel the guest's FS is the hart's own, and a kernel that finds it off takes what its process has computed for
 * nothing to keep. The hypervisor could, for guests have an FS of their own there, but then layers would differ in policy. */
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
