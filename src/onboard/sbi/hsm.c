/* Hart state management. */
#include "../sbi.h"

#define SUSPEND_RETENTIVE 0
#define SUSPEND_NON_RETENTIVE 0x80000000u

static struct sbi_result start(const struct sbi_caller *caller, uint64_t hart, uint64_t address, uint64_t argument)
{
  if (hart > caller->last_hart)
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  if (address < caller->memory_base || address - caller->memory_base >= caller->memory_size || address & 1)
    return (struct sbi_result){SBI_ERR_INVALID_ADDRESS, 0};
  return (struct sbi_result){layer_start(caller, (uint32_t)hart, address, argument), 0};
}

static struct sbi_result suspend(const struct sbi_caller *caller, uint32_t type)
{
  switch (type) {
  case SUSPEND_RETENTIVE: layer_wait(caller); return (struct sbi_result){SBI_SUCCESS, 0};
  case SUSPEND_NON_RETENTIVE: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  default: return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  }
}

static struct sbi_result status(const struct sbi_caller *caller, uint64_t hart)
{
  if (hart > caller->last_hart)
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  return (struct sbi_result){SBI_SUCCESS, layer_state(caller, (uint32_t)hart)};
}

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  switch (function) {
  case HSM_HART_START: return start(caller, args[0], args[1], args[2]);
  case HSM_HART_STOP: layer_stop(caller); return (struct sbi_result){SBI_SUCCESS, 0};
  case HSM_HART_GET_STATUS: return status(caller, args[0]);
  case HSM_HART_SUSPEND: return suspend(caller, (uint32_t)args[0]);
  default: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  }
}

const struct sbi_extension sbi_hsm = {SBI_HSM, handle};
