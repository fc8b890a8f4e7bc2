/* Who runs, and what may change that. All decisions are here; the trap handlers only ask for one. */
#include "csr.h"
#include "devices/devices.h"
#include "nanokernel.h"
#include "platform.h"
#include "plic.h"
#include "scheduler.h"
#include "timer.h"
#include "watchdog.h"
#include "world-restart.h"

/* By hart. */
static struct scheduler schedulers[HARTS];
static uint64_t running_since[HARTS]; /* tick up to which the current guest's time is charged */
static bool requested[HARTS];

static uint32_t woken[HARTS]; /* guests for whom another hart found something to do, one bit each */
static uint32_t harts = 1;

static struct scheduler *own_scheduler(void) { return &schedulers[own_hart()]; }
static struct scheduled_guest *scheduled(uint32_t guest) { return &own_scheduler()->guests[guest]; }

static void begin(const struct config *config)
{
  scheduler_init(own_scheduler(), config);
  for (uint32_t guest = 0; guest < config->guest_count; guest++)
    if (hart_of_guest(config, guest) != own_hart())
      scheduled(guest)->stopped = true;
  csr_write(mie, IRQ_BIT(IRQ_M_TIMER) | IRQ_BIT(IRQ_M_EXTERNAL) | (HARTS > 1 ? IRQ_BIT(IRQ_M_SOFTWARE) : 0));
  running_since[own_hart()] = csr_read(time);
  scheduler_start(own_scheduler(), running_since[own_hart()]);
}

void dispatch_init(const struct config *config)
{
  for (uint32_t guest = 0; guest < config->guest_count; guest++)
    world_init(config, guest);
  world_restart_init(config);
  watchdogs_init(config);
  if (HARTS > 1)
    harts = config->hart_count;
  begin(config);
}

void dispatch_join(const struct config *config) { begin(config); }

static __attribute__((noinline)) void watch(uint32_t guest, uint64_t now)
{
  if (watchdog_bites(guest, timer_awaited(&worlds[guest]), running_since[own_hart()], now) &&
      !world_restart_request(guest, RESTART_CRASHED))
    scheduled(guest)->stopped = true;
}

static void charge(uint64_t now)
{
  if (loaded_guest() == NO_GUEST)
    return;
  scheduler_charge(own_scheduler(), (int)loaded_guest(), running_since[own_hart()], now);
  if (watched_guests)
    watch(loaded_guest(), now);
}

static bool waiting(uint32_t guest) { return !scheduled(guest)->runnable && !scheduled(guest)->stopped; }

static void take_woken(void)
{
  machine_awake(); /* before looking, so that what is asked later wakes again */
  uint32_t guests = __atomic_exchange_n(&woken[own_hart()], 0, __ATOMIC_ACQUIRE);
  for (uint32_t guest = 0; guest < own_scheduler()->count; guest++)
    if (guests >> guest & 1)
      scheduled(guest)->runnable = true;
}

static void wake(uint64_t now)
{
  if (HARTS > 1 && csr_read(mip) & IRQ_BIT(IRQ_M_SOFTWARE))
    take_woken();
  if (loaded_guest() != NO_GUEST)
    timer_expire(&worlds[loaded_guest()], now);
  for (uint32_t guest = 0; guest < own_scheduler()->count; guest++)
    if (waiting(guest) && world_interrupted(&worlds[guest], now))
      scheduled(guest)->runnable = true;
}

/* Of the layer's own devices; the first hart hears them. */
static uint64_t own_devices(void) { return HARTS == 1 || own_hart() == 0 ? devices_sources : 0; }

/* Arms M's timer and sources. Only those who would compete for the hart are listened to. */
static void listen(int running, uint64_t now)
{
  uint64_t event = scheduler_next_event(own_scheduler(), running, now);
  uint64_t sources = 0;
  for (uint32_t guest = 0; guest < own_scheduler()->count; guest++) {
    const struct world *world = &worlds[guest];
    if (world_loaded(world)) {
      uint64_t timer = timer_of_loaded(world);
      event = timer < event ? timer : event;
    } else if (waiting(guest) && scheduler_contends(own_scheduler(), (int)guest, running, now)) {
      if ((world->sie & IRQ_BIT(IRQ_S_TIMER)) && world->timer < event)
        event = world->timer;
      if (world->sie & IRQ_BIT(IRQ_S_EXTERNAL))
        sources |= world->sources & world->enables & ~world->masked;
    }
  }
  if (watched_guests)
    event = watchdog_event(running, now, event);
  machine_set_timer(event);
  plic_enable(PLIC_CONTEXT_M(own_hart()), sources | own_devices());
}

/* Nothing else is enabled meanwhile, so that no claim takes what is a guest's; the decision that follows enables it. */
void dispatch_serve_devices(void)
{
  if (!(plic_pending() & own_devices()))
    return;
  plic_enable(PLIC_CONTEXT_M(own_hart()), own_devices());
  uint32_t source = plic_claim(PLIC_CONTEXT_M(own_hart()));
  devices_interrupt();
  plic_complete(PLIC_CONTEXT_M(own_hart()), source);
}

/* Who runs now: loaded, or NOBODY; whatever may change that is armed. */
static int decide(void)
{
  uint64_t now = csr_read(time);
  wake(now);
  int next = scheduler_pick(own_scheduler(), now);
  if (next != NOBODY && next != (int)loaded_guest())
    world_switch((uint32_t)next, now);
  listen(next, now);
  running_since[own_hart()] = now;
  return next;
}

/* The last world stays loaded, and its own interrupts end the wait too, unless it may not run. */
static void idle(void)
{
  uint64_t enabled = csr_read(sie);
  if (loaded_guest() == NO_GUEST || !scheduler_may_run(own_scheduler(), (int)loaded_guest(), running_since[own_hart()]))
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
    scheduled(loaded_guest())->stopped = true;
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
  requested[own_hart()] = false; /* whatever asked for it on the way was looked at */
}

void dispatch_request(void) { requested[own_hart()] = true; }

bool dispatch_pending(void) { return requested[own_hart()]; }

bool dispatch_restart(enum restart_cause cause)
{
  if (!world_restart_request(loaded_guest(), cause))
    return false;
  dispatch_request();
  return true;
}

void dispatch_wait(void)
{
  if (world_interrupted(&worlds[loaded_guest()], csr_read(time)))
    return;
  if (csr_read(sie) == 0 && dispatch_restart(RESTART_CRASHED))
    return;
  scheduled(loaded_guest())->runnable = false;
  dispatch_request();
}

void dispatch_wake(uint32_t guest)
{
  uint32_t hart = HARTS == 1 ? 0 : guest % harts;
  if (hart != own_hart()) {
    __atomic_fetch_or(&woken[hart], 1u << guest, __ATOMIC_RELEASE);
    machine_wake(hart);
    return;
  }
  scheduled(guest)->runnable = true;
  dispatch_request();
}

void dispatch_stop(void)
{
  scheduled(loaded_guest())->stopped = true;
  dispatch_request();
}
