#include "process.h"

#include "../common/board.h"
#include "../common/cpu.h"
#include "../common/panic.h"
#include "../common/timer.h"
#include "memory.h"

#define STACK_GUARD 0x6472617567786e75ull

uint8_t kernel_stacks[PROCESSES][KERNEL_STACK_BYTES] __attribute__((aligned(16), section(".stacks")));
struct process processes[PROCESSES];

#define IDLE (&processes[0])

static struct process *current;
static uint64_t slice_ticks, slice_end;
static bool has_asids;
static uint32_t last_pid;

static uint8_t *stack_of(const struct process *process) { return kernel_stacks[process - processes]; }

static void prepare(struct process *process, const char *name) {
  *process = (struct process){.name = name, .root = kernel_pagetable, .asid = (uint32_t)(process - processes)};
  if (process != IDLE) process->pid = ++last_pid;
  *(volatile uint64_t *)stack_of(process) = STACK_GUARD;
}

struct process *process_claim(const char *name) {
  struct process *process = processes + 1;
  while (process < processes + PROCESSES && process->state != UNUSED) process++;
  if (process == processes + PROCESSES) return NULL;
  prepare(process, name);
  return process;
}

struct process *process_current(void) { return current; }
uint64_t *process_root(void) { return current->root; }

static bool other_ready(void) {
  for (struct process *process = processes + 1; process < processes + PROCESSES; process++)
    if (process != current && process->state == READY) return true;
  return false;
}

static bool is_timed(const struct process *process) {
  return process->state == SLEEPING || process->state == WAITING;
}

/* The next interrupt: the first sleeper's end, or the end of the slice if somebody waits for it. A slice that is over
 * needs none: it is looked at before each return to the user. */
static void arm_timer(void) {
  uint64_t earliest = TIMER_NEVER, now = timer_now();
  for (struct process *process = processes; process < processes + PROCESSES; process++)
    if (is_timed(process) && process->wake_tick < earliest) earliest = process->wake_tick;
  if (current != IDLE && slice_end > now && slice_end < earliest && other_ready()) earliest = slice_end;
  timer_set(earliest);
}

/* Round robin, from the one after the current; the idle thread when nobody is ready. */
static struct process *next_ready(void) {
  uint32_t at = (uint32_t)(current - processes);
  for (uint32_t n = 0; n < PROCESSES; n++) {
    at = at + 1 < PROCESSES ? at + 1 : 1;
    if (processes[at].state == READY) return &processes[at];
  }
  return IDLE;
}

/* Interrupts are off. */
static void schedule(void) {
  struct process *before = current;
  if (*(volatile uint64_t *)stack_of(before) != STACK_GUARD) panic("kernel stack overflow");
  current = next_ready();
  slice_end = timer_now() + slice_ticks;
  arm_timer();
  if (current == before) return;
  csr_write(satp, sv39_satp(current->root, has_asids ? current->asid : 0));
  if (!has_asids) fence_addresses();
  context_switch(&before->context, &current->context);
}

void process_yield(void) { schedule(); }

void process_sleep(uint64_t ticks) {
  current->wake_tick = timer_now() + ticks;
  current->state = SLEEPING;
  schedule();
}

void process_wait(const void *event) { process_wait_until(event, TIMER_NEVER); }

void process_wait_until(const void *event, uint64_t tick) {
  current->wake_tick = tick;
  current->wait_for = event;
  current->state = WAITING;
  schedule();
}

void process_wake(const void *event) {
  bool woken = false;
  for (struct process *process = processes + 1; process < processes + PROCESSES; process++) {
    if (process->state != WAITING || process->wait_for != event) continue;
    process->state = READY;
    woken = true;
  }
  if (woken) arm_timer(); /* now somebody waits for the end of the slice */
}

void process_leave(enum process_state state) {
  current->state = state;
  schedule();
  panic("a dead process was resumed");
}

void process_timer(void) {
  uint64_t now = timer_now();
  for (struct process *process = processes + 1; process < processes + PROCESSES; process++)
    if (is_timed(process) && process->wake_tick <= now) process->state = READY;
  arm_timer();
}

void process_end_slice(void) {
  if (other_ready() && slice_end <= timer_now()) schedule();
}

/* The idle thread: interrupts are taken only between two looks at the table. */
static void idle_loop(void) {
  for (;;) {
    if (other_ready()) schedule();
    wait_for_interrupt(); /* wakes for a pending interrupt though all are off */
    csr_set(sstatus, SSTATUS_SIE);
    csr_clear(sstatus, SSTATUS_SIE);
  }
}

/* Does satp keep enough bits to number the processes? */
static bool asids_kept(void) {
  uint64_t satp = csr_read(satp);
  csr_write(satp, satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
  bool kept = (csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK) >= 255;
  csr_write(satp, satp);
  fence_addresses();
  return kept;
}

void process_start(void) {
  static struct context boot;
  slice_ticks = bootarg_number("slice", 5) * board.ticks_per_us;
  has_asids = asids_kept();
  prepare(IDLE, "idle");
  IDLE->context.ra = (uint64_t)idle_loop;
  IDLE->context.sp = (uint64_t)(stack_of(IDLE) + KERNEL_STACK_BYTES);
  current = IDLE;
  context_switch(&boot, &IDLE->context);
  panic("the boot thread was resumed");
}
