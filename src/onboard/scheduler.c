#include "scheduler.h"
#include "csr.h"

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint64_t window_phase(const struct scheduler *scheduler, const struct scheduled_guest *guest, uint64_t now)
{
  return (now - scheduler->origin) % guest->window_period;
}

/* When its window opens or closes next. */
static uint64_t window_change(const struct scheduler *scheduler, const struct scheduled_guest *guest, uint64_t now)
{
  uint64_t phase = window_phase(scheduler, guest, now);
  uint64_t end = guest->window_start + guest->window_length;
  uint64_t next = phase < guest->window_start ? guest->window_start
                  : phase < end               ? end
                                              : guest->window_period + guest->window_start;
  return now + (next - phase);
}

/* Starts the period that holds `now`, if the last one is over. A division, not a loop: time may have leapt. Each period
 * since brings a budget, which a debt takes first; nothing is saved up. */
static inline void replenish(struct scheduled_guest *guest, uint64_t now)
{
  if (!guest->budget || now < guest->period_end)
    return;
  uint64_t periods = (now - guest->period_end) / guest->period + 1;
  int64_t budget = (int64_t)guest->budget, left = guest->left + (int64_t)periods * budget;
  guest->period_end += periods * guest->period;
  guest->left = left < budget ? left : budget;
}

/* Brings up to date what depends on the time. */
static inline void refresh(const struct scheduler *scheduler, struct scheduled_guest *guest, uint64_t now)
{
  if (!guest->limited)
    return;
  replenish(guest, now);
  /* Before its start the difference wraps round. */
  if (guest->window_period)
    guest->open = window_phase(scheduler, guest, now) - guest->window_start < guest->window_length;
}

static bool within_limits(const struct scheduled_guest *guest)
{
  return !guest->limited || (guest->left > 0 && guest->open);
}

static bool eligible(const struct scheduled_guest *guest)
{
  return guest->runnable && !guest->stopped && within_limits(guest);
}

static bool before(const struct scheduled_guest *a, const struct scheduled_guest *b)
{
  return a->priority != b->priority ? a->priority > b->priority : a->turn < b->turn;
}

void scheduler_init(struct scheduler *scheduler, const struct config *config)
{
  *scheduler = (struct scheduler){.count = config->guest_count};
  for (uint32_t i = 0; i < scheduler->count; i++) {
    const struct guest_config *from = &config->guests[i];
    /* A budget that fills its period limits nothing. */
    bool limits = config->scheduling == SCHEDULE_BUDGET;
    bool budgeted = limits && from->budget != 0 && from->budget < from->period;
    scheduler->guests[i] = (struct scheduled_guest){
        .priority = from->priority,
        .budget = budgeted ? from->budget : 0,
        .period = budgeted ? from->period : 0,
        .window_start = from->window_start,
        .window_length = from->window_length,
        .window_period = limits ? from->window_period : 0,
        .limited = budgeted || (limits && from->window_period != 0),
        .runnable = true,
        .left = budgeted ? (int64_t)from->budget : 1,
        .open = true,
        .slice_left = SCHEDULE_SLICE_TICKS,
        .turn = scheduler->turns++,
    };
  }
}

void scheduler_start(struct scheduler *scheduler, uint64_t now)
{
  scheduler->origin = now;
  for (uint32_t i = 0; i < scheduler->count; i++)
    scheduler->guests[i].period_end = now + scheduler->guests[i].period;
}

int scheduler_pick(struct scheduler *scheduler, uint64_t now)
{
  int best = NOBODY;
  for (uint32_t i = 0; i < scheduler->count; i++) {
    struct scheduled_guest *guest = &scheduler->guests[i];
    refresh(scheduler, guest, now);
    if (eligible(guest) && (best == NOBODY || before(guest, &scheduler->guests[best])))
      best = (int)i;
  }
  return best;
}

void scheduler_charge(struct scheduler *scheduler, int index, uint64_t from, uint64_t to)
{
  struct scheduled_guest *guest = &scheduler->guests[index];
  uint64_t used = to - from;
  if (used >= guest->slice_left) {
    guest->slice_left = SCHEDULE_SLICE_TICKS;
    guest->turn = scheduler->turns++;
  } else {
    guest->slice_left -= used;
  }
  if (!guest->budget)
    return;
  /* What it ran of the period that ends now it owes to that one, the rest to the next. A call that the layer answered
   * for it may have outlasted its budget. */
  uint64_t end = earlier(to, guest->period_end);
  if (from < end)
    guest->left -= (int64_t)(end - from);
  if (to <= guest->period_end)
    return;
  replenish(guest, to);
  uint64_t period_start = guest->period_end - guest->period;
  guest->left -= (int64_t)(to - (from > period_start ? from : period_start));
}

bool scheduler_may_run(struct scheduler *scheduler, int index, uint64_t now)
{
  struct scheduled_guest *guest = &scheduler->guests[index];
  refresh(scheduler, guest, now);
  return !guest->stopped && within_limits(guest);
}

bool scheduler_contends(struct scheduler *scheduler, int index, int running, uint64_t now)
{
  if (index == running || !scheduler_may_run(scheduler, index, now))
    return false;
  return running == NOBODY || scheduler->guests[index].priority >= scheduler->guests[running].priority;
}

uint64_t scheduler_next_event(struct scheduler *scheduler, int running, uint64_t now)
{
  uint64_t event = TIME_NEVER;
  bool equals = false;
  for (uint32_t i = 0; i < scheduler->count; i++) {
    struct scheduled_guest *guest = &scheduler->guests[i];
    refresh(scheduler, guest, now);
    if ((int)i == running || guest->stopped)
      continue;
    bool greater = running == NOBODY || guest->priority > scheduler->guests[running].priority;
    bool equal = !greater && guest->priority == scheduler->guests[running].priority;
    if ((greater || equal) && !within_limits(guest))
      event = earlier(event, guest->open ? guest->period_end : window_change(scheduler, guest, now));
    equals |= equal && eligible(guest);
  }
  if (running == NOBODY)
    return event;

  const struct scheduled_guest *guest = &scheduler->guests[running];
  if (guest->window_period)
    event = earlier(event, window_change(scheduler, guest, now));
  if (guest->budget) {
    /* What is left may last into the next period, which then brings a whole budget. */
    uint64_t exhausted = now + (guest->left > 0 ? (uint64_t)guest->left : 0);
    event = earlier(event, exhausted < guest->period_end ? exhausted : guest->period_end + guest->budget);
  }
  if (equals)
    event = earlier(event, now + guest->slice_left);
  return event;
}
