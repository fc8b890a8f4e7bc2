/* The timer, which each hart has for itself; and no services: there is nobody to join. */
#include "csr.h"
#include "firmware.h"

void layer_set_timer(const struct sbi_caller *caller, uint64_t compare_ticks)
{
  (void)caller;
  if (machine_features.sstc) {
    csr_write(stimecmp, compare_ticks);
    return;
  }
  csr_clear(mip, IRQ_BIT(IRQ_S_TIMER));
  machine_set_timer(compare_ticks);
  csr_set(mie, IRQ_BIT(IRQ_M_TIMER));
}

void firmware_timer_fired(void)
{
  csr_clear(mie, IRQ_BIT(IRQ_M_TIMER));
  csr_set(mip, IRQ_BIT(IRQ_S_TIMER));
}

const struct sbi_extension *const sbi_service = 0;
