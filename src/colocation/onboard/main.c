/* Nanokernel: several S-mode kernels time-shared on one hart, or each on its own. Memory is theirs by convention only, unless the
 * configuration turns the PMP module on (window.h). */
#include "channel.h"
#include "csr.h"
#include "devices/devices.h"
#include "nanokernel.h"
#include "window.h"

/* Left to M-mode: WFI traps as illegal instruction, access faults are where virtual devices lie, ecall is the SBI. */
#define NOT_DELEGATED \
  (CAUSE_BIT(CAUSE_ILLEGAL) | CAUSE_BIT(CAUSE_LOAD_ACCESS) | CAUSE_BIT(CAUSE_STORE_ACCESS) | CAUSE_BIT(CAUSE_ECALL_S))

static const struct config *shared_config;

/* Harts that have no guest stay where they are, whoever writes their MSIP. */
struct trap_frame *machine_secondary(uint64_t hart)
{
  if (HARTS == 1 || hart >= shared_config->hart_count)
    machine_park();
  machine_awake();
  machine_init_hart(shared_config, DELEGABLE_EXCEPTIONS & ~NOT_DELEGATED);
  dispatch_join(shared_config);
  dispatch();
  return &worlds[loaded_guest()].frame;
}

static void start_others(const struct config *config)
{
  shared_config = config;
  for (uint32_t hart = 1; hart < config->hart_count; hart++)
    machine_wake(hart);
}

struct trap_frame *machine_main(uint64_t hart, const struct config *config)
{
  (void)hart;
  machine_init(config, DELEGABLE_EXCEPTIONS & ~NOT_DELEGATED);
  windows_init(config);
  channel_init(config);
  devices_init(config);
  dispatch_init(config);
  if (HARTS > 1)
    start_others(config);
  dispatch();
  return &worlds[loaded_guest()].frame;
}
