#include "world.h"
#include "csr.h"

uint32_t current_guest[HARTS] = {[0 ... HARTS - 1] = NO_GUEST};
uint64_t world_switches[HARTS];

/* Interrupts that software makes pending; the timer's bit comes from vstimecmp alone. */
#define HVIP_SAVED (IRQ_BIT(IRQ_VS_SOFTWARE) | IRQ_BIT(IRQ_VS_EXTERNAL))

static bool loaded(const struct vm *vm) { return vm->index == current_guest[own_hart()]; }

static void save(struct vm *vm)
{
  struct vs_registers *vs = &vm->vcpu.vs;
  vs->vsstatus = csr_read(vsstatus);
  vs->vsie = csr_read(vsie);
  vs->vstvec = csr_read(vstvec);
  vs->vsscratch = csr_read(vsscratch);
  vs->vsepc = csr_read(vsepc);
  vs->vscause = csr_read(vscause);
  vs->vstval = csr_read(vstval);
  vs->vsatp = csr_read(vsatp);
  vs->hvip = csr_read(hvip) & HVIP_SAVED;
  vs->vstimecmp = csr_read(vstimecmp);
  vs->scounteren = csr_read(scounteren);
  vs->senvcfg = csr_read(senvcfg);
  fp_save(&vm->vcpu.fp);
}

static void load(const struct vm *vm)
{
  const struct vs_registers *vs = &vm->vcpu.vs;
  /* In this order no walk, not even a speculative one, meets one guest's vsatp under another's hgatp. Each guest has
   * its VMID, so nothing is fenced. */
  csr_write(vsatp, 0);
  csr_write(hgatp, vm->hgatp);
  csr_write(vsatp, vs->vsatp);
  csr_write(vsstatus, vs->vsstatus);
  csr_write(vsie, vs->vsie);
  csr_write(vstvec, vs->vstvec);
  csr_write(vsscratch, vs->vsscratch);
  csr_write(vsepc, vs->vsepc);
  csr_write(vscause, vs->vscause);
  csr_write(vstval, vs->vstval);
  csr_write(hvip, vs->hvip);
  csr_write(vstimecmp, vs->vstimecmp);
  csr_write(scounteren, vs->scounteren);
  csr_write(senvcfg, vs->senvcfg);
  fp_load(&vm->vcpu.fp);
}

/* Ends a load reservation, which would let one guest's store-conditional succeed on another's load. */
static void drop_reservation(void)
{
  static uint32_t word;
  __asm__ volatile("sc.w zero, zero, (%0)" : : "r"(&word) : "memory");
}

void world_load(struct vm *vm)
{
  if (loaded(vm))
    return;
  if (current_guest[own_hart()] != NO_GUEST)
    save(&vms[current_guest[own_hart()]]);
  current_guest[own_hart()] = vm->index;
  load(vm);
  drop_reservation();
  world_switches[own_hart()]++;
}

void world_reset(struct vm *vm)
{
  vm_reset(vm);
  load(vm);
  drop_reservation();
  __asm__ volatile(".option push\n.option arch, +h\nhfence.vvma\n.option pop" : : : "memory"); /* of its VMID */
}

uint64_t world_interrupts(const struct vm *vm, uint64_t now)
{
  if (loaded(vm))
    return csr_read(hip) & csr_read(hie);
  const struct vs_registers *vs = &vm->vcpu.vs;
  uint64_t timer = now >= vs->vstimecmp ? IRQ_BIT(IRQ_VS_TIMER) : 0;
  return (vs->hvip | timer) & vs->vsie << 1; /* vsie is hie as the guest sees it, one bit lower */
}

uint64_t world_deadline(const struct vm *vm)
{
  uint64_t vsie = loaded(vm) ? csr_read(vsie) : vm->vcpu.vs.vsie;
  uint64_t compare = loaded(vm) ? csr_read(vstimecmp) : vm->vcpu.vs.vstimecmp;
  return vsie & IRQ_BIT(IRQ_S_TIMER) ? compare : TIME_NEVER;
}

bool world_set_external(struct vm *vm, bool level)
{
  const uint64_t line = IRQ_BIT(IRQ_VS_EXTERNAL);
  if (loaded(vm)) {
    if (level)
      csr_set(hvip, line);
    else
      csr_clear(hvip, line);
    return false;
  }
  bool rose = level && !(vm->vcpu.vs.hvip & line);
  vm->vcpu.vs.hvip = (vm->vcpu.vs.hvip & ~line) | (level ? line : 0);
  return rose;
}
