/* bench: the measuring kernel. Argument 0 of the monitor chooses the workload (0: each that needs no other guest, in
 * turn), argument 1 the number of rounds (0: as in the table); the phase marks stand tightly around the work. */
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

/* src/cost/workloads.ts has the same numbers and rounds. */
enum workload {
  CRC = 1, SORT, MATRIX, FLOATS, INTERPRETER, TICKED,
  PAGES, MEGAPAGES, CHASE_SMALL, CHASE_LARGE, REMAP,
  SYSCALLS, PIPE, SBI_CALL, SBI_CONSOLE,
  TICKS, FAST_TICKS, REARM,
  COMPLETIONS, PLIC, UART, COPIES,
  PING_PONG, TIMER_LATENCY, DEVICE_LATENCY,
  WORKLOADS_END,
};

/* With paging on, as kernels run; the tables in use are the kernel's own. */
static void paged(void) {
  frames_reset();
  address_space_enter(address_space_create(), 1);
}

static void paged_crc(void) {
  crc_prepare();
  paged();
}

static void nothing(void) {}

POINTERS static const struct {
  void (*prepare)(void);
  uint64_t (*run)(uint64_t rounds);
} workloads[WORKLOADS_END] = {
    [0] = {nothing, crc_run},
    [CRC] = {paged_crc, crc_run},
    [SORT] = {paged, sort_run},
    [MATRIX] = {paged, matrix_run},
    [FLOATS] = {paged, floats_run},
    [INTERPRETER] = {paged, interpreter_run},
    [TICKED] = {paged_crc, ticked_run},
    [PAGES] = {pages_prepare, touch_run},
    [MEGAPAGES] = {megapages_prepare, touch_run},
    [CHASE_SMALL] = {chase_small_prepare, chase_small_run},
    [CHASE_LARGE] = {chase_large_prepare, chase_large_run},
    [REMAP] = {pages_prepare, remap_run},
    [SYSCALLS] = {syscalls_prepare, syscalls_run},
    [PIPE] = {pipe_prepare, pipe_run},
    [SBI_CALL] = {nothing, sbi_call_run},
    [SBI_CONSOLE] = {nothing, sbi_console_run},
    [TICKS] = {nothing, ticks_run},
    [FAST_TICKS] = {nothing, fast_ticks_run},
    [REARM] = {nothing, rearm_run},
    [COMPLETIONS] = {devices_prepare, completions_run},
    [PLIC] = {devices_prepare, plic_run},
    [UART] = {nothing, uart_run},
    [COPIES] = {devices_prepare, copies_run},
    [PING_PONG] = {ping_pong_prepare, ping_pong_run},
    [TIMER_LATENCY] = {nothing, timer_latency_run},
    [DEVICE_LATENCY] = {devices_prepare, device_latency_run},
};
static const uint8_t default_rounds[WORKLOADS_END] = {
    0, 20, 8, 8, 16, 16, 212, 16, 16, 64, 4, 16, 6, 6, 4, 1, 10, 10, 4, 4, 4, 4, 8, 4, 1, 1,
};

static void measure(uint32_t id, uint64_t rounds) {
  saboteur_poll(id);
  workloads[id].prepare();
  monitor_phase(id << 1);
  uint64_t sum = workloads[id].run(rounds ? rounds : default_rounds[id]);
  monitor_phase(id << 1 | 1);
  address_space_leave();
  monitor_output(sum);
  monitor_heartbeat(id);
  console_print("bench: workload %lu gives %lx\n", (uint64_t)id, sum);
}

void trap_handler(struct trap_frame *frame) {
  switch (frame->scause) {
    case CAUSE_TIMER: timer_interrupt(); break;
    case CAUSE_EXTERNAL: device_interrupt(); break;
    case CAUSE_ECALL_U: process_ecall(frame); break;
    default: panic_trap("unexpected trap", frame);
  }
}

void kernel_main(uint64_t hart, const void *device_tree) {
  (void)hart;
  if (!board_read(device_tree)) return; /* no console to complain on */
  trap_set_stack_range((void *)board.ram_base, (void *)(board.ram_base + board.ram_size));
  timer_stop();
  csr_write(sie, IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL));
  uint64_t chosen = monitor_argument(0);
  uint64_t rounds = monitor_argument(1);
  if (chosen >= WORKLOADS_END) panic("no such workload");
  if (chosen) measure((uint32_t)chosen, rounds);
  else
    for (uint32_t id = CRC; id < PING_PONG; id++) measure(id, rounds);
  console_print("bench: done\n");
  monitor_end();
}
