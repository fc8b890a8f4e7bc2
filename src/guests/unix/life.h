/* How processes come and go: fork, exec, exit, wait. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* What a process runs, and with which arguments. */
struct image {
  const char *name;
  uint64_t entry, arg0, arg1;
};

/* The first process; false without memory. */
bool process_first(const struct image *image);

/* A copy of the current process that differs in what fork gives it, 0. Its pid; -1 with no slot or memory left. */
int64_t process_fork(void);
/* The current process begins anew, with its files. The result is for its register a0. */
int64_t process_exec(const struct image *image);
_Noreturn void process_exit(int64_t status);
/* Waits for the end of any child; its pid. -1: there is none. */
int64_t process_reap(int64_t *status);
