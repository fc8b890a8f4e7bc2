#include "world-restart.h"
#include "csr.h"
#include "string.h"
#include "world.h"

#define DECIDING_INTERRUPTS (IRQ_BIT(IRQ_M_TIMER) | IRQ_BIT(IRQ_M_EXTERNAL))

static struct restart restarts[MAX_GUESTS];

void world_restart_init(const struct config *config)
{
  for (uint32_t guest = 0; guest < config->guest_count; guest++)
    if (!restart_init(&restarts[guest], config, guest))
      machine_fail("unsound pristine copy");
}

bool world_restart_request(uint32_t guest, enum restart_cause cause)
{
  return restart_request(&restarts[guest], cause);
}

bool world_restarting(uint32_t guest) { return restart_pending(&restarts[guest]); }

enum restart_result world_restart_go_on(void)
{
  enum restart_result result;
  do
    result = restart_step(&restarts[loaded_guest()]);
  while (result == RESTART_GOES_ON && !(csr_read(mip) & DECIDING_INTERRUPTS & csr_read(mie)));
  return result;
}

void layer_reset_context(uint32_t guest)
{
  (void)guest; /* the loaded one */
  world_reset(csr_read(time));
}

void layer_reset_interrupts(uint32_t guest) { world_release_sources(&worlds[guest]); }

/* Memory of guests is at its own address, and none of it is absent. */
bool layer_restore_page(uint64_t address, const uint64_t *from)
{
  if (from)
    memcpy((void *)address, from, RESTART_STEP_BYTES);
  else
    memset((void *)address, 0, RESTART_STEP_BYTES);
  return true;
}
