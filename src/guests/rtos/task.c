#include "task.h"

#include "../common/cpu.h"
#include "../common/panic.h"
#include "../common/timer.h"
#include "../common/trap.h"

#define STACK_BYTES 4096
#define STACK_GUARD 0x6472617567746e6full

enum task_state { READY, SLEEPING, WAITING };

struct task {
  struct context context;
  const char *name;
  void (*entry)(void);
  uint8_t *stack; /* its lowest word is a guard */
  enum task_state state;
  uint64_t release, period; /* ticks; SLEEPING until `release` */
  struct semaphore *semaphore; /* WAITING for it */
};

uint8_t task_stacks[TASKS][STACK_BYTES] __attribute__((aligned(16), section(".stacks")));
struct task tasks[TASKS];
static struct task *current;

static void task_begin(void) {
  csr_set(sstatus, SSTATUS_SIE);
  current->entry();
  panic("a task returned");
}

void task_create(enum task_id id, const char *name, void (*entry)(void)) {
  struct task *task = &tasks[id];
  *task = (struct task){.name = name, .entry = entry, .stack = task_stacks[id], .state = READY};
  task->context.ra = (uint64_t)task_begin;
  task->context.sp = (uint64_t)(task->stack + STACK_BYTES);
  *(volatile uint64_t *)task->stack = STACK_GUARD;
}

static struct task *most_urgent(void) {
  struct task *task = tasks;
  while (task->state != READY) task++; /* the idle task is always ready */
  return task;
}

void task_start(void) {
  static struct context boot;
  current = most_urgent();
  context_switch(&boot, &current->context);
  panic("the boot thread was resumed");
}

/* Interrupts are off; they come back with the state of whoever runs next. */
void task_preempt(void) {
  struct task *before = current;
  current = most_urgent();
  if (current == before) return;
  extra_switch((uint32_t)(current - tasks));
  context_switch(&before->context, &current->context);
}

static void arm_timer(void) {
  uint64_t earliest = TIMER_NEVER;
  for (struct task *task = tasks; task < tasks + TASKS; task++)
    if (task->state == SLEEPING && task->release < earliest) earliest = task->release;
  timer_set(earliest);
}

void task_timer(void) {
  uint64_t now = timer_now();
  for (struct task *task = tasks; task < tasks + TASKS; task++)
    if (task->state == SLEEPING && task->release <= now) task->state = READY;
  arm_timer();
}

void task_set_period(uint64_t ticks) {
  current->period = ticks;
  current->release = timer_now();
}

void task_wait_release(void) {
  uint64_t before = interrupts_off();
  current->release += current->period;
  current->state = SLEEPING;
  arm_timer();
  task_preempt();
  interrupts_restore(before);
}

uint64_t task_response(void) { return timer_now() - current->release; }

void semaphore_take(struct semaphore *semaphore) {
  uint64_t before = interrupts_off();
  while (semaphore->count == 0) {
    current->state = WAITING;
    current->semaphore = semaphore;
    task_preempt();
  }
  semaphore->count--;
  interrupts_restore(before);
}

void semaphore_give(struct semaphore *semaphore) {
  uint64_t before = interrupts_off();
  semaphore->count++;
  for (struct task *task = tasks; task < tasks + TASKS; task++)
    if (task->state == WAITING && task->semaphore == semaphore) task->state = READY;
  if (before) task_preempt(); /* an interrupt handler pre-empts at its end */
  interrupts_restore(before);
}

void task_check_stacks(void) {
  for (struct task *task = tasks; task < tasks + TASKS; task++)
    if (*(volatile uint64_t *)task->stack != STACK_GUARD) panic("stack overflow");
}
