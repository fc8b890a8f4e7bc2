#include "run.h"
#include "csr.h"
#include "devices/devices.h"
#include "scheduler.h"
#include "vplic.h"
#include "world.h"

static struct scheduler scheduler;
static int running = NOBODY;
static uint64_t running_since; /* mtime tick up to which time has been charged */
static bool undecided;

void run_init(const struct config *config) { scheduler_init(&scheduler, config); }

void run_reconsider(void) { undecided = true; }

void layer_wake(uint32_t guest)
{
  scheduler.guests[guest].runnable = true;
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
  scheduler.guests[vm->index].runnable = false;
  run_reconsider();
}

void run_stop(struct vm *vm)
{
  scheduler.guests[vm->index].stopped = true;
  run_reconsider();
}

static bool waiting(const struct vm *vm)
{
  const struct scheduled_guest *guest = &scheduler.guests[vm->index];
  return !guest->runnable && !guest->stopped;
}

static void wake(uint64_t now)
{
  for (uint32_t i = 0; i < vm_count; i++)
    if (waiting(&vms[i]) && world_interrupts(&vms[i], now))
      scheduler.guests[i].runnable = true;
}

/* The hypervisor's timer: the next moment at which the choice may be another. A guest that would not get the hart
 * anyway disturbs nobody; its timer is looked at when there is something to decide. */
static void arm_timer(uint64_t now)
{
  uint64_t event = scheduler_next_event(&scheduler, running, now);
  for (uint32_t i = 0; i < vm_count; i++) {
    if (!waiting(&vms[i]) || !scheduler_contends(&scheduler, (int)i, running, now))
      continue;
    uint64_t deadline = world_deadline(&vms[i]);
    event = deadline < event ? deadline : event;
  }
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

static void charge(uint64_t now)
{
  if (running != NOBODY)
    scheduler_charge(&scheduler, running, running_since, now);
  running_since = now;
}

/* Steps of the loaded VM's restart, until it is done or an interrupt of ours calls for a choice. */
static void go_on_restarting(struct vm *vm)
{
  enum restart_result result;
  do
    result = restart_step(&vm->restart);
  while (result == RESTART_GOES_ON && !(csr_read(sip) & csr_read(sie)));
  if (result == RESTART_IMPOSSIBLE)
    scheduler.guests[vm->index].stopped = true;
  vplic_take_interrupts();
}

/* Chooses a guest, waiting for one as long as it takes, and loads it. */
static struct trap_frame *choose(void)
{
  for (;;) {
    uint64_t now = csr_read(time);
    charge(now);
    wake(now);
    running = scheduler_pick(&scheduler, now);
    arm_timer(now);
    if (running == NOBODY) {
      idle();
      continue;
    }
    struct vm *vm = &vms[running];
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
    undecided = false;
    return &vm->vcpu.frame;
  }
}

struct trap_frame *run_start(void)
{
  scheduler_start(&scheduler, csr_read(time));
  return choose();
}

struct trap_frame *run_next(struct vm *vm) { return undecided ? choose() : &vm->vcpu.frame; }
