// A kernel's daily work: two address spaces that take turns, and system calls. Tasks run in U-mode, the kernel in S-mode.
#include "programs.h"
#include "storms.h"

enum { TASKS = 2, SWITCHES = 10000, CALLS = 10000, TICK = 10000 /* of 100 ns */ };
enum { CAUSE_ECALL = 8, FIRST_ASID = 1 };
#define CAUSE_TIMER (1ul << 63 | 5)
#define SIE_TIMER (1ul << 5)
#define SSTATUS_SPP (1ul << 8)
#define SSTATUS_SPIE (1ul << 5)
#define SSTATUS_SUM (1ul << 18)
#define PTE_USER 0xdful // V R W X U A D
#define PAGE 4096ul

struct task {
  uint64_t pc;
  uint64_t x[31]; // x1 on
  uint64_t satp;
};
_Static_assert(sizeof(struct task) == FRAME_BYTES, "storm.S has the offsets");

struct space {
  uint64_t root[ENTRIES] __attribute__((aligned(4096)));
  uint64_t middle[ENTRIES] __attribute__((aligned(4096)));
  uint64_t text[ENTRIES] __attribute__((aligned(4096)));
  uint64_t data[ENTRIES] __attribute__((aligned(4096)));
  uint64_t pages[STORM_PAGES][PAGE / 8] __attribute__((aligned(4096)));
};

extern const char storm_tasks[], storm_caller[];
int run_tasks(struct task *first);
struct task *storm_trap(struct task *task, uint64_t cause);

static struct space spaces[TASKS];
static struct task tasks[TASKS];
static uint64_t numbers, switches_made, ticks, failures;
static int running;

static inline uint64_t now(void) {
  uint64_t time;
  asm volatile("rdtime %0" : "=r"(time));
  return time;
}

// stimecmp has no name in this assembler.
static void set_timer(uint64_t time) { asm volatile("csrw 0x14d, %0" ::"r"(time)); }

static void make_task(int i, const char *start, uint64_t argument) {
  struct space *space = &spaces[i];
  for (int j = 0; j < ENTRIES; j++) space->root[j] = root[j];
  space->root[1] = table(space->middle);
  space->middle[0] = table(space->text);
  space->middle[(STORM_DATA - STORM_TEXT) >> 21] = table(space->data);
  for (int j = 0; j < 2; j++) space->text[j] = entry((uint64_t)storm_tasks + j * PAGE, PTE_USER);
  for (int j = 0; j < STORM_PAGES; j++) {
    space->data[j] = entry((uint64_t)space->pages[j], PTE_USER);
    space->pages[j][0] = 0;
  }
  tasks[i].pc = STORM_TEXT + (uint64_t)(start - storm_tasks);
  tasks[i].satp = SV39 | (uint64_t)(FIRST_ASID + i) << 44 | (uint64_t)space->root >> 12;
  tasks[i].x[9] = argument;
}

// Runs that many tasks until the last has ended; not 0 where one of them complained.
static int storm(int count) {
  numbers = switches_made = ticks = failures = 0;
  running = count;
  asm volatile("sfence.vma" ::: "memory");
  asm volatile("csrc sstatus, %0" ::"r"(SSTATUS_SPP));
  asm volatile("csrs sstatus, %0" ::"r"(SSTATUS_SPIE | SSTATUS_SUM));
  set_timer(now() + TICK);
  asm volatile("csrw sie, %0" ::"r"(SIE_TIMER));
  run_tasks(&tasks[0]);
  asm volatile("csrw sie, zero");
  return failures != 0;
}

static struct task *other(struct task *task) {
  if (running < TASKS) return task;
  switches_made++;
  return task == &tasks[0] ? &tasks[1] : &tasks[0];
}

static struct task *leave(struct task *task) {
  failures += task->x[9];
  struct task *next = other(task);
  running--;
  return running == 0 ? 0 : next;
}

static uint64_t sum(const uint64_t *words, uint64_t count) {
  uint64_t total = 0;
  for (uint64_t i = 0; i < count && i < PAGE / 8; i++) total += words[i];
  return total;
}

struct task *storm_trap(struct task *task, uint64_t cause) {
  if (cause == CAUSE_TIMER) {
    ticks++;
    set_timer(now() + TICK);
    return other(task);
  }
  uint64_t *a0 = &task->x[9];
  if (cause != CAUSE_ECALL) {
    *a0 = 1;
    return leave(task);
  }
  task->pc += 4;
  switch (task->x[16]) {
  case CALL_YIELD: return other(task);
  case CALL_NEXT: *a0 = ++numbers; return task;
  case CALL_SUM: *a0 = sum((const uint64_t *)*a0, task->x[10]); return task;
  default: return leave(task);
  }
}

int switches(void) {
  if (request.leaves == LEAVES_NONE) return 1;
  for (int i = 0; i < TASKS; i++) make_task(i, storm_tasks, SWITCHES);
  if (storm(TASKS) != 0) return 1;
  for (int i = 0; i < TASKS; i++) {
    for (int j = 0; j < STORM_PAGES; j++) {
      if (spaces[i].pages[j][0] != SWITCHES) return 1;
    }
  }
  // Ticks, which come when they come, may leave one task alone for the last few yields.
  return switches_made + 2 * ticks + 2 < TASKS * SWITCHES;
}

int calls(void) {
  if (request.leaves == LEAVES_NONE) return 1;
  make_task(0, storm_caller, CALLS);
  return storm(1) != 0 || numbers != CALLS;
}
