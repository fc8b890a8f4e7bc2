/* Fixed-priority pre-emptive tasks of one hart. */
#pragma once
#include <extra.h>
#include <stdbool.h>
#include <stdint.h>

/* In falling order of priority. */
enum task_id { TASK_CONTROL, TASK_LOGGER, EXTRA_TASKS TASK_IDLE, TASKS };

/* Counts events; one task waits for them. */
struct semaphore {
  uint32_t count;
};

void task_create(enum task_id id, const char *name, void (*entry)(void));
_Noreturn void task_start(void); /* from here on tasks run */

/* Periodic tasks. The release stays in the task's record: a time held in a register would differ between two runs that
 * are equal otherwise. */
void task_set_period(uint64_t ticks); /* the first release is one period from now */
void task_wait_release(void);
uint64_t task_response(void); /* ticks since the release */

void semaphore_take(struct semaphore *semaphore);
void semaphore_give(struct semaphore *semaphore); /* from tasks and interrupt handlers */

/* For the trap handler, interrupts off. */
void task_timer(void);
void task_preempt(void); /* the most urgent ready task runs, now */

/* Panics if a task has outgrown its stack. */
void task_check_stacks(void);
