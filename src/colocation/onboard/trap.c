/* Traps that reach M-mode: those of guests that are not delegated, and M's own timer and external interrupts. */
#include "csr.h"
#include "devices/devices.h"
#include "nanokernel.h"
#include "virtual-access.h"

uint64_t timer_ticks[HARTS], external_ticks[HARTS];

static struct world *world_of(struct trap_frame *frame) { return (struct world *)frame; /* its first member */ }

static void serve_ecall(struct world *world)
{
  uint64_t *a = frame_arguments(&world->frame);
  struct sbi_result result = sbi_call(&world->caller, a);
  a[0] = (uint64_t)result.error;
  a[1] = result.value;
  world->frame.pc += 4;
}

/* An access that belongs to nobody looks to the guest as on the bare machine: same cause, its own virtual address. */
static void reflect(struct world *world) { machine_reflect(&world->frame, csr_read(mcause), csr_read(mtval)); }

static void access_fault(struct world *world)
{
  if (!virtual_access(world, csr_read(mcause), csr_read(mtval)))
    reflect(world);
}

static void illegal_instruction(struct world *world)
{
  bool supervisor = (world->frame.status & MSTATUS_MPP) == MSTATUS_MPP_S;
  if (!supervisor || csr_read(mtval) != INSTRUCTION_WFI) {
    reflect(world);
    return;
  }
  world->frame.pc += 4;
  dispatch_wait();
}

static void (*const exceptions[CAUSE_COUNT])(struct world *) = {
    [CAUSE_ILLEGAL] = illegal_instruction,
    [CAUSE_LOAD_ACCESS] = access_fault,
    [CAUSE_STORE_ACCESS] = access_fault,
    [CAUSE_ECALL_S] = serve_ecall,
};

/* An interrupt of M only asks for a decision. An external one is never claimed here: that is its owner's to do. */
static void timer_tick(void)
{
  timer_ticks[own_hart()]++;
  dispatch_request();
}

static void external_tick(void)
{
  external_ticks[own_hart()]++;
  if (devices_sources)
    dispatch_serve_devices();
  dispatch_request();
}

static void (*const interrupts[])(void) = {
    [IRQ_M_SOFTWARE] = dispatch_request, /* from another hart */
    [IRQ_M_TIMER] = timer_tick,
    [IRQ_M_EXTERNAL] = external_tick,
};
#define INTERRUPT_COUNT (sizeof interrupts / sizeof interrupts[0])

struct trap_frame *machine_trap(struct trap_frame *frame)
{
  uint64_t cause = csr_read(mcause);
  if (cause & CAUSE_INTERRUPT) {
    uint64_t irq = cause & ~CAUSE_INTERRUPT;
    if (irq < INTERRUPT_COUNT && interrupts[irq])
      interrupts[irq]();
  } else {
    void (*handle)(struct world *) = cause < CAUSE_COUNT ? exceptions[cause] : 0;
    (handle ? handle : reflect)(world_of(frame));
  }
  if (dispatch_pending())
    dispatch();
  return &worlds[loaded_guest()].frame;
}
