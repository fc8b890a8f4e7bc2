/* bench: the measuring kernel. Argument 0 of the monitor chooses the workload (0: each in turn), argument 1 the number
 * of rounds (0: as in the table); the phase marks stand tightly around the work. */
#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/monitor.h"
#include "../common/panic.h"
#include "../common/pointers.h"
#include "../common/timer.h"
#include "../common/trap.h"
#include "../saboteur/saboteur.h"
#include "workloads.h"

const uint8_t canary[64] __attribute__((section(".data.canary"), used)) =
    "bench canary: 1c9f6e5023d8b7a4 8fb0725de4391ac6 e6d417c8a95f203b";

enum { COMPUTE = 1, PAGING, SYSCALLS, TICKS, WORKLOADS_END };

static const char names[WORKLOADS_END][12] = {"", "computing", "paging", "syscalls", "ticks"};
static const uint8_t default_rounds[WORKLOADS_END] = {0, 6, 6, 6, 10};
POINTERS static uint64_t (*const workloads[WORKLOADS_END])(uint64_t rounds) = {
    [COMPUTE] = compute_run, [PAGING] = paging_run, [SYSCALLS] = syscalls_run, [TICKS] = ticks_run};

static void measure(uint32_t id, uint64_t rounds) {
  saboteur_poll(id);
  monitor_phase(id << 1);
  uint64_t sum = workloads[id](rounds ? rounds : default_rounds[id]);
  monitor_phase(id << 1 | 1);
  monitor_output(sum);
  monitor_heartbeat(id);
  console_print("bench: %s %lx\n", names[id], sum);
}

void trap_handler(struct trap_frame *frame) {
  switch (frame->scause) {
    case CAUSE_TIMER: ticks_interrupt(); break;
    case CAUSE_ECALL_U: syscalls_ecall(frame); break;
    default: panic_trap("unexpected trap", frame);
  }
}

void kernel_main(uint64_t hart, const void *device_tree) {
  (void)hart;
  if (!board_read(device_tree)) return; /* no console to complain on */
  trap_set_stack_range((void *)board.ram_base, (void *)(board.ram_base + board.ram_size));
  timer_stop();
  csr_write(sie, IRQ_BIT(IRQ_S_TIMER));
  uint64_t chosen = monitor_argument(0);
  for (uint32_t id = COMPUTE; id < WORKLOADS_END; id++)
    if (chosen == 0 || chosen == id) measure(id, monitor_argument(1));
  console_print("bench: done\n");
  monitor_end();
}
