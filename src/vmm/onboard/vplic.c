#include "vplic.h"
#include "csr.h"
#include "devices/devices.h"
#include "hart.h"
#include "iommu.h"
#include "plic.h"
#include "run.h"
#include "world.h"

#define OUR_CONTEXT PLIC_CONTEXT_S(own_hart()) /* at the real PLIC; a guest's own has the same number at the virtual one */
#define MACHINE_CONTEXT PLIC_CONTEXT_M(own_hart())
#define SEES_MACHINE_CONTEXT 1ull /* and those of other harts: bit 0 of plic_context.visible */

#define PENDING (PLIC_PENDING(0) - PLIC_BASE)
#define ENABLE (PLIC_ENABLE(0, 0) - PLIC_BASE)
#define ENABLE_STRIDE (PLIC_ENABLE(1, 0) - PLIC_ENABLE(0, 0))
#define CONTEXTS (PLIC_THRESHOLD(0) - PLIC_BASE)
#define CONTEXT_STRIDE (PLIC_THRESHOLD(1) - PLIC_THRESHOLD(0))
#define CLAIM (PLIC_CLAIM(0) - PLIC_THRESHOLD(0))
#define SOURCE_WORDS 2
#define THRESHOLD_MASK 7 /* as many bits as the real one */

/* The sources themselves, which VMs share where their masks do. */
static uint32_t priority[PLIC_SOURCES + 1]; /* as in the real PLIC */
static uint64_t ours;                       /* sources of our own devices */
/* By hart: its VMs share an S context at the real PLIC. */
static uint64_t pending[HARTS]; /* claimed by us, not yet by a guest */
static uint64_t serving[HARTS]; /* claimed by a guest, not yet completed */
static uint64_t enabled[HARTS]; /* at the real PLIC */

static uint64_t source_bit(uint32_t source) { return 1ull << source; }

/* Does the VM see this source? Source 0 and those that do not exist nobody sees. */
static bool sees(const struct vm *vm, uint64_t source)
{
  return source >= 1 && source <= PLIC_SOURCES && vm->plic.visible & source_bit((uint32_t)source);
}

/* May the VM reach the real registers of another context? */
static bool reaches(const struct vm *vm, uint64_t context)
{
  bool real = HARTS == 1 ? context == MACHINE_CONTEXT : context < PLIC_CONTEXT_M(HARTS);
  return real && vm->plic.visible & SEES_MACHINE_CONTEXT;
}

static uint32_t lowest(uint64_t sources)
{
  uint32_t source = 0;
  for (uint32_t half = 32; half; half /= 2) {
    if ((sources & ((1ull << half) - 1)) == 0) {
      sources >>= half;
      source += half;
    }
  }
  return source;
}

/* What a claim of the VM would take: the greatest priority above `floor`, the lowest number among equals; or 0. */
static uint32_t best(const struct vm *vm, uint32_t floor)
{
  uint32_t found = 0;
  for (uint64_t rest = pending[own_hart()] & vm->plic.enabled; rest; rest &= rest - 1) {
    uint32_t source = lowest(rest);
    if (priority[source] > floor) {
      found = source;
      floor = priority[source];
    }
  }
  return found;
}

/* Brings the external interrupt line of each VM up to date. */
static void update_lines(void)
{
  for (uint32_t i = 0; i < vm_count; i++)
    if ((HARTS == 1 || vms[i].hart == own_hart()) && world_set_external(&vms[i], best(&vms[i], vms[i].plic.threshold) != 0))
      run_reconsider();
}

void vplic_join(void)
{
  plic_set_threshold(OUR_CONTEXT, 0);
  plic_enable(OUR_CONTEXT, 0);
}

void vplic_start(void)
{
  vplic_join();
  for (uint32_t source = 1; source <= PLIC_SOURCES; source++) {
    priority[source] = 1;
    plic_set_priority(source, 1);
  }
}

void vplic_serve(uint64_t sources)
{
  ours |= sources;
  enabled[own_hart()] |= sources;
  plic_enable(OUR_CONTEXT, enabled[own_hart()]);
}

static void complete_all(uint64_t sources)
{
  for (uint64_t rest = sources; rest; rest &= rest - 1)
    plic_complete(OUR_CONTEXT, lowest(rest));
}

/* A claimed source is silent until it is completed, so this loop ends, and no device can flood us. */
static void claim_all(void)
{
  uint32_t source;
  while ((csr_read(sip) & IRQ_BIT(IRQ_S_EXTERNAL)) && (source = plic_claim(OUR_CONTEXT)) != 0)
    pending[own_hart()] |= source_bit(source);
}

/* Completed after the loop that claims, so that each comes once at most for each of our interrupts. What it leads to for
 * a guest is claimed at once. */
static void take_ours(uint64_t sources)
{
  pending[own_hart()] &= ~sources;
  if (sources & source_bit(IOMMU_IRQ))
    iommu_take_faults();
  if (sources & devices_sources)
    devices_interrupt();
  claim_all();
  complete_all(sources);
}

void vplic_take_interrupts(void)
{
  claim_all();
  if (pending[own_hart()] & ours)
    take_ours(pending[own_hart()] & ours);
  update_lines();
}

/* A request once forwarded stays pending although its device is silent now: only a claim takes it back. */
void vplic_reset(struct vm *vm)
{
  const uint64_t own = vm->plic.own;
  vm->plic.enabled = 0;
  vm->plic.threshold = 0;
  for (uint64_t rest = own; rest; rest &= rest - 1) {
    uint32_t source = lowest(rest);
    priority[source] = 1;
    plic_set_priority(source, 1);
  }
  plic_enable(OUR_CONTEXT, enabled[own_hart()] | own);
  complete_all(own);
  vplic_take_interrupts();
  complete_all(own);
  enabled[own_hart()] &= ~own;
  plic_enable(OUR_CONTEXT, enabled[own_hart()]);
  pending[own_hart()] &= ~own;
  serving[own_hart()] &= ~own;
  update_lines();
}

/* The threshold does not matter to a claim (PLIC specification, "Interrupt Claim Process"). */
static uint32_t claim(const struct vm *vm)
{
  uint32_t source = best(vm, 0);
  if (source == 0)
    return 0;
  pending[own_hart()] &= ~source_bit(source);
  serving[own_hart()] |= source_bit(source);
  update_lines();
  return source;
}

/* Opens the gateway: a level still high comes back as a new interrupt. Ignored for a source that is not enabled for the
 * VM ("Interrupt Completion") or not being served. */
static void complete(const struct vm *vm, uint32_t source)
{
  if (!sees(vm, source) || !(vm->plic.enabled & serving[own_hart()] & source_bit(source)))
    return;
  serving[own_hart()] &= ~source_bit(source);
  plic_complete(OUR_CONTEXT, source);
}

static void set_priority(const struct vm *vm, uint64_t source, uint32_t value)
{
  if (!sees(vm, source))
    return;
  plic_set_priority((unsigned)source, value);
  priority[source] = plic_priority((unsigned)source); /* of the value, what the PLIC implements */
  update_lines();
}

/* The bits that change are the guest's act, so only they reach the real PLIC. */
static void set_enabled(struct vm *vm, unsigned word, uint32_t value)
{
  uint64_t reach = vm->plic.visible & ~SEES_MACHINE_CONTEXT & (0xffffffffull << 32 * word);
  uint64_t wanted = (uint64_t)value << 32 * word;
  uint64_t changed = (vm->plic.enabled ^ wanted) & reach;
  vm->plic.enabled ^= changed;
  enabled[own_hart()] = (enabled[own_hart()] & ~changed) | (wanted & changed);
  if (changed)
    mmio_write32(PLIC_ENABLE(OUR_CONTEXT, word), (uint32_t)(enabled[own_hart()] >> 32 * word));
  update_lines();
}

static uint32_t read_enables(const struct vm *vm, uint64_t context, uint64_t word)
{
  if (word >= SOURCE_WORDS)
    return 0;
  if (context == OUR_CONTEXT)
    return (uint32_t)(vm->plic.enabled >> 32 * word);
  return reaches(vm, context) ? mmio_read32(PLIC_ENABLE(context, word)) : 0;
}

static void write_enables(struct vm *vm, uint64_t context, uint64_t word, uint32_t value)
{
  if (word >= SOURCE_WORDS)
    return;
  if (context == OUR_CONTEXT)
    set_enabled(vm, (unsigned)word, value);
  else if (reaches(vm, context))
    mmio_write32(PLIC_ENABLE(context, word), value);
}

static uint32_t read_context(const struct vm *vm, uint64_t context, uint64_t offset)
{
  if (offset > CLAIM)
    return 0;
  if (context == OUR_CONTEXT)
    return offset == CLAIM ? claim(vm) : vm->plic.threshold;
  return reaches(vm, context) ? mmio_read32(PLIC_THRESHOLD(context) + offset) : 0;
}

static void write_context(struct vm *vm, uint64_t context, uint64_t offset, uint32_t value)
{
  if (offset > CLAIM)
    return;
  if (context != OUR_CONTEXT) {
    if (reaches(vm, context))
      mmio_write32(PLIC_THRESHOLD(context) + offset, value);
  } else if (offset == CLAIM) {
    complete(vm, value);
  } else {
    vm->plic.threshold = value & THRESHOLD_MASK;
    update_lines();
  }
}

/* A source that is pending at the real PLIC is one which nobody has enabled. */
static uint32_t read_pending(const struct vm *vm, uint64_t word)
{
  uint64_t shown = (pending[own_hart()] | plic_pending()) & vm->plic.visible & ~SEES_MACHINE_CONTEXT;
  return word < SOURCE_WORDS ? (uint32_t)(shown >> 32 * word) : 0;
}

static uint32_t read_register(const struct vm *vm, uint64_t offset)
{
  if (offset < PENDING)
    return sees(vm, offset / 4) ? plic_priority((unsigned)(offset / 4)) : 0;
  if (offset < ENABLE)
    return read_pending(vm, (offset - PENDING) / 4);
  if (offset < CONTEXTS)
    return read_enables(vm, (offset - ENABLE) / ENABLE_STRIDE, (offset - ENABLE) % ENABLE_STRIDE / 4);
  return read_context(vm, (offset - CONTEXTS) / CONTEXT_STRIDE, (offset - CONTEXTS) % CONTEXT_STRIDE);
}

static void write_register(struct vm *vm, uint64_t offset, uint32_t value)
{
  if (offset < PENDING)
    set_priority(vm, offset / 4, value);
  else if (offset < ENABLE)
    return; /* pending bits are read-only */
  else if (offset < CONTEXTS)
    write_enables(vm, (offset - ENABLE) / ENABLE_STRIDE, (offset - ENABLE) % ENABLE_STRIDE / 4, value);
  else
    write_context(vm, (offset - CONTEXTS) / CONTEXT_STRIDE, (offset - CONTEXTS) % CONTEXT_STRIDE, value);
}

/* Registers have 32 bits; the bus makes two accesses, low half first, of one of 64. */
enum access_result layer_access_plic(uint32_t guest, struct device_access *access)
{
  struct vm *vm = &vms[guest];
  if (access->width != 4 && access->width != 8)
    return ACCESS_REFUSED;
  for (unsigned at = 0; at < access->width; at += 4) {
    if (access->store)
      write_register(vm, access->offset + at, (uint32_t)(access->value >> 8 * at));
    else
      access->value |= (uint64_t)read_register(vm, access->offset + at) << 8 * at;
  }
  return ACCESS_DONE;
}
