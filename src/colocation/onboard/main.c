/* Nanokernel: several S-mode kernels time-shared on one hart. Memory is theirs by convention only, unless the
 * configuration turns the PMP module on (window.h). */
#include "channel.h"
#include "csr.h"
#include "devices/devices.h"
#include "nanokernel.h"
#include "window.h"

/* Left to M-mode: WFI traps as illegal instruction, access faults are where virtual devices lie, ecall is the SBI. */
#define NOT_DELEGATED \
  (CAUSE_BIT(CAUSE_ILLEGAL) | CAUSE_BIT(CAUSE_LOAD_ACCESS) | CAUSE_BIT(CAUSE_STORE_ACCESS) | CAUSE_BIT(CAUSE_ECALL_S))

/* The nanokernel has one hart; the others stay where they are, whoever writes their MSIP. */
struct trap_frame *machine_secondary(uint64_t hart)
{
  (void)hart;
  machine_park();
}

struct trap_frame *machine_main(uint64_t hart, const struct config *config)
{
  (void)hart;
  machine_init(config, DELEGABLE_EXCEPTIONS & ~NOT_DELEGATED);
  windows_init(config);
  channel_init(config);
  devices_init(config);
  dispatch_init(config);
  dispatch();
  return &worlds[current_guest].frame;
}
