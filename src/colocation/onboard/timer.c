#include "timer.h"
#include "csr.h"

void timer_save(struct world *world)
{
  if (machine_features.sstc)
    world->timer = csr_read(stimecmp);
}

void timer_load(struct world *world, uint64_t now)
{
  if (machine_features.sstc)
    csr_write(stimecmp, world->timer);
  else
    timer_expire(world, now);
}

void timer_set(struct world *world, uint64_t compare_ticks)
{
  if (machine_features.sstc) {
    csr_write(stimecmp, compare_ticks);
    return;
  }
  csr_clear(mip, IRQ_BIT(IRQ_S_TIMER));
  world->timer = compare_ticks;
}

void timer_expire(struct world *world, uint64_t now)
{
  if (machine_features.sstc || world->timer > now)
    return;
  csr_set(mip, IRQ_BIT(IRQ_S_TIMER));
  world->timer = TIME_NEVER; /* consumed: never armed again */
}

uint64_t timer_of_loaded(const struct world *world) { return machine_features.sstc ? TIME_NEVER : world->timer; }
