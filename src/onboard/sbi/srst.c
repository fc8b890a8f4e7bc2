/* System reset. Whether "the system" is the caller or the machine is the scenario's policy, the same in every mode. A
 * guest that asks to be off is off; one that asks for a reboot is restarted as that policy says. */
#include "../config.h"
#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  uint32_t type = (uint32_t)args[0], reason = (uint32_t)args[1];
  if (function != 0)
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  if (type > RESET_WARM_REBOOT || reason > RESET_SYSTEM_FAILURE)
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  if (caller->reset_policy == RESET_MACHINE)
    layer_reset_machine(type, reason);
  if (type == RESET_SHUTDOWN || !layer_restart(caller))
    layer_park(caller);
  return (struct sbi_result){SBI_SUCCESS, 0};
}

const struct sbi_extension sbi_srst = {SBI_SRST, handle};
