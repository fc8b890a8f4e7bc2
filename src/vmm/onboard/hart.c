#include "hart.h"
#include "console.h"
#include "csr.h"

/* Exceptions that are a guest's own affair. An access fault in VS-mode is one of a device or absent memory that its
 * G-stage does map; what it does not map arrives as a guest page fault and is not delegated. */
#define GUEST_EXCEPTIONS                                                                                     \
  (CAUSE_BIT(CAUSE_FETCH_MISALIGNED) | CAUSE_BIT(CAUSE_FETCH_ACCESS) | CAUSE_BIT(CAUSE_ILLEGAL) |             \
   CAUSE_BIT(CAUSE_BREAKPOINT) | CAUSE_BIT(CAUSE_LOAD_MISALIGNED) | CAUSE_BIT(CAUSE_LOAD_ACCESS) |            \
   CAUSE_BIT(CAUSE_STORE_MISALIGNED) | CAUSE_BIT(CAUSE_STORE_ACCESS) | CAUSE_BIT(CAUSE_ECALL_U) |             \
   CAUSE_BIT(CAUSE_FETCH_PAGE) | CAUSE_BIT(CAUSE_LOAD_PAGE) | CAUSE_BIT(CAUSE_STORE_PAGE))
#define GUEST_INTERRUPTS (IRQ_BIT(IRQ_VS_SOFTWARE) | IRQ_BIT(IRQ_VS_TIMER) | IRQ_BIT(IRQ_VS_EXTERNAL))
#define HSTATUS_VSXL_64 (2ull << 32)

void hart_start(void)
{
  if (!csr_exists(stimecmp, stvec))
    stop("the hart has no Sstc, or the firmware keeps it", 0);
  csr_write(stimecmp, TIME_NEVER);
  csr_write(hedeleg, GUEST_EXCEPTIONS);
  csr_write(hideleg, GUEST_INTERRUPTS);
  csr_write(henvcfg, HENVCFG_STCE | HENVCFG_ADUE); /* ADUE reads 0 unless the firmware grants it */
  if (!(csr_read(henvcfg) & HENVCFG_STCE))
    stop("no timer for guests: henvcfg", csr_read(henvcfg));
  csr_write(hcounteren, COUNTEREN_CY | COUNTEREN_TM | COUNTEREN_IR);
  csr_write(htimedelta, 0);
  csr_write(hvip, 0);
  csr_write(hie, 0);
  /* VTW: WFI of a guest comes to us. SPV stays set, so that every sret enters a guest: see exit.S. */
  csr_write(hstatus, HSTATUS_VSXL_64 | HSTATUS_VTW | HSTATUS_SPV);
  csr_write(sstatus, hart_entry_status());
  csr_write(sie, IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL) | (HARTS > 1 ? IRQ_BIT(IRQ_S_SOFTWARE) : 0));
}

/* FS is on whatever the guest's own FS (vsstatus) says: the hypervisor must always be able to save what is there. */
uint64_t hart_entry_status(void)
{
  uint64_t off = SSTATUS_SIE | SSTATUS_SPIE | SSTATUS_SUM | SSTATUS_MXR;
  return (csr_read(sstatus) & ~off) | SSTATUS_SPP | SSTATUS_FS;
}
