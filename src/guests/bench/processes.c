/* Calls: of processes to their kernel and through it to each other. */
#include "../common/string.h"
#include "../common/sv39.h"
#include "../common/trap.h"
#include "workloads.h"

enum { CALLS_PER_ROUND = 500, MESSAGES_PER_ROUND = 100 };
#define USER_TEXT 0x100000000ul
#define FIRST_ASID 2

enum { SYS_NULL, SYS_SEND, SYS_RECEIVE, SYS_EXIT };

extern char __user_start[];

/* Frame, stack and context are the kernel's part of it. */
struct process {
  struct context context;
  uint64_t satp;
  uint64_t inbox;
  bool full; /* has `inbox` a word? */
};

enum { PROCESSES = 2 };
static uint8_t kernel_stacks[PROCESSES][4096] __attribute__((aligned(16), section(".stacks")));
static struct process processes[PROCESSES];
static struct context kernel;
static uint32_t current;
static uint64_t calls, result;

__attribute__((always_inline)) static inline uint64_t call(uint64_t number, uint64_t argument) {
  register uint64_t a0 __asm__("a0") = argument;
  register uint64_t a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

/* These run in U-mode, at USER_TEXT. */
#define USER __attribute__((section(".user.text"), noreturn)) static

USER void caller(uint64_t count) {
  uint64_t word = 1;
  for (uint64_t i = 0; i < count; i++) word = call(SYS_NULL, word);
  for (;;) call(SYS_EXIT, word);
}

USER void asker(uint64_t count) {
  uint64_t word = 1;
  for (uint64_t i = 0; i < count; i++) {
    call(SYS_SEND, word);
    word = call(SYS_RECEIVE, 0);
  }
  for (;;) call(SYS_EXIT, word);
}

USER void answerer(uint64_t count) {
  (void)count;
  for (;;) call(SYS_SEND, call(SYS_RECEIVE, 0) * 0x10dcd + 1);
}

static void switch_to_other(void) {
  struct process *from = &processes[current];
  current = 1 - current;
  csr_write(satp, processes[current].satp);
  context_switch(&from->context, &processes[current].context);
}

static uint64_t receive(void) {
  struct process *own = &processes[current];
  while (!own->full) switch_to_other();
  own->full = false;
  return own->inbox;
}

static uint64_t send(uint64_t word) {
  struct process *other = &processes[1 - current];
  while (other->full) switch_to_other();
  other->inbox = word;
  other->full = true;
  return 0;
}

void process_ecall(struct trap_frame *frame) {
  uint64_t argument = frame->x[FRAME_A0];
  frame->sepc += 4;
  switch (frame->x[FRAME_A7]) {
    case SYS_NULL: frame->x[FRAME_A0] = argument * 0x10dcd + ++calls; break;
    case SYS_SEND: frame->x[FRAME_A0] = send(argument); break;
    case SYS_RECEIVE: frame->x[FRAME_A0] = receive(); break;
    case SYS_EXIT:
      result = argument;
      context_switch(&processes[current].context, &kernel);
      break;
    default: frame->x[FRAME_A0] = (uint64_t)-1;
  }
}

static void create(uint32_t n) {
  uint64_t *root = address_space_create();
  void *text = memcpy(frame_alloc(), __user_start, PAGE_SIZE);
  *sv39_entry(root, USER_TEXT, SV39_PAGE, true) = PTE_POINTING(text, PTE_LEAF | PTE_R | PTE_X | PTE_U);
  processes[n] = (struct process){.satp = sv39_satp(root, FIRST_ASID + n)};
}

static void create_all(uint32_t count) {
  frames_reset();
  for (uint32_t n = 0; n < count; n++) create(n);
  fence_instructions();
  csr_write(satp, processes[0].satp);
  fence_addresses();
}

void syscalls_prepare(void) { create_all(1); }
void pipe_prepare(void) { create_all(PROCESSES); }

/* From where it will begin, as if it had been interrupted there. */
static void set_entry(uint32_t n, void (*entry)(uint64_t), uint64_t count) {
  struct trap_frame *frame = (struct trap_frame *)(kernel_stacks[n] + sizeof kernel_stacks[n]) - 1;
  memset(frame, 0, sizeof *frame);
  frame->sepc = USER_TEXT + ((uint64_t)entry - (uint64_t)__user_start);
  frame->x[FRAME_A0] = count;
  frame->sstatus = (csr_read(sstatus) & ~SSTATUS_SPP) | SSTATUS_SPIE; /* to U-mode, interrupts on */
  processes[n].context.ra = (uint64_t)trap_return;
  processes[n].context.sp = (uint64_t)frame;
}

static void run(void) {
  current = 0;
  context_switch(&kernel, &processes[0].context);
}

uint64_t syscalls_run(uint64_t rounds) {
  calls = 0;
  set_entry(0, caller, rounds * CALLS_PER_ROUND);
  run();
  return result + calls;
}

uint64_t pipe_run(uint64_t rounds) {
  set_entry(0, asker, rounds * MESSAGES_PER_ROUND);
  set_entry(1, answerer, 0);
  run();
  return result;
}
