/* What harts ask of each other: software interrupts, which need no answer, and fences, which do. A hart that waits for
 * answers serves meanwhile, so that two that ask each other both get theirs; and it waits only so long. */
#include "csr.h"
#include "firmware.h"

/* Ticks: 100 ms. A hart in M-mode is done in far less. */
#define PATIENCE 1000000

#define HGATP_VMID (0x3fffull << 44)

void hart_ask(uint32_t hart, uint32_t events)
{
  __atomic_fetch_or(&harts[hart].events, events, __ATOMIC_RELEASE);
  machine_wake(machine_hart(hart));
}

static void fence_guest_addresses(uint64_t vmid)
{
  (void)vmid; /* of all */
  __asm__ volatile(".option push\n.option arch, +h\nhfence.gvma\n.option pop" : : : "memory");
}

static void fence_virtual_addresses(uint64_t vmid)
{
  uint64_t own = csr_read(hgatp);
  csr_write(hgatp, (own & ~HGATP_VMID) | vmid); /* which the instruction takes from here */
  __asm__ volatile(".option push\n.option arch, +h\nhfence.vvma\n.option pop" : : : "memory");
  csr_write(hgatp, own);
}

static void fence_own_addresses(uint64_t vmid)
{
  (void)vmid;
  fence_addresses();
}

static void fence_own_instructions(uint64_t vmid)
{
  (void)vmid;
  fence_instructions();
}

static void (*const fences[RFENCE_COUNT])(uint64_t vmid) = {
    [RFENCE_FENCE_I] = fence_own_instructions,
    [RFENCE_SFENCE_VMA] = fence_own_addresses,
    [RFENCE_SFENCE_VMA_ASID] = fence_own_addresses,
    [RFENCE_HFENCE_GVMA_VMID] = fence_guest_addresses,
    [RFENCE_HFENCE_GVMA] = fence_guest_addresses,
    [RFENCE_HFENCE_VVMA_ASID] = fence_virtual_addresses,
    [RFENCE_HFENCE_VVMA] = fence_virtual_addresses,
};

static void answer(struct fence_request *request, uint32_t hart)
{
  fences[request->function](request->vmid);
  __atomic_fetch_and(&request->pending, ~(1u << hart), __ATOMIC_RELEASE);
}

void hart_serve(struct hart *hart)
{
  machine_awake(); /* before looking, so that what is asked later wakes again */
  uint32_t events = __atomic_exchange_n(&hart->events, 0, __ATOMIC_ACQUIRE);
  if (events & EVENT_SOFTWARE)
    csr_set(mip, IRQ_BIT(IRQ_S_SOFTWARE));
  if (events & EVENT_PARK)
    hart_set_state(hart, HART_PARKED);
  for (uint32_t from = 0; from < MAX_HARTS; from++)
    if (events & EVENT_FENCE(from))
      answer(&harts[from].fence, hart->caller.hart);
}

/* False where some hart was asked and has not answered in time. */
static bool answered(struct hart *hart)
{
  uint64_t since = csr_read(time);
  while (__atomic_load_n(&hart->fence.pending, __ATOMIC_ACQUIRE)) {
    if (csr_read(time) - since > PATIENCE)
      return false;
    if (csr_read(mip) & IRQ_BIT(IRQ_M_SOFTWARE))
      hart_serve(hart);
  }
  return true;
}

static uint32_t others_up(const struct hart *hart, uint64_t among)
{
  uint32_t up = 0;
  for (uint32_t other = 0; other <= hart->caller.last_hart; other++)
    if (other != hart->caller.hart && among >> other & 1 && hart_is_up(&harts[other]))
      up |= 1u << other;
  return up;
}

static void ask_all(uint32_t targets, uint32_t event)
{
  for (uint32_t target = 0; target < MAX_HARTS; target++)
    if (targets >> target & 1)
      hart_ask(target, event);
}

void layer_send_software(const struct sbi_caller *caller, uint64_t targets)
{
  if (targets >> caller->hart & 1)
    csr_set(mip, IRQ_BIT(IRQ_S_SOFTWARE));
  ask_all(others_up(hart_of(caller), targets), EVENT_SOFTWARE);
}

bool layer_send_fence(const struct sbi_caller *caller, enum sbi_rfence_function function, uint64_t targets)
{
  struct hart *hart = hart_of(caller);
  if (!answered(hart)) /* by one that was too late for an earlier fence, and still has its request */
    return false;
  hart->fence.function = function;
  hart->fence.vmid = caller->hypervisor ? csr_read(hgatp) & HGATP_VMID : 0;
  uint32_t others = others_up(hart, targets);
  __atomic_store_n(&hart->fence.pending, others, __ATOMIC_RELEASE);
  ask_all(others, EVENT_FENCE(caller->hart));
  if (targets >> caller->hart & 1)
    fences[function](hart->fence.vmid);
  return answered(hart);
}
