/* From an ecall's registers to the extension that answers it. */
#include "../sbi.h"

static const struct sbi_extension *const extensions[] = {
    &sbi_base, &sbi_time, &sbi_ipi, &sbi_rfence, &sbi_hsm, &sbi_srst, &sbi_dbcn,
};

const struct sbi_extension *sbi_find(uint64_t id)
{
  for (unsigned i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
    if (extensions[i]->id == id)
      return extensions[i];
  return sbi_service && sbi_service->id == id ? sbi_service : 0;
}

struct sbi_result sbi_call(const struct sbi_caller *caller, const uint64_t a[8])
{
  const struct sbi_extension *extension = sbi_find(a[7]);
  return extension ? extension->handle(caller, a[6], a) : (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
}

bool sbi_harts(const struct sbi_caller *caller, uint64_t mask, uint64_t base, uint64_t *harts)
{
  uint64_t all = (2ull << caller->last_hart) - 1;
  *harts = all;
  if (base == UINT64_MAX) /* all of them, whatever the mask */
    return true;
  bool within = mask == 0 || (base <= caller->last_hart && mask <= all >> base);
  *harts = within && mask ? mask << base : 0;
  return within;
}
