#include "exits.h"
#include "console.h"
#include "csr.h"
#include "guest-fault.h"
#include "guest-memory.h"
#include "hart.h"
#include "inject.h"
#include "run.h"
#include "vplic.h"

uint64_t timer_ticks[HARTS], external_ticks[HARTS];

static void hypercall(struct vm *vm)
{
  struct trap_frame *frame = &vm->vcpu.frame;
  uint64_t *a = frame_arguments(frame);
  struct sbi_result result = sbi_call(&vm->caller, a);
  a[0] = (uint64_t)result.error;
  a[1] = result.value;
  frame->pc += 4;
}

/* stval may be zero, as the manual permits; then the instruction is fetched, and 0 stands for a refusal. */
static uint32_t trapped_instruction(const struct vm *vm)
{
  uint32_t bits = (uint32_t)csr_read(stval);
  uint16_t low = 0, high = 0;
  if (bits == 0 && guest_fetch(vm->vcpu.frame.pc, &low) && guest_fetch(vm->vcpu.frame.pc + 2, &high))
    bits = low | (uint32_t)high << 16;
  return bits;
}

/* WFI of a guest's kernel means idle (hstatus.VTW). All else is legal only for a hypervisor, which a guest is not: it
 * sees the illegal instruction that it would be on a hart without the extension. */
static void virtual_instruction(struct vm *vm)
{
  uint64_t tval = csr_read(stval);
  bool kernel = vm->vcpu.frame.status & SSTATUS_SPP;
  if (kernel && trapped_instruction(vm) == INSTRUCTION_WFI) {
    vm->vcpu.frame.pc += 4;
    run_wait(vm);
  } else {
    inject_exception(vm, CAUSE_ILLEGAL, tval);
  }
}

/* Not delegated, and none of ours: the guest has to cope. */
static void unknown_exception(struct vm *vm) { inject_exception(vm, CAUSE_ILLEGAL, 0); }

static void (*const exceptions[CAUSE_COUNT])(struct vm *vm) = {
    [CAUSE_ECALL_VS] = hypercall,
    [CAUSE_GUEST_FETCH_PAGE] = guest_page_fault,
    [CAUSE_GUEST_LOAD_PAGE] = guest_page_fault,
    [CAUSE_VIRTUAL_INSTRUCTION] = virtual_instruction,
    [CAUSE_GUEST_STORE_PAGE] = guest_page_fault,
};

/* The choice that follows arms the timer anew. */
static void timer_tick(void)
{
  timer_ticks[own_hart()]++;
  run_reconsider();
}

static void external_tick(void)
{
  external_ticks[own_hart()]++;
  vplic_take_interrupts();
}

static void (*const interrupts[])(void) = {
    [IRQ_S_SOFTWARE] = run_reconsider, /* from another hart */
    [IRQ_S_TIMER] = timer_tick,
    [IRQ_S_EXTERNAL] = external_tick,
};
#define INTERRUPT_COUNT (sizeof interrupts / sizeof interrupts[0])

static void handle_interrupt(uint64_t number)
{
  if (number < INTERRUPT_COUNT && interrupts[number])
    interrupts[number]();
}

static void handle_exception(struct vm *vm, uint64_t cause)
{
  void (*handle)(struct vm *) = cause < CAUSE_COUNT ? exceptions[cause] : 0;
  (handle ? handle : unknown_exception)(vm);
}

struct trap_frame *guest_exited(struct trap_frame *frame)
{
  struct vm *vm = vm_of_frame(frame);
  uint64_t cause = csr_read(scause);
  if (cause & CAUSE_INTERRUPT)
    handle_interrupt(cause & ~CAUSE_INTERRUPT);
  else
    handle_exception(vm, cause);
  return run_next(vm);
}

_Noreturn void hypervisor_trapped(void)
{
  stop(csr_read(scause) & CAUSE_INTERRUPT ? "interrupt in the hypervisor, sepc" : "exception in the hypervisor, sepc",
       csr_read(sepc));
}
