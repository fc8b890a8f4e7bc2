#include "run.h"
#include "console.h"
#include "csr.h"
#include "devices/devices.h"
#include "hart.h"
#include "scheduler.h"
#include "vplic.h"
#include "watchdog.h"
#include "world.h"

/* By hart. */
static struct scheduler schedulers[HARTS];
static int running[HARTS] = {[0 ... HARTS - 1] = NOBODY};
static uint64_t running_since[HARTS]; /* mtime tick up to which time has been charged */
static bool undecided[HARTS];

static uint32_t woken[HARTS]; /* guests for whom another hart found something to do, one bit each */

static struct scheduler *own_scheduler(void) { return &schedulers[own_hart()]; }
static struct scheduled_guest *scheduled(uint32_t guest) { return &own_scheduler()->guests[guest]; }

void run_init(const struct config *config)
{
  watchdogs_init(config);
  for (uint32_t hart = 0; hart < HARTS; hart++) {
    scheduler_init(&schedulers[hart], config);
    for (uint32_t guest = 0; guest < config->guest_count; guest++)
      if (hart_of_guest(config, guest) != hart)
        schedulers[hart].guests[guest].stopped = true;
  }
}

void run_reconsider(void) { undecided[own_hart()] = true; }

void layer_wake(uint32_t guest)
{
  if (HARTS > 1 && vms[guest].hart != own_hart()) {
    __atomic_fetch_or(&woken[vms[guest].hart], 1u << guest, __ATOMIC_RELEASE);
    firmware_interrupt_hart(vms[guest].hart);
    return;
  }
  scheduled(guest)->runnable = true;
  run_reconsider();
}

bool run_restart(struct vm *vm, enum restart_cause cause)
{
  if (!restart_request(&vm->restart, cause))
    return false;
  run_reconsider();
  return true;
}

void run_wait(struct vm *vm)
{
  if (world_interrupts(vm, csr_read(time)))
    return;
  if (csr_read(vsie) == 0 && run_restart(vm, RESTART_CRASHED))
    return;
  scheduled(vm->index)->runnable = false;
  run_reconsider();
}

void run_stop(struct vm *vm)
{
  scheduled(vm->index)->stopped = true;
  run_reconsider();
}

static bool waiting(const struct vm *vm)
{
  const struct scheduled_guest *guest = scheduled(vm->index);
  return !guest->runnable && !guest->stopped;
}

static void take_woken(void)
{
  csr_clear(sip, IRQ_BIT(IRQ_S_SOFTWARE)); /* before looking, so that what is asked later wakes again */
  uint32_t guests = __atomic_exchange_n(&woken[own_hart()], 0, __ATOMIC_ACQUIRE);
  for (uint32_t i = 0; i < vm_count; i++)
    if (guests >> i & 1)
      scheduled(i)->runnable = true;
}

static void wake(uint64_t now)
{
  if (HARTS > 1 && csr_read(sip) & IRQ_BIT(IRQ_S_SOFTWARE))
    take_woken();
  for (uint32_t i = 0; i < vm_count; i++)
    if (waiting(&vms[i]) && world_interrupts(&vms[i], now))
      scheduled(i)->runnable = true;
}

/* The hypervisor's timer: the next moment at which the choice may be another. A guest that would not get the hart
 * anyway disturbs nobody; its timer is looked at when there is something to decide. */
static void arm_timer(uint64_t now)
{
  uint64_t event = scheduler_next_event(own_scheduler(), running[own_hart()], now);
  for (uint32_t i = 0; i < vm_count; i++) {
    if (!waiting(&vms[i]) || !scheduler_contends(own_scheduler(), (int)i, running[own_hart()], now))
      continue;
    uint64_t deadline = world_deadline(&vms[i]);
    event = deadline < event ? deadline : event;
  }
  if (watched_guests)
    event = watchdog_event(running[own_hart()], now, event);
  csr_write(stimecmp, event);
}

/* Waits in HS-mode for an interrupt of ours. The loaded guest's own are masked meanwhile: it may be one that is stopped
 * or out of budget. */
static void idle(void)
{
  uint64_t vsie = csr_read(vsie);
  csr_write(vsie, 0);
  wait_for_interrupt();
  csr_write(vsie, vsie);
  vplic_take_interrupts();
}

static __attribute__((noinline)) void watch(struct vm *vm, uint64_t now)
{
  if (watchdog_bites(vm->index, world_deadline(vm), running_since[own_hart()], now) &&
      !restart_request(&vm->restart, RESTART_CRASHED))
    scheduled(vm->index)->stopped = true;
}

static void charge(uint64_t now)
{
  if (running[own_hart()] != NOBODY) {
    scheduler_charge(own_scheduler(), running[own_hart()], running_since[own_hart()], now);
    if (watched_guests)
      watch(&vms[running[own_hart()]], now);
  }
  running_since[own_hart()] = now;
}

/* Steps of the loaded VM's restart, until it is done or an interrupt of ours calls for a choice. */
static void go_on_restarting(struct vm *vm)
{
  enum restart_result result;
  do
    result = restart_step(&vm->restart);
  while (result == RESTART_GOES_ON && !(csr_read(sip) & csr_read(sie)));
  if (result == RESTART_IMPOSSIBLE)
    scheduled(vm->index)->stopped = true;
  vplic_take_interrupts();
}

/* Chooses a guest, waiting for one as long as it takes, and loads it. */
static struct trap_frame *choose(void)
{
  for (;;) {
    uint64_t now = csr_read(time);
    charge(now);
    wake(now);
    running[own_hart()] = scheduler_pick(own_scheduler(), now);
    arm_timer(now);
    if (running[own_hart()] == NOBODY) {
      idle();
      continue;
    }
    struct vm *vm = &vms[running[own_hart()]];
    world_load(vm);
    if (restart_pending(&vm->restart)) {
      go_on_restarting(vm);
      continue;
    }
    if (devices_pending(vm->index)) {
      devices_work(vm->index);
      vplic_take_interrupts();
      continue;
    }
    undecided[own_hart()] = false;
    return &vm->vcpu.frame;
  }
}

struct trap_frame *run_start(void)
{
  scheduler_start(own_scheduler(), csr_read(time));
  return choose();
}

struct trap_frame *run_next(struct vm *vm) { return undecided[own_hart()] ? choose() : &vm->vcpu.frame; }
