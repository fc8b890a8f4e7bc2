/* System calls: number in a7, arguments from a0, result in a0; -1 = error. */
#pragma once
#include "../common/frame.h"

enum syscall {
  SYS_READ,     /* fd, buffer, bytes: bytes read, 0 at the end */
  SYS_WRITE,    /* fd, buffer, bytes: bytes written */
  SYS_PIPE,     /* buffer of two words: gets the fds of the read and the write end */
  SYS_CLOSE,    /* fd */
  SYS_SPAWN,    /* program, fd that becomes its input, fd that becomes its output: pid */
  SYS_GETPID,
  SYS_YIELD,
  SYS_SLEEP,    /* timer ticks */
  SYS_EXIT,
  SYS_WORK,     /* unit, buffer of WORK_BYTES: the next block from the disk */
  SYS_OUTPUT,   /* unit, word: a result of this guest */
  SYSCALLS,
};

enum fd { FD_INPUT = 0, FD_OUTPUT = 1, FD_CONSOLE = 2, NO_FD = 255 };

enum { WORK_WORDS = 64, WORK_BYTES = 8 * WORK_WORDS };

/* What the SPAWN call can start. */
enum program { PROGRAM_PRODUCER, PROGRAM_TRANSFORMER, PROGRAM_CONSUMER, PROGRAMS };

void syscall(struct trap_frame *frame);

/* Starts the first process. */
void spawn_first(enum program program);
