#include "inject.h"
#include "csr.h"

/* Privileged architecture, "Trap Entry": the previous privilege and interrupt enable go into vsstatus. Exceptions go to
 * the base of vstvec in either of its modes. */
void inject_exception(struct vm *vm, uint64_t cause, uint64_t tval)
{
  struct trap_frame *frame = &vm->vcpu.frame;
  uint64_t vsstatus = csr_read(vsstatus);
  uint64_t previous = (frame->status & SSTATUS_SPP) | (vsstatus & SSTATUS_SIE ? SSTATUS_SPIE : 0);
  csr_write(vsstatus, (vsstatus & ~(SSTATUS_SPP | SSTATUS_SPIE | SSTATUS_SIE)) | previous);
  csr_write(vsepc, frame->pc);
  csr_write(vscause, cause);
  csr_write(vstval, tval);
  frame->pc = csr_read(vstvec) & ~3ull;
  frame->status |= SSTATUS_SPP;
}
