/* Which guest runs: fixed priority, a budget per period, a window of time, equals in turn. Both layers link this one source; it knows
 * nothing of modes, contexts or interrupts. Policies are data from the configuration block. Times are mtime ticks. */
#pragma once
#include "config.h"
#include <stdbool.h>
#include <stdint.h>

#define NOBODY (-1)
#define SCHEDULE_SLICE_TICKS 100000 /* 10 ms: how long an equal in priority must wait */

struct scheduled_guest {
  /* Policy. */
  uint32_t priority;       /* greater runs first */
  uint64_t budget, period; /* at most `budget` in each `period`; budget 0 = unlimited */
  uint64_t window_start, window_length, window_period; /* of each period, when it may run; period 0 = always */
  bool limited; /* it has a budget or a window */
  /* The layer's: is there anything to do? A waiting guest is not runnable until one of its interrupts is pending. */
  bool runnable;
  bool stopped; /* parked for good */
  /* State. */
  int64_t left;        /* of the budget, in this period; negative: a debt, which later periods pay; 1 without budget */
  bool open;           /* its window, as of the last look */
  uint64_t period_end; /* when the budget is full again; the first period began at scheduler_start */
  uint64_t slice_left; /* before an equal gets its turn */
  uint64_t turn;       /* among equals the smallest runs */
};

struct scheduler {
  uint32_t count;
  uint64_t origin; /* when all periods of windows began */
  uint64_t turns;
  struct scheduled_guest guests[MAX_GUESTS];
};

/* All guests of the configuration become runnable with full budgets. */
void scheduler_init(struct scheduler *scheduler, const struct config *config);
/* Their first periods begin, of windows too: the layer has nothing left to do before the first guest. */
void scheduler_start(struct scheduler *scheduler, uint64_t now);
/* The guest that runs from now on, or NOBODY. */
int scheduler_pick(struct scheduler *scheduler, uint64_t now);
/* The guest has run, layer time on its behalf included, from one tick to another. */
void scheduler_charge(struct scheduler *scheduler, int guest, uint64_t from, uint64_t to);
/* The tick, after now, at which scheduler_pick may differ although no interrupt came; TIME_NEVER if none.
 * `running` may be NOBODY. */
uint64_t scheduler_next_event(struct scheduler *scheduler, int running, uint64_t now);
/* Would the guest, if it became runnable now, compete with `running` for the hart? The layer arms the timer and the
 * interrupt sources of these guests alone, so that a lesser guest's interrupt never disturbs a greater one. */
bool scheduler_contends(struct scheduler *scheduler, int guest, int running, uint64_t now);
/* May it run at all: not stopped, within its budget and its window? */
bool scheduler_may_run(struct scheduler *scheduler, int guest, uint64_t now);
