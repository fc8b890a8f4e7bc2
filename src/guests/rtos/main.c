/* rtos: a kernel without paging. A control loop with a period and a deadline, a logger below it, an idle task. */
#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/dma.h"
#include "../common/ecall.h"
#include "../common/exchange.h"
#include "../common/external.h"
#include "../common/fp.h"
#include "../common/monitor.h"
#include "../common/panic.h"
#include "../common/plic.h"
#include "../common/timer.h"
#include "../common/trap.h"
#include "../saboteur/saboteur.h"
#include "control.h"
#include "task.h"

#define LOG_INTERVAL 16 /* jobs */
#define FP_SEED_CONTROL 0xc0ffee00
#define FP_SEED_LOGGER 0x10663300

/* A secret that no other guest has any business to read. */
const uint8_t canary[64] __attribute__((section(".data.canary"), used)) =
    "rtos canary: 7d1f0c52e9ab4386 5be2c19d40f7a863 9a6e3d71c8045fb2";

static uint64_t jobs;
static struct {
  struct semaphore ready;
  uint64_t jobs, word;
} report;

static void run_job(uint64_t index) {
  saboteur_poll(index);
  uint64_t word = control_job(index);
  if (!fp_holds(FP_SEED_CONTROL)) panic("control lost its FP registers");
  if ((index + 1) % LOG_INTERVAL == 0 || index + 1 == jobs) {
    report.jobs = index + 1;
    report.word = word;
    semaphore_give(&report.ready);
  }
  monitor_output(word);
  monitor_heartbeat(index + 1);
  monitor_deadline(index, task_response());
  exchange_publish(index + 1);
}

static void control_task(void) {
  fp_fill(FP_SEED_CONTROL);
  task_set_period(bootarg_number("period", 1000) * board.ticks_per_us);
  for (uint64_t index = 0; index < jobs; index++) {
    task_wait_release();
    run_job(index);
  }
  static struct semaphore never;
  semaphore_take(&never);
}

/* Housekeeping, and a line now and then. It also takes what peers have to say: they interrupt nobody here. */
static void logger_task(void) {
  fp_fill(FP_SEED_LOGGER);
  do {
    semaphore_take(&report.ready);
    task_check_stacks();
    exchange_receive(LOG_INTERVAL);
    if (!fp_holds(FP_SEED_LOGGER)) panic("logger lost its FP registers");
    console_print("rtos: job %lu, output %lx\n", report.jobs, report.word);
  } while (report.jobs < jobs);
  console_print("rtos: all jobs done\n");
  monitor_end();
  static struct semaphore never;
  semaphore_take(&never);
}

static void idle_task(void) {
  for (;;) wait_for_interrupt();
}

static bool serve(uint32_t source) {
  if (!dma_interrupt(source)) return extra_interrupt(source);
  control_dma_done();
  return true;
}

void trap_handler(struct trap_frame *frame) {
  switch (frame->scause) {
    case CAUSE_TIMER: task_timer(); break;
    case CAUSE_EXTERNAL: external_interrupt(serve); break;
    default: panic_trap("unexpected trap", frame);
  }
  task_preempt();
}

void kernel_main(uint64_t hart, const void *device_tree) {
  (void)hart;
  if (!board_read(device_tree)) return; /* no console to complain on */
  trap_set_stack_range((void *)board.ram_base, (void *)(board.ram_base + board.ram_size));
  jobs = bootarg_number("work", 64);
  console_print("rtos: at %lx, %s, %lu jobs\n", board.ram_base, board.dma ? "dma" : "no dma", jobs);
  plic_init();
  dma_init();
  exchange_init();
  timer_stop();
  csr_write(sie, IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL));
  task_create(TASK_CONTROL, "control", control_task);
  task_create(TASK_LOGGER, "logger", logger_task);
  extra_start();
  task_create(TASK_IDLE, "idle", idle_task);
  task_start();
}
