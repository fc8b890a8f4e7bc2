#include "../common/board.h"
#include "../common/cpu.h"
#include "../common/timer.h"
#include "workloads.h"

enum { TICKS_PER_ROUND = 100, PERIOD_US = 100, SOFT_TIMERS = 16 };

static volatile uint64_t left;
static uint64_t next_tick, served;

/* What a tick is for: some timers run out and start again. */
static struct {
  uint32_t rest, fired;
} soft_timers[SOFT_TIMERS];

void ticks_interrupt(void) {
  served++;
  for (uint32_t i = 0; i < SOFT_TIMERS; i++)
    if (--soft_timers[i].rest == 0) {
      soft_timers[i].rest = i + 2;
      soft_timers[i].fired++;
    }
  next_tick += PERIOD_US * board.ticks_per_us;
  if (--left > 0) timer_set(next_tick);
  else timer_stop();
}

uint64_t ticks_run(uint64_t rounds) {
  for (uint32_t i = 0; i < SOFT_TIMERS; i++) soft_timers[i].rest = i + 2, soft_timers[i].fired = 0;
  served = 0;
  left = rounds * TICKS_PER_ROUND;
  next_tick = timer_now() + PERIOD_US * board.ticks_per_us;
  timer_set(next_tick);
  interrupts_off();
  while (left > 0) {
    wait_for_interrupt(); /* wakes though interrupts are off: none is lost between look and wait */
    csr_set(sstatus, SSTATUS_SIE);
    csr_clear(sstatus, SSTATUS_SIE);
  }
  uint64_t sum = served;
  for (uint32_t i = 0; i < SOFT_TIMERS; i++) sum = sum * 31 + soft_timers[i].fired;
  return sum;
}
