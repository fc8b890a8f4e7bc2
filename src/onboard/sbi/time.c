#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  if (function != 0)
    return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  layer_set_timer(caller, args[0]);
  return (struct sbi_result){SBI_SUCCESS, 0};
}

const struct sbi_extension sbi_time = {SBI_TIME, handle};
