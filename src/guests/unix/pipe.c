#include "pipe.h"

#include "../common/console.h"
#include "disk.h"
#include "fs.h"
#include "process.h"
#include "space.h"

enum { PIPES = 4, PIPE_BYTES = 256, CONSOLE_CHUNK = 64 };

struct pipe {
  uint32_t readers, writers;
  uint64_t written, read; /* bytes since the pipe was made */
  uint8_t data[PIPE_BYTES] __attribute__((aligned(8)));
};

static struct pipe pipes[PIPES];

bool pipe_create(struct file *read_end, struct file *write_end) {
  for (struct pipe *pipe = pipes; pipe < pipes + PIPES; pipe++) {
    if (pipe->readers || pipe->writers) continue;
    *pipe = (struct pipe){.readers = 1, .writers = 1};
    *read_end = (struct file){.kind = FILE_PIPE_READ, .pipe = pipe};
    *write_end = (struct file){.kind = FILE_PIPE_WRITE, .pipe = pipe};
    return true;
  }
  return false;
}

struct file file_share(const struct file *file) {
  if (file->kind == FILE_PIPE_READ) file->pipe->readers++;
  if (file->kind == FILE_PIPE_WRITE) file->pipe->writers++;
  return *file;
}

void file_close(struct file *file) {
  if (file->kind == FILE_PIPE_READ) file->pipe->readers--;
  if (file->kind == FILE_PIPE_WRITE) file->pipe->writers--;
  if (file->pipe) process_wake(file->pipe); /* the other end learns of it */
  if (file->kind == FILE_DISK) fs_sync();
  *file = (struct file){0};
}

static uint64_t least(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t least = a < b ? a : b;
  return least < c ? least : c;
}

static int64_t pipe_read(struct pipe *pipe, uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  while (pipe->read == pipe->written) {
    if (pipe->writers == 0) return 0;
    process_wait(pipe);
  }
  uint64_t done = 0;
  while (done < length && pipe->read < pipe->written) {
    uint64_t at = pipe->read % PIPE_BYTES;
    uint64_t part = least(length - done, pipe->written - pipe->read, PIPE_BYTES - at);
    if (!space_copy_out(process->root, process->asid, user + done, pipe->data + at, part)) return -1;
    pipe->read += part;
    done += part;
  }
  process_wake(pipe);
  return (int64_t)done;
}

static int64_t pipe_write(struct pipe *pipe, uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  uint64_t done = 0;
  while (done < length) {
    if (pipe->readers == 0) return -1;
    uint64_t at = pipe->written % PIPE_BYTES;
    uint64_t part = least(length - done, PIPE_BYTES - (pipe->written - pipe->read), PIPE_BYTES - at);
    if (part == 0) {
      process_wait(pipe);
      continue;
    }
    if (!space_copy_in(process->root, process->asid, pipe->data + at, user + done, part)) return -1;
    pipe->written += part;
    done += part;
    process_wake(pipe);
  }
  return (int64_t)done;
}

static int64_t console_file_write(uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  char chunk[CONSOLE_CHUNK];
  for (uint64_t done = 0, part; done < length; done += part) {
    part = least(length - done, sizeof chunk, sizeof chunk);
    if (!space_copy_in(process->root, process->asid, chunk, user + done, part)) return -1;
    console_write(chunk, part);
  }
  return (int64_t)length;
}

static int64_t disk_file_read(struct file *file, uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  uint8_t block[BLOCK_BYTES] __attribute__((aligned(8)));
  int64_t bytes = fs_read(file->number, file->position, block, least(length, sizeof block, sizeof block));
  if (bytes <= 0) return bytes;
  if (!space_copy_out(process->root, process->asid, user, block, (uint64_t)bytes)) return -1;
  file->position += (uint64_t)bytes;
  return bytes;
}

static int64_t disk_file_write(struct file *file, uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  uint8_t block[BLOCK_BYTES] __attribute__((aligned(8)));
  for (uint64_t done = 0; done < length;) {
    uint64_t part = least(length - done, sizeof block, sizeof block);
    if (!space_copy_in(process->root, process->asid, block, user + done, part)) return -1;
    int64_t bytes = fs_write(file->number, file->position, block, part);
    if (bytes <= 0) return -1;
    file->position += (uint64_t)bytes;
    done += (uint64_t)bytes;
  }
  return (int64_t)length;
}

int64_t file_read(struct file *file, uint64_t user, uint64_t length) {
  switch (file->kind) {
    case FILE_PIPE_READ: return pipe_read(file->pipe, user, length);
    case FILE_DISK: return disk_file_read(file, user, length);
    default: return -1;
  }
}

int64_t file_write(struct file *file, uint64_t user, uint64_t length) {
  switch (file->kind) {
    case FILE_PIPE_WRITE: return pipe_write(file->pipe, user, length);
    case FILE_DISK: return disk_file_write(file, user, length);
    case FILE_CONSOLE: return console_file_write(user, length);
    default: return -1;
  }
}
