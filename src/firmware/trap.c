/* What is left to M-mode when everything that can be delegated is. */
#include "csr.h"
#include "firmware.h"

static struct hart *hart_of_frame(struct trap_frame *frame) { return (struct hart *)frame; /* its first member */ }

static void serve_ecall(struct trap_frame *frame)
{
  uint64_t *a = frame_arguments(frame);
  struct sbi_result result = sbi_call(&hart_of_frame(frame)->caller, a);
  a[0] = (uint64_t)result.error;
  a[1] = result.value;
  frame->pc += 4;
}

static void timer_fired(struct trap_frame *frame)
{
  (void)frame;
  firmware_timer_fired();
}

static void asked(struct trap_frame *frame) { hart_serve(hart_of_frame(frame)); }

static void (*const exceptions[CAUSE_COUNT])(struct trap_frame *) = {
    [CAUSE_ECALL_S] = serve_ecall,
};

/* The only ones that mie lets through. */
static void (*const interrupts[])(struct trap_frame *) = {
    [IRQ_M_SOFTWARE] = asked,
    [IRQ_M_TIMER] = timer_fired,
};

struct trap_frame *machine_trap(struct trap_frame *frame)
{
  uint64_t cause = csr_read(mcause);
  if (cause & CAUSE_INTERRUPT) {
    cause &= ~CAUSE_INTERRUPT;
    if (cause < sizeof interrupts / sizeof interrupts[0] && interrupts[cause])
      interrupts[cause](frame);
  } else if (cause < CAUSE_COUNT && exceptions[cause]) {
    exceptions[cause](frame);
  } else {
    machine_reflect(frame, cause, csr_read(mtval)); /* on a hart that could not delegate it */
  }
  return hart_resume(hart_of_frame(frame));
}
