/* What a layer whose callers have one hart answers for several: there is only the caller's own. */
#include "../sbi.h"

void layer_send_software(const struct sbi_caller *caller, uint64_t harts)
{
  if (harts)
    layer_raise_software(caller);
}

bool layer_send_fence(const struct sbi_caller *caller, enum sbi_rfence_function function, uint64_t harts)
{
  if (harts && function == RFENCE_FENCE_I)
    layer_fence_instructions(caller);
  else if (harts)
    layer_fence_addresses(caller);
  return true;
}

enum sbi_error layer_start(const struct sbi_caller *caller, uint32_t hart, uint64_t address, uint64_t argument)
{
  (void)caller, (void)hart, (void)address, (void)argument;
  return SBI_ERR_ALREADY_AVAILABLE;
}

enum sbi_hart_state layer_state(const struct sbi_caller *caller, uint32_t hart)
{
  (void)caller, (void)hart;
  return HART_STARTED; /* because it calls */
}

void layer_park(const struct sbi_caller *caller) { layer_stop(caller); }
