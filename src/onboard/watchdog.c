#include "watchdog.h"
#include "scheduler.h"

static struct watchdog {
  uint64_t limit;   /* ticks */
  uint64_t compare; /* its timer, as of the last look */
  uint64_t overdue; /* ticks that the guest has run since that came */
} watchdogs[MAX_GUESTS];
uint32_t watched_guests;

/* A hang is a crash. */
void watchdogs_init(const struct config *config)
{
  if (config->restart_policy != RESTART_ON_CRASH)
    return;
  for (uint32_t guest = 0; guest < config->guest_count; guest++) {
    watchdogs[guest].limit = config->guests[guest].watchdog;
    watched_guests |= (uint32_t)(watchdogs[guest].limit != 0) << guest;
  }
}

bool watchdog_bites(uint32_t guest, uint64_t compare, uint64_t from, uint64_t to)
{
  struct watchdog *watchdog = &watchdogs[guest];
  if (watchdog->limit == 0)
    return false;
  bool still = compare <= from && compare == watchdog->compare;
  watchdog->compare = compare;
  watchdog->overdue = still ? watchdog->overdue + (to - from) : 0;
  if (watchdog->overdue < watchdog->limit)
    return false;
  watchdog->overdue = 0;
  return true;
}

uint64_t watchdog_event(int guest, uint64_t now, uint64_t event)
{
  if (guest == NOBODY || watchdogs[guest].limit == 0)
    return event;
  uint64_t look = now + (watchdogs[guest].limit - watchdogs[guest].overdue);
  return look < event ? look : event;
}
