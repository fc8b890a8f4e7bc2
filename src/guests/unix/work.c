#include "work.h"

#include <stdbool.h>
#include <stddef.h>

#include "../common/board.h"
#include "../common/console.h"
#include "../common/dma.h"
#include "../common/exchange.h"
#include "../common/monitor.h"
#include "../common/timer.h"
#include "../saboteur/saboteur.h"
#include "process.h"
#include "syscall.h"

#define WORK __attribute__((section(".work")))

#define SAMPLES 8 /* sensor words per block */

WORK static uint64_t disk_block[WORK_WORDS];   /* on the disk */
WORK static uint64_t buffer_block[WORK_WORDS]; /* in memory */

static volatile bool copied;
static uint64_t last_output_tick, outputs;

uint64_t work_units(void) { return bootarg_number("work", 64); }

/* What lies on the disk is what the sensor says: each sample gives a run of words. */
static void write_disk(uint64_t unit) {
  for (uint32_t sample = 0; sample < SAMPLES; sample++) {
    uint64_t word = monitor_sensor(unit * SAMPLES + sample);
    for (uint32_t i = 0; i < WORK_WORDS / SAMPLES; i++) {
      disk_block[sample * (WORK_WORDS / SAMPLES) + i] = word;
      word = (word ^ word << 13) + 0x9e3779b9;
      word ^= word >> 7;
    }
  }
}

const void *work_read(uint64_t unit) {
  saboteur_poll(unit);
  write_disk(unit);
  copied = false;
  if (dma_start(buffer_block, disk_block, sizeof buffer_block))
    while (!copied) process_wait(buffer_block);
  return dma_failed() ? NULL : buffer_block;
}

void work_dma_done(void) {
  copied = true;
  process_wake(buffer_block);
}

void work_output(uint64_t unit, uint64_t word) {
  uint64_t now = timer_now();
  monitor_output(word);
  monitor_heartbeat(++outputs);
  monitor_deadline(unit, now - last_output_tick);
  last_output_tick = now;
  exchange_publish(outputs);
  exchange_listen();
  if (outputs < work_units()) return;
  console_print("unix: all units done\n");
  monitor_end();
}
