/* Who runs, and what may change that. All decisions are here; the trap handlers only ask for one. */
#include "csr.h"
#include "devices/devices.h"
#include "nanokernel.h"
#include "platform.h"
#include "plic.h"
#include "scheduler.h"
#include "timer.h"
#include "world-restart.h"

static struct scheduler scheduler;
static uint64_t running_since; /* tick up to which the current guest's time is charged */
static bool requested;

void dispatch_init(const struct config *config)
{
  for (uint32_t guest = 0; guest < config->guest_count; guest++)
    world_init(config, guest);
  world_restart_init(config);
  scheduler_init(&scheduler, config);
  csr_write(mie, IRQ_BIT(IRQ_M_TIMER) | IRQ_BIT(IRQ_M_EXTERNAL));
  running_since = csr_read(time);
  scheduler_start(&scheduler, running_since);
}

static void charge(uint64_t now)
{
  if (current_guest != NO_GUEST)
    scheduler_charge(&scheduler, (int)current_guest, running_since, now);
}

static bool waiting(uint32_t guest) { return !scheduler.guests[guest].runnable && !scheduler.guests[guest].stopped; }

static void wake(uint64_t now)
{
  if (current_guest != NO_GUEST)
    timer_expire(&worlds[current_guest], now);
  for (uint32_t guest = 0; guest < scheduler.count; guest++)
    if (waiting(guest) && world_interrupted(&worlds[guest], now))
      scheduler.guests[guest].runnable = true;
}

/* Arms M's timer and sources. Only those who would compete for the hart are listened to. */
static void listen(int running, uint64_t now)
{
  uint64_t event = scheduler_next_event(&scheduler, running, now);
  uint64_t sources = 0;
  for (uint32_t guest = 0; guest < scheduler.count; guest++) {
    const struct world *world = &worlds[guest];
    if (world_loaded(world)) {
      uint64_t timer = timer_of_loaded(world);
      event = timer < event ? timer : event;
    } else if (waiting(guest) && scheduler_contends(&scheduler, (int)guest, running, now)) {
      if ((world->sie & IRQ_BIT(IRQ_S_TIMER)) && world->timer < event)
        event = world->timer;
      if (world->sie & IRQ_BIT(IRQ_S_EXTERNAL))
        sources |= world->sources & world->enables & ~world->masked;
    }
  }
  machine_set_timer(event);
  plic_enable(PLIC_CONTEXT_M(0), sources | devices_sources);
}

/* Nothing else is enabled meanwhile, so that no claim takes what is a guest's; the decision that follows enables it. */
void dispatch_serve_devices(void)
{
  if (!(plic_pending() & devices_sources))
    return;
  plic_enable(PLIC_CONTEXT_M(0), devices_sources);
  uint32_t source = plic_claim(PLIC_CONTEXT_M(0));
  devices_interrupt();
  plic_complete(PLIC_CONTEXT_M(0), source);
}

/* Who runs now: loaded, or NOBODY; whatever may change that is armed. */
static int decide(void)
{
  uint64_t now = csr_read(time);
  wake(now);
  int next = scheduler_pick(&scheduler, now);
  if (next != NOBODY && (uint32_t)next != current_guest)
    world_switch((uint32_t)next, now);
  listen(next, now);
  running_since = now;
  return next;
}

/* The last world stays loaded, and its own interrupts end the wait too, unless it may not run. */
static void idle(void)
{
  uint64_t enabled = csr_read(sie);
  if (current_guest == NO_GUEST || !scheduler_may_run(&scheduler, (int)current_guest, running_since))
    csr_write(sie, 0);
  wait_for_interrupt();
  csr_write(sie, enabled);
  if (devices_sources)
    dispatch_serve_devices();
}

/* The world that was decided for has no instruction to run yet. */
static void restart(void)
{
  if (world_restart_go_on() == RESTART_IMPOSSIBLE)
    scheduler.guests[current_guest].stopped = true;
  if (devices_sources)
    dispatch_serve_devices();
  charge(csr_read(time));
}

/* What its virtual devices have to do for the world that was decided for. It may change the decision. */
static void work(uint32_t guest)
{
  devices_work(guest);
  charge(csr_read(time));
}

void dispatch(void)
{
  charge(csr_read(time));
  for (;;) {
    int next = decide();
    if (next == NOBODY)
      idle();
    else if (world_restarting((uint32_t)next))
      restart();
    else if (devices_pending((uint32_t)next))
      work((uint32_t)next);
    else
      break;
  }
  requested = false; /* whatever asked for it on the way was looked at */
}

void dispatch_request(void) { requested = true; }

bool dispatch_pending(void) { return requested; }

bool dispatch_restart(enum restart_cause cause)
{
  if (!world_restart_request(current_guest, cause))
    return false;
  dispatch_request();
  return true;
}

void dispatch_wait(void)
{
  if (world_interrupted(&worlds[current_guest], csr_read(time)))
    return;
  if (csr_read(sie) == 0 && dispatch_restart(RESTART_CRASHED))
    return;
  scheduler.guests[current_guest].runnable = false;
  dispatch_request();
}

void dispatch_wake(uint32_t guest)
{
  scheduler.guests[guest].runnable = true;
  dispatch_request();
}

void dispatch_stop(void)
{
  scheduler.guests[current_guest].stopped = true;
  dispatch_request();
}
