/* System calls: number in a7, arguments from a0, result in a0. */
#pragma once
#include "../common/frame.h"

enum syscall {
  SYS_READ,   /* fd, buffer, bytes: bytes read, 0 at the end */
  SYS_WRITE,  /* fd, buffer, bytes: bytes written */
  SYS_PIPE,   /* buffer of two words: gets the fds of the read and the write end */
  SYS_DUP,    /* fd, another: the other becomes the same file */
  SYS_CLOSE,  /* fd */
  SYS_OPEN,   /* name, its length, 1 to create the file if it is not there: fd */
  SYS_REMOVE, /* name, its length */
  SYS_SEEK,   /* fd of a file on the disk, position */
  SYS_FORK,   /* pid of the child, in the child 0; ERR_AGAIN */
  SYS_EXEC,   /* program, two arguments for it */
  SYS_WAIT,   /* buffer of a word, or 0: pid of a child that ended, its status there; ERR_NO_CHILD */
  SYS_EXIT,   /* status */
  SYS_GETPID,
  SYS_YIELD,
  SYS_SLEEP,  /* timer ticks */
  SYS_WORK,   /* unit, buffer of WORK_BYTES: the next block from the disk */
  SYS_OUTPUT, /* unit, word: a result of this guest */
  SYSCALLS,
};

enum error {
  ERR_FAILED = -1,
  ERR_NO_CHILD = -10,
  ERR_AGAIN = -11, /* no slot or no memory: later perhaps */
};

/* The first of FDS that a process can have. */
enum fd { FD_INPUT = 0, FD_OUTPUT = 1, FD_CONSOLE = 2, FDS = 6, NO_FD = 255 };

enum { WORK_WORDS = 64, WORK_BYTES = 8 * WORK_WORDS };

/* What EXEC can start. */
enum program { PROGRAM_SHELL, PROGRAM_PRODUCER, PROGRAM_TRANSFORMER, PROGRAMS };

void syscall(struct trap_frame *frame);

/* Starts the first process. */
void program_first(enum program program);
