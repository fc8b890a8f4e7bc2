#include "../sbi.h"

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  (void)caller;
  switch (function) {
  case BASE_SPEC_VERSION: return (struct sbi_result){SBI_SUCCESS, SBI_VERSION_2_0};
  case BASE_IMPLEMENTATION_ID: return (struct sbi_result){SBI_SUCCESS, SBI_IMPLEMENTATION_ID};
  case BASE_IMPLEMENTATION_VERSION: return (struct sbi_result){SBI_SUCCESS, SBI_IMPLEMENTATION_VERSION};
  case BASE_PROBE_EXTENSION: return (struct sbi_result){SBI_SUCCESS, sbi_find(args[0]) != 0};
  case BASE_MVENDORID:
  case BASE_MARCHID:
  case BASE_MIMPID: return (struct sbi_result){SBI_SUCCESS, 0}; /* constant, so that no mode shows */
  default: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  }
}

const struct sbi_extension sbi_base = {SBI_BASE, handle};
