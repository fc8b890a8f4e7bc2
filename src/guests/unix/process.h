/* Processes, and who runs: round robin with time slices. The kernel itself is not pre-empted; it runs with interrupts
 * off and gives the hart away only in process_wait, process_sleep and process_exit. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../common/trap.h"
#include "pipe.h"
#include "syscall.h"

enum { PROCESSES = 8, KERNEL_STACK_BYTES = 4096 };

/* What a parent learns of a child that was killed: this and the cause of its last trap. */
#define STATUS_KILLED 0x100

/* A ZOMBIE has nothing left but its status, which its parent has not taken yet. */
enum process_state { UNUSED, READY, SLEEPING, WAITING, ZOMBIE };

struct process {
  struct context context; /* of its thread in the kernel */
  enum process_state state;
  uint32_t pid;
  uint32_t asid; /* its place in the table, so that few bits are enough */
  const char *name;
  uint64_t *root; /* page table */
  struct file files[FDS];
  struct process *parent; /* NULL: nobody asks for its status */
  int64_t status;
  uint64_t wake_tick;   /* SLEEPING until then */
  const void *wait_for; /* WAITING until process_wake says so, or until then */
};

/* Processes[0] is the idle thread, which has no user side. */
extern struct process processes[PROCESSES];
extern uint8_t kernel_stacks[PROCESSES][KERNEL_STACK_BYTES];

_Noreturn void process_start(void); /* from here on processes run */

struct process *process_current(void);
uint64_t *process_root(void); /* its page table */
/* A slot of the table that nobody uses, with a kernel stack and nothing to run yet; NULL if there is none. */
struct process *process_claim(const char *name);

void process_yield(void);
void process_sleep(uint64_t ticks);
void process_wait(const void *event);
void process_wait_until(const void *event, uint64_t tick);
void process_wake(const void *event);
/* Never to be resumed: the state says so. */
_Noreturn void process_leave(enum process_state state);

/* For the trap handler. */
void process_timer(void);
void process_end_slice(void); /* before return to the user: gives the hart away if the slice is over */
