/* The FP registers of the running process, to and from a context: for fork and exec. */
#include "../common/frame.h"

  .text
  .option arch, +d

  /* void fp_context_save(struct context *to) */
  .globl fp_context_save
fp_context_save:
  each_f fsd, a0
  frcsr t0
  sd t0, CONTEXT_FCSR(a0)
  ret

  /* void fp_context_clear(void) */
  .globl fp_context_clear
fp_context_clear:
  lla a1, blank
  each_f fld, a1
  fscsr zero
  ret

  .section .rodata
  .balign 8
blank: /* its f, at CONTEXT_F(0) */
  .zero CONTEXT_FCSR
