#include "panic.h"

#include "board.h"
#include "console.h"
#include "cpu.h"
#include "monitor.h"
#include "ecall.h"

_Noreturn static void halt(void) {
  csr_write(sie, 0);
  for (;;) wait_for_interrupt();
}

_Noreturn static void follow_policy(void) {
  if (bootarg_is("panic", "loop"))
    for (;;) __asm__ volatile("" ::: "memory");
  if (bootarg_is("panic", "reset")) sbi_reset(RESET_COLD_REBOOT, RESET_SYSTEM_FAILURE);
  halt();
}

/* Where the stack of whoever panicked is read from, after the run; 0 before. */
uint64_t panic_frame;

/* A broken kernel may trap again while it says so; each step is tried once. */
__attribute__((noinline)) _Noreturn static void die(const char *text, uint64_t cause, uint64_t sepc, uint64_t stval) {
  static volatile uint32_t step;
  static uint64_t first_cause;
  interrupts_off();
  if (step == 0) {
    step = 1;
    panic_frame = (uint64_t)__builtin_frame_address(0);
    first_cause = cause;
    console_print("panic: %s scause=%lx sepc=%lx stval=%lx\n", text, cause, sepc, stval);
  }
  if (step == 1) {
    step = 2;
    monitor_crash(first_cause);
  }
  if (step == 2) {
    step = 3;
    follow_policy();
  }
  halt();
}

_Noreturn void panic(const char *text) { die(text, PANIC_BY_SOFTWARE, 0, 0); }

_Noreturn void panic_trap(const char *text, const struct trap_frame *frame) {
  die(text, frame->scause, frame->sepc, frame->stval);
}
