/* Pipes, and the files of a process: an end of a pipe, the console, or a file on the disk. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum file_kind { FILE_CLOSED, FILE_CONSOLE, FILE_PIPE_READ, FILE_PIPE_WRITE, FILE_DISK };

struct pipe;
struct file {
  enum file_kind kind;
  struct pipe *pipe;
  uint32_t number;   /* of the file on the disk, */
  uint64_t position; /* and where the next byte is read or written: each process has its own */
};

/* Both ends of a new pipe; false if there is none left. */
bool pipe_create(struct file *read_end, struct file *write_end);

/* The same file for another process. */
struct file file_share(const struct file *file);
void file_close(struct file *file);

/* Read waits for at least one byte; 0 = no writer is left, or the end of the file. Write waits until all is written. -1 =
 * error. `user` is an address of the current process. */
int64_t file_read(struct file *file, uint64_t user, uint64_t length);
int64_t file_write(struct file *file, uint64_t user, uint64_t length);
