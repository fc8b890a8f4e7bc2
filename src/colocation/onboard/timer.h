/* Each world's timer. With Sstc the running world's is its own stimecmp and M-mode sees it only at switches; without,
 * the compare value is in memory, M's timer stands in for it, and reaching it sets STIP once. */
#pragma once
#include "csr.h"
#include "world.h"

/* Without Sstc: turns a compare value that the loaded world has reached into STIP. */
static inline void timer_expire(struct world *world, uint64_t now)
{
  if (machine_features.sstc || world->timer > now)
    return;
  csr_set(mip, IRQ_BIT(IRQ_S_TIMER));
  world->timer = TIME_NEVER; /* consumed: never armed again */
}

static inline void timer_save(struct world *world)
{
  if (machine_features.sstc)
    world->timer = csr_read(stimecmp);
}

static inline void timer_load(struct world *world, uint64_t now)
{
  if (machine_features.sstc)
    csr_write(stimecmp, world->timer);
  else
    timer_expire(world, now);
}

/* SBI TIME of the loaded world. */
static inline void timer_set(struct world *world, uint64_t compare_ticks)
{
  if (machine_features.sstc) {
    csr_write(stimecmp, compare_ticks);
    return;
  }
  csr_clear(mip, IRQ_BIT(IRQ_S_TIMER));
  world->timer = compare_ticks;
}

/* The tick at which M-mode must look after the loaded world's timer. */
static inline uint64_t timer_of_loaded(const struct world *world)
{
  return machine_features.sstc ? TIME_NEVER : world->timer;
}

/* Whose interrupt the loaded world waits for, reached or not. Without Sstc one that was reached is gone: TIME_NEVER. */
static inline uint64_t timer_awaited(const struct world *world)
{
  if (!(csr_read(sie) & IRQ_BIT(IRQ_S_TIMER)))
    return TIME_NEVER;
  return machine_features.sstc ? csr_read(stimecmp) : world->timer;
}
