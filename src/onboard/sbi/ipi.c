#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  uint64_t harts = 0;
  if (function != 0)
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  if (!sbi_harts(caller, args[0], args[1], &harts))
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  layer_send_software(caller, harts);
  return (struct sbi_result){SBI_SUCCESS, 0};
}

const struct sbi_extension sbi_ipi = {SBI_IPI, handle};
