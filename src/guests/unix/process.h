/* Processes, and who runs: round robin with time slices. The kernel itself is not pre-empted; it runs with interrupts
 * off and gives the hart away only in process_wait, process_sleep and process_exit. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../common/trap.h"
#include "pipe.h"

enum { PROCESSES = 4, FILES = 6 };

enum process_state { UNUSED, READY, SLEEPING, WAITING };

struct process {
  struct context context; /* of its thread in the kernel */
  enum process_state state;
  uint32_t pid; /* also its ASID */
  const char *name;
  uint64_t *root; /* page table */
  struct file files[FILES];
  uint64_t wake_tick;    /* SLEEPING until then */
  const void *wait_for;  /* WAITING until process_wake says so */
};

/* Processes[0] is the idle thread, which has no user side. */
extern struct process processes[PROCESSES];

/* A process that will run the program, with these arguments; NULL without a free slot or memory. */
struct process *process_create(const char *name, uint64_t entry, uint64_t arg0, uint64_t arg1);
_Noreturn void process_start(void); /* from here on processes run */

struct process *process_current(void);
uint64_t *process_root(void); /* its page table */

void process_yield(void);
void process_sleep(uint64_t ticks);
void process_wait(const void *event);
void process_wake(const void *event);
_Noreturn void process_exit(void);

/* For the trap handler. */
void process_timer(void);
void process_end_slice(void); /* before return to the user: gives the hart away if the slice is over */
