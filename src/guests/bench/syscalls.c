#include "../common/string.h"
#include "../common/sv39.h"
#include "../common/trap.h"
#include "workloads.h"

#define CALLS_PER_ROUND 500
#define USER_TEXT 0x100000000ul
#define ASID 2

enum { SYS_NULL, SYS_EXIT };

extern char __user_start[];
static uint8_t kernel_stack[4096] __attribute__((aligned(16), section(".stacks")));
static struct context kernel, process;
static uint64_t calls, result;

/* Runs in U-mode, at USER_TEXT. */
__attribute__((section(".user.text"), noreturn)) static void caller(uint64_t count) {
  register uint64_t a0 __asm__("a0") = 1;
  register uint64_t a7 __asm__("a7") = SYS_NULL;
  for (uint64_t i = 0; i < count; i++) __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  a7 = SYS_EXIT;
  for (;;) __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
}

static uint64_t sys_null(uint64_t argument) { return argument * 0x10dcd + ++calls; }

void syscalls_ecall(struct trap_frame *frame) {
  frame->sepc += 4;
  switch (frame->x[FRAME_A7]) {
    case SYS_NULL: frame->x[FRAME_A0] = sys_null(frame->x[FRAME_A0]); break;
    case SYS_EXIT:
      result = frame->x[FRAME_A0];
      context_switch(&process, &kernel);
      break;
    default: frame->x[FRAME_A0] = (uint64_t)-1;
  }
}

static struct trap_frame *first_frame(uint64_t count) {
  struct trap_frame *frame = (struct trap_frame *)(kernel_stack + sizeof kernel_stack) - 1;
  memset(frame, 0, sizeof *frame);
  frame->sepc = USER_TEXT + ((uint64_t)caller - (uint64_t)__user_start);
  frame->x[FRAME_A0] = count;
  frame->sstatus = (csr_read(sstatus) & ~SSTATUS_SPP) | SSTATUS_SPIE; /* to U-mode, interrupts on */
  return frame;
}

uint64_t syscalls_run(uint64_t rounds) {
  frames_reset();
  uint64_t *root = address_space_create();
  void *text = memcpy(frame_alloc(), __user_start, PAGE_SIZE);
  fence_instructions();
  *sv39_entry(root, USER_TEXT, SV39_PAGE, true) = PTE_POINTING(text, PTE_LEAF | PTE_R | PTE_X | PTE_U);
  csr_write(satp, sv39_satp(root, ASID));
  fence_addresses();

  calls = 0;
  process.ra = (uint64_t)trap_return;
  process.sp = (uint64_t)first_frame(rounds * CALLS_PER_ROUND);
  context_switch(&kernel, &process);

  csr_write(satp, 0);
  fence_addresses();
  return result + calls;
}
