#include "syscall.h"

#include "../common/board.h"
#include "../common/panic.h"
#include "../common/pointers.h"
#include "memory.h"
#include "process.h"
#include "programs.h"
#include "space.h"
#include "work.h"

static const char names[PROGRAMS][16] = {"producer", "transformer", "consumer"};
POINTERS static void (*const entries[PROGRAMS])(uint64_t units, uint64_t pace) = {producer, transformer, consumer};

extern char __user_start[];

static struct file *file_of(uint64_t fd) { return fd < FILES ? &process_current()->files[fd] : NULL; }

static int64_t free_fd(void) {
  for (uint64_t fd = 0; fd < FILES; fd++)
    if (file_of(fd)->kind == FILE_CLOSED) return (int64_t)fd;
  return -1;
}

static struct process *start_program(enum program program) {
  uint64_t entry = USER_TEXT + ((uint64_t)entries[program] - (uint64_t)__user_start);
  uint64_t pace = bootarg_number("pace", 1000) * board.ticks_per_us;
  struct process *process = process_create(names[program], entry, work_units(), pace);
  if (process) process->files[FD_CONSOLE].kind = FILE_CONSOLE;
  return process;
}

void spawn_first(enum program program) {
  if (!start_program(program)) panic("no memory for the first process");
}

static int64_t sys_read(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  return file ? file_read(file, a[1], a[2]) : -1;
}

static int64_t sys_write(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  return file ? file_write(file, a[1], a[2]) : -1;
}

static int64_t sys_pipe(const uint64_t a[3]) {
  struct process *process = process_current();
  uint64_t fds[2];
  struct file write_end;
  fds[0] = (uint64_t)free_fd();
  if (fds[0] >= FILES || !pipe_create(&process->files[fds[0]], &write_end)) return -1;
  fds[1] = (uint64_t)free_fd();
  bool done = fds[1] < FILES;
  if (done) process->files[fds[1]] = write_end;
  else file_close(&write_end);
  done = done && space_copy_out(process->root, process->pid, a[0], fds, sizeof fds);
  if (done) return 0;
  file_close(&process->files[fds[0]]);
  return -1;
}

static int64_t sys_close(const uint64_t a[3]) {
  struct file *file = file_of(a[0]);
  if (!file) return -1;
  file_close(file);
  return 0;
}

static int64_t sys_spawn(const uint64_t a[3]) {
  if (a[0] >= PROGRAMS) return -1;
  struct process *child = start_program((enum program)a[0]);
  if (!child) return -1;
  struct file *input = file_of(a[1]), *output = file_of(a[2]);
  if (input) child->files[FD_INPUT] = file_share(input);
  if (output) child->files[FD_OUTPUT] = file_share(output);
  return child->pid;
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
  (void)a;
  process_exit();
}

static int64_t sys_work(const uint64_t a[3]) {
  const struct process *process = process_current();
  const void *block = work_read(a[0]);
  return block && space_copy_out(process->root, process->pid, a[1], block, WORK_BYTES) ? 0 : -1;
}

static int64_t sys_output(const uint64_t a[3]) {
  work_output(a[0], a[1]);
  return 0;
}

POINTERS static int64_t (*const syscalls[SYSCALLS])(const uint64_t a[3]) = {
    [SYS_READ] = sys_read,     [SYS_WRITE] = sys_write, [SYS_PIPE] = sys_pipe,   [SYS_CLOSE] = sys_close,
    [SYS_SPAWN] = sys_spawn,   [SYS_GETPID] = sys_getpid, [SYS_YIELD] = sys_yield, [SYS_SLEEP] = sys_sleep,
    [SYS_EXIT] = sys_exit,     [SYS_WORK] = sys_work,   [SYS_OUTPUT] = sys_output,
};

void syscall(struct trap_frame *frame) {
  uint64_t number = frame->x[FRAME_A7];
  frame->sepc += 4; /* ecall has no compressed form */
  frame->x[FRAME_A0] = number < SYSCALLS ? (uint64_t)syscalls[number](&frame->x[FRAME_A0]) : (uint64_t)-1;
}
