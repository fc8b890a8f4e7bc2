/* Remote fences. A range is answered by a full fence, which the specification allows and which bounds the work. */
#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  uint64_t harts = 0;
  if (function >= RFENCE_COUNT || (function >= RFENCE_HFENCE_GVMA_VMID && !caller->hypervisor))
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  if (!sbi_harts(caller, args[0], args[1], &harts))
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  bool done = layer_send_fence(caller, (enum sbi_rfence_function)function, harts);
  return (struct sbi_result){done ? SBI_SUCCESS : SBI_ERR_FAILED, 0};
}

const struct sbi_extension sbi_rfence = {SBI_RFENCE, handle};
