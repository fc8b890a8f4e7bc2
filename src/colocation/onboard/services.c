/* The SBI's needs that depend on there being several worlds. The caller is always the loaded one. */
#include "devices/devices.h"
#include "nanokernel.h"
#include "timer.h"

void layer_set_timer(const struct sbi_caller *caller, uint64_t compare_ticks)
{
  timer_set(&worlds[caller->guest], compare_ticks);
  if (!machine_features.sstc)
    dispatch_request(); /* M's timer stands in for the world's */
}

void layer_wait(const struct sbi_caller *caller)
{
  (void)caller;
  dispatch_wait();
}

bool layer_restart(const struct sbi_caller *caller)
{
  (void)caller;
  return dispatch_restart(RESTART_ASKED);
}

void layer_stop(const struct sbi_caller *caller)
{
  (void)caller;
  dispatch_stop();
}

const struct sbi_extension *const sbi_service = &sbi_channel;

const struct sbi_caller *layer_caller(uint32_t guest) { return &worlds[guest].caller; }
void layer_wake(uint32_t guest) { dispatch_wake(guest); }

static uint32_t visitor = NO_GUEST; /* one at a time: visits are exclusive */

void layer_visit(uint32_t guest)
{
  visitor = loaded_guest();
  current_guest[own_hart()] = guest;
}

void layer_leave(void) { current_guest[own_hart()] = visitor; }
