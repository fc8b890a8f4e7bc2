#include "share.h"

#include "../common/board.h"
#include "../common/cpu.h"
#include "../common/timer.h"
#include "task.h"

#define SHARE_US 60
#define PERIOD_US 1000

static uint64_t period_begin, used, since; /* ticks; `used` without what is used since `since` */
static bool serving; /* the task that runs is one of those */

/* The control loop, which pre-empts them in every period, is not charged to them. */
void extra_switch(uint32_t task) {
  uint64_t now = timer_now();
  if (serving) used += now - since;
  serving = task == TASK_SERIAL || task == TASK_NETWORK;
  since = now;
}

/* Ticks to sleep for; 0: something is left of the share. */
static uint64_t pause(void) {
  uint64_t now = timer_now(), period = PERIOD_US * board.ticks_per_us, gone = now - period_begin;
  if (gone >= period) {
    period_begin = since = now;
    used = gone = 0;
  }
  return used + (now - since) < SHARE_US * board.ticks_per_us ? 0 : period - gone;
}

void share_check(void) {
  for (;;) {
    uint64_t before = interrupts_off(), ticks = pause();
    interrupts_restore(before);
    if (ticks == 0) return;
    task_set_period(ticks);
    task_wait_release();
  }
}
