#include "machine.h"
#include "csr.h"
#include "fp-context.h"
#include "mmio.h"
#include "platform.h"
#include "plic.h"

#define PMP_NAPOT_RWX 0x1f
#define ENVCFG (MENVCFG_STCE | MENVCFG_ADUE)

struct machine_features machine_features;

/* One unlocked entry over all addresses: whatever contains a guest, it is not the PMP. */
static void open_memory(void)
{
  csr_write(pmpaddr0, UINT64_MAX);
  csr_write(pmpcfg0, PMP_NAPOT_RWX);
}

static void delegate(uint64_t exceptions)
{
  csr_write(medeleg, exceptions);
  csr_write(mideleg, IRQ_S_ALL); /* with H the VS bits are read-only ones */
}

static void find_features(void)
{
  machine_features.envcfg = csr_exists(menvcfg, mtvec);
  if (!machine_features.envcfg)
    return;
  csr_write(menvcfg, ENVCFG); /* absent features read back 0 */
  machine_features.sstc = (csr_read(menvcfg) & MENVCFG_STCE) && csr_exists(stimecmp, mtvec);
}

static void clear_supervisor_state(void)
{
  csr_write(satp, 0);
  csr_write(mie, 0);
  csr_clear(mip, IRQ_BIT(IRQ_S_SOFTWARE) | IRQ_BIT(IRQ_S_TIMER));
  csr_write(stvec, 0);
  csr_write(sscratch, 0);
  csr_write(sepc, 0);
  csr_write(scause, 0);
  csr_write(stval, 0);
  csr_write(mcounteren, COUNTEREN_CY | COUNTEREN_TM | COUNTEREN_IR);
  csr_write(scounteren, COUNTEREN_CY | COUNTEREN_TM | COUNTEREN_IR);
  if (machine_features.envcfg)
    csr_write(senvcfg, 0);
  if (machine_features.sstc)
    csr_write(stimecmp, TIME_NEVER);
  fence_addresses();
}

static void clear_fp_state(void)
{
  static const struct fp_context zero;
  csr_set(mstatus, MSTATUS_FS); /* the first frame turns it off again */
  fp_load(&zero);
}

/* Priority 1 everywhere, so that a guest that writes it, to whatever source, changes nothing. */
static void clear_interrupt_controller(uint32_t harts)
{
  for (unsigned source = 1; source <= PLIC_SOURCES; source++)
    plic_set_priority(source, 1);
  for (unsigned context = PLIC_CONTEXT_M(0); context < PLIC_CONTEXT_M(harts); context++) {
    plic_enable(context, 0);
    plic_set_threshold(context, 0);
  }
}

void machine_init_hart(const struct config *config, uint64_t delegated_exceptions)
{
  if (!config->keep_h)
    csr_clear(misa, MISA_H);
  open_memory();
  delegate(delegated_exceptions);
  if (machine_features.envcfg)
    csr_write(menvcfg, ENVCFG | config->envcfg);
  clear_supervisor_state();
  clear_fp_state();
  machine_set_timer(TIME_NEVER);
}

void machine_init(const struct config *config, uint64_t delegated_exceptions)
{
  if (config->magic != CONFIG_MAGIC || config->guest_count > MAX_GUESTS)
    machine_fail("no configuration block at a1");
  if (config->hart_count < 1 || config->hart_count > MAX_HARTS)
    machine_fail("number of harts");
  find_features();
  machine_init_hart(config, delegated_exceptions);
  clear_interrupt_controller(config->hart_count);
}

struct trap_frame machine_entry(uint64_t pc, uint64_t argument, uint64_t extra_status)
{
  struct trap_frame frame = {.pc = pc};
  frame.status = (csr_read(mstatus) & MSTATUS_WIDTHS) | MSTATUS_MPP_S | extra_status;
  frame_arguments(&frame)[0] = csr_read(mhartid);
  frame_arguments(&frame)[1] = argument;
  return frame;
}

void machine_reflect(struct trap_frame *frame, uint64_t cause, uint64_t value)
{
  uint64_t status = frame->status & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE | MSTATUS_MPP);
  if (frame->status & MSTATUS_MPP)
    status |= MSTATUS_SPP;
  if (frame->status & MSTATUS_SIE)
    status |= MSTATUS_SPIE;
  csr_write(scause, cause);
  csr_write(sepc, frame->pc);
  csr_write(stval, value);
  frame->status = status | MSTATUS_MPP_S;
  frame->pc = csr_read(stvec) & ~3ull; /* exceptions go to the base in both modes of stvec */
}

static uint32_t this_hart(void) { return (uint32_t)csr_read(mhartid); }

void machine_set_timer(uint64_t compare_ticks) { mmio_write64(CLINT_MTIMECMP(this_hart()), compare_ticks); }

void machine_wake(uint32_t hart)
{
  __asm__ volatile("fence rw, o" : : : "memory");
  mmio_write32(CLINT_MSIP(hart), 1);
}

void machine_awake(void)
{
  mmio_write32(CLINT_MSIP(this_hart()), 0);
  __asm__ volatile("fence o, rw" : : : "memory");
}
