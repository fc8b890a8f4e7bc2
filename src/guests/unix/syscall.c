#include "syscall.h"

#include "../common/board.h"
#include "../common/panic.h"
#include "../common/pointers.h"
#include "../common/string.h"
#include "fs-format.h"
#include "fs.h"
#include "life.h"
#include "memory.h"
#include "process.h"
#include "programs.h"
#include "space.h"
#include "work.h"

static const char names[PROGRAMS][16] = {"shell", "producer", "transformer"};
POINTERS static void (*const entries[PROGRAMS])(uint64_t, uint64_t) = {shell, producer, transformer};

extern char __user_start[];

static struct file *file_of(uint64_t fd) { return fd < FDS ? &process_current()->files[fd] : NULL; }

static int64_t free_fd(void) {
  for (uint64_t fd = 0; fd < FDS; fd++)
    if (file_of(fd)->kind == FILE_CLOSED) return (int64_t)fd;
  return ERR_FAILED;
}

static struct image image_of(enum program program, uint64_t arg0, uint64_t arg1) {
  uint64_t entry = USER_TEXT + ((uint64_t)entries[program] - (uint64_t)__user_start);
  return (struct image){names[program], entry, arg0, arg1};
}

void program_first(enum program program) {
  struct image image = image_of(program, work_units(), bootarg_number("pace", 1000) * board.ticks_per_us);
  if (!process_first(&image)) panic("no memory for the first process");
}

static int64_t sys_read(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  return file ? file_read(file, a[1], a[2]) : ERR_FAILED;
}

static int64_t sys_write(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  return file ? file_write(file, a[1], a[2]) : ERR_FAILED;
}

static int64_t sys_pipe(const uint64_t a[3]) {
  struct process *process = process_current();
  uint64_t fds[2];
  struct file write_end;
  fds[0] = (uint64_t)free_fd();
  if (fds[0] >= FDS || !pipe_create(&process->files[fds[0]], &write_end)) return ERR_FAILED;
  fds[1] = (uint64_t)free_fd();
  bool done = fds[1] < FDS;
  if (done) process->files[fds[1]] = write_end;
  else file_close(&write_end);
  done = done && space_copy_out(process->root, process->asid, a[0], fds, sizeof fds);
  if (done) return 0;
  file_close(&process->files[fds[0]]);
  return ERR_FAILED;
}

static int64_t sys_close(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  if (!file) return ERR_FAILED;
  file_close(file);
  return 0;
}

static int64_t sys_dup(const uint64_t a[3]) {
  struct file *file = file_of(a[0]), *other = file_of(a[1]);
  if (!file || !other) return ERR_FAILED;
  if (file == other) return 0;
  file_close(other);
  *other = file_share(file);
  return 0;
}

/* A name of a file, from the user; false if it is none. */
static bool copy_name(char name[FS_NAME_BYTES + 1], uint64_t user, uint64_t length) {
  const struct process *process = process_current();
  memset(name, 0, FS_NAME_BYTES + 1);
  return length <= FS_NAME_BYTES && space_copy_in(process->root, process->asid, name, user, length);
}

static int64_t sys_open(const uint64_t a[3]) {
  char name[FS_NAME_BYTES + 1];
  int64_t fd = free_fd();
  int64_t number = fd >= 0 && copy_name(name, a[0], a[1]) ? fs_open(name, a[2]) : -1;
  if (number < 0) return ERR_FAILED;
  *file_of((uint64_t)fd) = (struct file){.kind = FILE_DISK, .number = (uint32_t)number};
  return fd;
}

static int64_t sys_remove(const uint64_t a[3]) {
  char name[FS_NAME_BYTES + 1];
  return copy_name(name, a[0], a[1]) ? fs_remove(name) : ERR_FAILED;
}

static int64_t sys_seek(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  if (!file || file->kind != FILE_DISK) return ERR_FAILED;
  file->position = a[1];
  return 0;
}

static int64_t sys_fork(const uint64_t a[3]) {
  (void)a;
  int64_t pid = process_fork();
  return pid < 0 ? ERR_AGAIN : pid;
}

static int64_t sys_exec(const uint64_t a[3]) {
  if (a[0] >= PROGRAMS) return ERR_FAILED;
  struct image image = image_of((enum program)a[0], a[1], a[2]);
  return process_exec(&image);
}

static int64_t sys_wait(const uint64_t a[3]) {
  const struct process *process = process_current();
  int64_t status, pid = process_reap(&status);
  if (pid < 0) return ERR_NO_CHILD;
  if (a[0] && !space_copy_out(process->root, process->asid, a[0], &status, sizeof status)) return ERR_FAILED;
  return pid;
}

static int64_t sys_getpid(const uint64_t a[3]) {
  (void)a;
  return process_current()->pid;
}

static int64_t sys_yield(const uint64_t a[3]) {
  (void)a;
  process_yield();
  return 0;
}

static int64_t sys_sleep(const uint64_t a[3]) {
  process_sleep(a[0]);
  return 0;
}

static int64_t sys_exit(const uint64_t a[3]) {
  process_exit((int64_t)a[0]);
}

static int64_t sys_work(const uint64_t a[3]) {
  const struct process *process = process_current();
  const void *block = work_read(a[0]);
  return block && space_copy_out(process->root, process->asid, a[1], block, WORK_BYTES) ? 0 : ERR_FAILED;
}

static int64_t sys_output(const uint64_t a[3]) {
  work_output(a[0], a[1]);
  return 0;
}

POINTERS static int64_t (*const syscalls[SYSCALLS])(const uint64_t a[3]) = {
    [SYS_READ] = sys_read,     [SYS_WRITE] = sys_write, [SYS_PIPE] = sys_pipe, [SYS_DUP] = sys_dup,
    [SYS_CLOSE] = sys_close,   [SYS_OPEN] = sys_open,   [SYS_REMOVE] = sys_remove, [SYS_SEEK] = sys_seek,
    [SYS_FORK] = sys_fork,   [SYS_EXEC] = sys_exec, [SYS_WAIT] = sys_wait,
    [SYS_EXIT] = sys_exit,     [SYS_GETPID] = sys_getpid, [SYS_YIELD] = sys_yield, [SYS_SLEEP] = sys_sleep,
    [SYS_WORK] = sys_work,     [SYS_OUTPUT] = sys_output,
};

void syscall(struct trap_frame *frame) {
  uint64_t number = frame->x[FRAME_A7];
  frame->sepc += 4; /* ecall has no compressed form */
  frame->x[FRAME_A0] = number < SYSCALLS ? (uint64_t)syscalls[number](&frame->x[FRAME_A0]) : (uint64_t)ERR_FAILED;
}
