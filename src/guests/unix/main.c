/* unix: a kernel with Sv39, processes, system calls and pipes. */
#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/dma.h"
#include "../common/exchange.h"
#include "../common/external.h"
#include "../common/panic.h"
#include "../common/plic.h"
#include "../common/timer.h"
#include "../common/trap.h"
#include "disk.h"
#include "life.h"
#include "memory.h"
#include "process.h"
#include "space.h"
#include "syscall.h"
#include "work.h"

/* A secret that no other guest has any business to read. */
const uint8_t canary[64] __attribute__((section(".data.canary"), used)) =
    "unix canary: e84b09a6d2715f3c 16d83ba7f95c20e4 70c5f12d98ab4e63";

extern char __rodata_end[];

/* A process that does what it may not ends; the kernel and the other processes go on. */
static void kill(const struct trap_frame *frame) {
  const struct process *process = process_current();
  console_print("unix: killed process %lu (%s) scause=%lx sepc=%lx stval=%lx\n", (uint64_t)process->pid, process->name,
                frame->scause, frame->sepc, frame->stval);
  process_exit((int64_t)(STATUS_KILLED | frame->scause));
}

static void page_fault(const struct trap_frame *frame, enum space_access access) {
  const struct process *process = process_current();
  if (!space_fault(process->root, process->asid, frame->stval, access)) kill(frame);
}

static bool serve(uint32_t source) {
  if (!dma_interrupt(source)) return disk_interrupt(source) || exchange_interrupt(source);
  work_dma_done();
  return true;
}

static void interrupt(const struct trap_frame *frame) {
  switch (frame->scause) {
    case CAUSE_TIMER: process_timer(); break;
    case CAUSE_EXTERNAL: external_interrupt(serve); break;
    default: panic_trap("unexpected interrupt", frame);
  }
}

static void user_exception(struct trap_frame *frame) {
  switch (frame->scause) {
    case CAUSE_ECALL_U: syscall(frame); break;
    case CAUSE_FETCH_PAGE: page_fault(frame, SPACE_EXECUTE); break;
    case CAUSE_LOAD_PAGE: page_fault(frame, SPACE_READ); break;
    case CAUSE_STORE_PAGE: page_fault(frame, SPACE_WRITE); break;
    default: kill(frame);
  }
}

void trap_handler(struct trap_frame *frame) {
  bool from_user = !(frame->sstatus & SSTATUS_SPP);
  if (frame->scause & CAUSE_INTERRUPT) interrupt(frame);
  else if (from_user) user_exception(frame);
  else panic_trap("unexpected trap", frame);
  if (from_user) process_end_slice();
}

void kernel_main(uint64_t hart, const void *device_tree) {
  (void)hart;
  if (!board_read(device_tree)) return; /* no console to complain on */
  trap_set_stack_range(__rodata_end, (void *)(board.ram_base + board.ram_size));
  console_print("unix: at %lx, map=%s, %s, %lu units\n", board.ram_base, bootarg_is("map", "all") ? "all" : "own",
                board.dma ? "dma" : "no dma", work_units());
  memory_init();
  plic_init();
  dma_init();
  disk_init();
  exchange_init();
  exchange_listen();
  timer_stop();
  csr_write(sie, IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL));
  program_first(PROGRAM_SHELL);
  process_start();
}
