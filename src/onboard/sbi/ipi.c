#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  if (function != 0)
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  enum sbi_hart_mask harts = sbi_hart_mask(args[0], args[1]);
  if (harts == MASK_INVALID)
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  if (harts == MASK_CALLER)
    layer_raise_software(caller);
  return (struct sbi_result){SBI_SUCCESS, 0};
}

const struct sbi_extension sbi_ipi = {SBI_IPI, handle};
