/* Each world's timer. With Sstc the running world's is its own stimecmp and M-mode sees it only at switches; without,
 * the compare value is in memory, M's timer stands in for it, and reaching it sets STIP once. */
#pragma once
#include "world.h"

void timer_save(struct world *world);
void timer_load(struct world *world, uint64_t now);
/* SBI TIME of the loaded world. */
void timer_set(struct world *world, uint64_t compare_ticks);
/* Without Sstc: turns a compare value that the loaded world has reached into STIP. */
void timer_expire(struct world *world, uint64_t now);
/* The tick at which M-mode must look after the loaded world's timer. */
uint64_t timer_of_loaded(const struct world *world);
