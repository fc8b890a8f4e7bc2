/* Notices a guest that hangs with its interrupts off: its timer has come, and for so long of the guest's own time it takes
 * no interrupt of it, which would set the timer anew. It asks nothing of a guest. One that hangs and serves its timer
 * meanwhile is not noticed, nor one without a timer. */
#pragma once
#include "config.h"
#include <stdbool.h>
#include <stdint.h>

void watchdogs_init(const struct config *config);
extern uint32_t watched_guests; /* one bit each; where there are none nothing below need be called */

/* The guest has run from tick `from` to `to`; its timer is at `compare` now, TIME_NEVER: it waits for none. True, once: it
 * hangs, by twice the limit at the latest. */
bool watchdog_bites(uint32_t guest, uint64_t compare, uint64_t from, uint64_t to);
/* `event`, or when to look again if that guest, or nobody, runs from `now` on, if that is earlier. */
uint64_t watchdog_event(int guest, uint64_t now, uint64_t event);
