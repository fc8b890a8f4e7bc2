/* Hart state management for a guest of one hart, number 0, which is started because it calls. */
#include "../sbi.h"

#define HART_STARTED 0
#define SUSPEND_RETENTIVE 0
#define SUSPEND_NON_RETENTIVE 0x80000000u

static struct sbi_result suspend(const struct sbi_caller *caller, uint32_t type)
{
  switch (type) {
  case SUSPEND_RETENTIVE: layer_wait(caller); return (struct sbi_result){SBI_SUCCESS, 0};
  case SUSPEND_NON_RETENTIVE: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  default: return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  }
}

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  switch (function) {
  case HSM_HART_START: return (struct sbi_result){args[0] == 0 ? SBI_ERR_ALREADY_AVAILABLE : SBI_ERR_INVALID_PARAM, 0};
  case HSM_HART_STOP: layer_stop(caller); return (struct sbi_result){SBI_SUCCESS, 0};
  case HSM_HART_GET_STATUS: return (struct sbi_result){args[0] == 0 ? SBI_SUCCESS : SBI_ERR_INVALID_PARAM, HART_STARTED};
  case HSM_HART_SUSPEND: return suspend(caller, (uint32_t)args[0]);
  default: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  }
}

const struct sbi_extension sbi_hsm = {SBI_HSM, handle};
