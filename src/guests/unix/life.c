#include "life.h"

#include "../common/cpu.h"
#include "../common/string.h"
#include "memory.h"
#include "process.h"
#include "space.h"

/* fp-context.S */
void fp_context_save(struct context *to);
void fp_context_clear(void);

/* Where the trap from its user side was saved, on top of its kernel stack. */
static struct trap_frame *user_frame(const struct process *process) {
  return (struct trap_frame *)kernel_stacks[process - processes + 1] - 1;
}

static void begin(struct trap_frame *frame, const struct image *image) {
  memset(frame, 0, sizeof *frame);
  frame->sepc = image->entry;
  frame->x[FRAME_SP] = USER_STACK_TOP;
  frame->x[FRAME_A0] = image->arg0;
  frame->x[FRAME_A1] = image->arg1;
  frame->sstatus = (csr_read(sstatus) & ~SSTATUS_SPP) | SSTATUS_SPIE; /* to U-mode, interrupts on */
}

static void make_ready(struct process *process, uint64_t *root) {
  process->root = root;
  process->context.ra = (uint64_t)trap_return;
  process->context.sp = (uint64_t)user_frame(process);
  process->state = READY;
}

bool process_first(const struct image *image) {
  uint64_t *root = space_create();
  struct process *process = root ? process_claim(image->name) : NULL;
  if (!process) return false;
  process->files[FD_CONSOLE].kind = FILE_CONSOLE;
  begin(user_frame(process), image);
  make_ready(process, root);
  return true;
}

int64_t process_fork(void) {
  struct process *parent = process_current(), *child = process_claim(parent->name);
  if (!child) return -1;
  uint64_t *root = space_fork(parent->root, parent->asid);
  if (!root) return -1; /* an unused slot stays unused */
  child->parent = parent;
  for (uint32_t fd = 0; fd < FDS; fd++) child->files[fd] = file_share(&parent->files[fd]);
  *user_frame(child) = *user_frame(parent);
  user_frame(child)->x[FRAME_A0] = 0;
  fp_context_save(&child->context);
  make_ready(child, root);
  return child->pid;
}

int64_t process_exec(const struct image *image) {
  struct process *process = process_current();
  process->name = image->name;
  space_clear(process->root, process->asid);
  fp_context_clear();
  begin(user_frame(process), image);
  return (int64_t)image->arg0;
}

static void leave_children(const struct process *parent) {
  for (struct process *child = processes + 1; child < processes + PROCESSES; child++) {
    if (child->state == UNUSED || child->parent != parent) continue;
    child->parent = NULL;
    if (child->state == ZOMBIE) child->state = UNUSED;
  }
}

_Noreturn void process_exit(int64_t status) {
  struct process *process = process_current();
  for (uint32_t fd = 0; fd < FDS; fd++) file_close(&process->files[fd]);
  leave_children(process);
  uint64_t *root = process->root;
  process->root = kernel_pagetable;
  csr_write(satp, sv39_satp(kernel_pagetable, 0));
  space_free(root);
  sv39_fence_asid(process->asid);
  process->status = status;
  if (process->parent) process_wake(process->parent);
  process_leave(process->parent ? ZOMBIE : UNUSED);
}

int64_t process_reap(int64_t *status) {
  const struct process *parent = process_current();
  for (;;) {
    bool any = false;
    for (struct process *child = processes + 1; child < processes + PROCESSES; child++) {
      if (child->state == UNUSED || child->parent != parent) continue;
      any = true;
      if (child->state != ZOMBIE) continue;
      child->state = UNUSED;
      *status = child->status;
      return child->pid;
    }
    if (!any) return -1;
    process_wait(parent);
  }
}
