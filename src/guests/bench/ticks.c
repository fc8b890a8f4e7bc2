#include "../common/board.h"
#include "../common/cpu.h"
#include "../common/monitor.h"
#include "../common/timer.h"
#include "workloads.h"

enum { TICKS_PER_ROUND = 100, PERIOD_US = 100, FAST_PERIOD_US = 10, SOFT_TIMERS = 16, REARMED_PER_ROUND = 500 };
enum { TICK_RATE_ARGUMENT = 2, TICK_RATE = 250, MICROSECOND = 1000000 };
enum { LATENCIES_PER_ROUND = 64, LATENCY_GAP_US = 37 };

static volatile uint64_t left;
static uint64_t period, next_tick, served;
static volatile uint64_t handler_cycle; /* of the last interrupt */

/* What a tick is for: some timers run out and start again. */
static struct {
  uint32_t rest, fired;
} soft_timers[SOFT_TIMERS];

void timer_interrupt(void) {
  handler_cycle = csr_read(cycle);
  served++;
  for (uint32_t i = 0; i < SOFT_TIMERS; i++)
    if (--soft_timers[i].rest == 0) {
      soft_timers[i].rest = i + 2;
      soft_timers[i].fired++;
    }
  next_tick += period;
  if (--left > 0) timer_set(next_tick);
  else timer_stop();
}

static void begin_ticks(uint64_t ticks, uint64_t ticks_between) {
  for (uint32_t i = 0; i < SOFT_TIMERS; i++) soft_timers[i].rest = i + 2, soft_timers[i].fired = 0;
  served = 0;
  left = ticks;
  period = ticks_between;
  next_tick = timer_now() + period;
  timer_set(next_tick);
}

static uint64_t tick_away(uint64_t ticks, uint64_t microseconds) {
  interrupts_off();
  begin_ticks(ticks, microseconds * board.ticks_per_us);
  while (left > 0) {
    wait_for_interrupt(); /* wakes though interrupts are off: none is lost between look and wait */
    csr_set(sstatus, SSTATUS_SIE);
    csr_clear(sstatus, SSTATUS_SIE);
  }
  uint32_t sum = (uint32_t)served;
  for (uint32_t i = 0; i < SOFT_TIMERS; i++) sum = mix(sum, soft_timers[i].fired);
  return sum;
}

uint64_t ticks_run(uint64_t rounds) { return tick_away(rounds * TICKS_PER_ROUND, PERIOD_US); }
uint64_t fast_ticks_run(uint64_t rounds) { return tick_away(rounds * TICKS_PER_ROUND, FAST_PERIOD_US); }

uint64_t rearm_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint64_t i = 0; i < rounds * REARMED_PER_ROUND; i++) {
    timer_set(timer_now() + MICROSECOND * board.ticks_per_us + i);
    sum = mix(sum, (uint32_t)i);
  }
  timer_stop();
  return sum;
}

uint64_t ticked_run(uint64_t rounds) {
  uint64_t rate = monitor_argument(TICK_RATE_ARGUMENT);
  if (rate == 0 || rate > MICROSECOND) rate = TICK_RATE;
  begin_ticks(UINT64_MAX, MICROSECOND * board.ticks_per_us / rate);
  csr_set(sstatus, SSTATUS_SIE);
  uint64_t sum = crc_run(rounds);
  csr_clear(sstatus, SSTATUS_SIE);
  timer_stop();
  return sum;
}

uint64_t timer_latency_run(uint64_t rounds) {
  uint64_t cycles_per_tick = 1000 / board.ticks_per_us; /* the hart runs at 1 GHz */
  csr_set(sstatus, SSTATUS_SIE);
  for (uint64_t i = 0; i < rounds * LATENCIES_PER_ROUND; i++) {
    begin_ticks(1, (LATENCY_GAP_US + i % 16) * board.ticks_per_us);
    uint64_t due = next_tick * cycles_per_tick;
    while (left > 0) {
    }
    monitor_report(handler_cycle - due);
  }
  csr_clear(sstatus, SSTATUS_SIE);
  return rounds * LATENCIES_PER_ROUND;
}
