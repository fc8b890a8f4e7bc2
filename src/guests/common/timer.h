#pragma once
#include <stdint.h>

#define TIMER_NEVER (~0ul)

/* mtime, in ticks of 1 / (board.ticks_per_us) microseconds. */
uint64_t timer_now(void);

/* One interrupt once timer_now() >= tick; it replaces what was set before. */
void timer_set(uint64_t tick);

/* The interrupt came; quiet until the next timer_set. */
void timer_stop(void);
