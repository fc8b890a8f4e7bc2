/* Remote fences. A range is answered by a full fence, which the specification allows and which bounds the work. */
#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  if (function > RFENCE_SFENCE_VMA_ASID)
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  enum sbi_hart_mask harts = sbi_hart_mask(args[0], args[1]);
  if (harts == MASK_INVALID)
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  if (harts == MASK_CALLER && function == RFENCE_FENCE_I)
    layer_fence_instructions(caller);
  else if (harts == MASK_CALLER)
    layer_fence_addresses(caller);
  return (struct sbi_result){SBI_SUCCESS, 0};
}

const struct sbi_extension sbi_rfence = {SBI_RFENCE, handle};
