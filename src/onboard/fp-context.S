/* void fp_save(struct fp_context *to), void fp_load(const struct fp_context *from): f0..f31 and fcsr.
 * The caller has set FS non-zero. */
#include "fp-context.h"
  .option arch, +f, +d

  .section .text.fp_save, "ax"
  .globl fp_save
fp_save:
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fsd f\n, 8*\n(a0)
  .endr
  frcsr t0
  sd t0, FP_CONTEXT_FCSR(a0)
  ret

  .section .text.fp_load, "ax"
  .globl fp_load
fp_load:
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fld f\n, 8*\n(a0)
  .endr
  ld t0, FP_CONTEXT_FCSR(a0)
  fscsr t0
  ret
