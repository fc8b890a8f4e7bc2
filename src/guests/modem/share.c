#include "share.h"

#include "../common/board.h"
#include "../common/timer.h"

#define SHARE_US 60
#define PERIOD_US 1000

static uint64_t period_begin, used, since; /* ticks; `used` without what is used since `since` */

static void begin(uint64_t now) {
  period_begin = since = now;
  used = 0;
}

void share_check(void) {
  uint64_t now = timer_now(), period = PERIOD_US * board.ticks_per_us, gone = now - period_begin;
  if (gone < period) {
    if (used + (now - since) < SHARE_US * board.ticks_per_us) return;
    task_set_period(period - gone);
    task_wait_release();
    now = timer_now();
  }
  begin(now);
}

void share_wait(struct semaphore *semaphore) {
  used += timer_now() - since;
  semaphore_take(semaphore);
  since = timer_now();
}
