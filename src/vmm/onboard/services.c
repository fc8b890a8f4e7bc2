/* What src/onboard/sbi asks of the layer, answered for the loaded guest: only a running guest calls. */
#include "console.h"
#include "csr.h"
#include "devices/devices.h"
#include "guest-memory.h"
#include "iommu.h"
#include "run.h"
#include "vplic.h"
#include "world.h"

static struct vm *caller_vm(const struct sbi_caller *caller) { return &vms[caller->guest]; }

void layer_set_timer(const struct sbi_caller *caller, uint64_t compare_ticks)
{
  (void)caller;
  csr_write(vstimecmp, compare_ticks);
}

void layer_raise_software(const struct sbi_caller *caller)
{
  (void)caller;
  csr_set(hvip, IRQ_BIT(IRQ_VS_SOFTWARE));
}

void layer_fence_instructions(const struct sbi_caller *caller)
{
  (void)caller;
  fence_instructions();
}

/* Of the VMID in hgatp, the caller's. */
void layer_fence_addresses(const struct sbi_caller *caller)
{
  (void)caller;
  __asm__ volatile(".option push\n.option arch, +h\nhfence.vvma\n.option pop" : : : "memory");
}

void layer_wait(const struct sbi_caller *caller) { run_wait(caller_vm(caller)); }
bool layer_restart(const struct sbi_caller *caller) { return run_restart(caller_vm(caller), RESTART_ASKED); }
void layer_stop(const struct sbi_caller *caller) { run_stop(caller_vm(caller)); }
void layer_reset_machine(uint32_t type, uint32_t reason) { firmware_reset(type, reason); }

const struct sbi_extension *const sbi_service = &sbi_channel;

const struct sbi_caller *layer_caller(uint32_t guest) { return &vms[guest].caller; }

static struct {
  uint32_t guest;
  uint64_t vsatp;
} visitor; /* one at a time: visits are exclusive */

/* Its G-stage with no first stage; in this order for the reason that world.c has. */
void layer_visit(uint32_t guest)
{
  visitor.guest = current_guest[own_hart()];
  visitor.vsatp = csr_read(vsatp);
  csr_write(vsatp, 0);
  csr_write(hgatp, vms[guest].hgatp);
  current_guest[own_hart()] = guest;
}

void layer_leave(void)
{
  current_guest[own_hart()] = visitor.guest;
  csr_write(hgatp, vms[visitor.guest].hgatp);
  csr_write(vsatp, visitor.vsatp);
}

static bool own(const struct sbi_caller *caller, uint64_t address, uint64_t length)
{
  uint64_t offset = address - caller->memory_base;
  return offset <= caller->memory_size && length <= caller->memory_size - offset;
}

#define WORD 8
/* Of `length` bytes between these addresses, those that go in whole words; bytes follow. */
static uint64_t whole_words(uint64_t one, uint64_t other, uint64_t length)
{
  return ((one | other) & (WORD - 1)) == 0 ? length & ~(WORD - 1ull) : 0;
}

/* Guest-physical addresses: with vsatp = 0 the first stage is the identity and the G-stage translates. */
bool layer_read_caller(const struct sbi_caller *caller, uint64_t address, void *to, uint64_t length)
{
  if (!own(caller, address, length))
    return false;
  uint64_t words = whole_words(address, (uint64_t)to, length), vsatp = csr_read(vsatp);
  csr_write(vsatp, 0);
  bool read = (words == 0 || guest_load_words(address, to, words)) &&
              (words == length || guest_load_bytes(address + words, (char *)to + words, length - words));
  csr_write(vsatp, vsatp);
  return read;
}

bool layer_write_caller(const struct sbi_caller *caller, uint64_t address, const void *from, uint64_t length)
{
  if (!own(caller, address, length))
    return false;
  uint64_t words = whole_words(address, (uint64_t)from, length), vsatp = csr_read(vsatp);
  csr_write(vsatp, 0);
  bool written = (words == 0 || guest_store_words(address, from, words)) &&
                 (words == length || guest_store_bytes(address + words, (const char *)from + words, length - words));
  csr_write(vsatp, vsatp);
  return written;
}

/* What src/onboard/restart.c asks, likewise of the loaded guest. */
void layer_reset_context(uint32_t guest) { world_reset(&vms[guest]); }
void layer_reset_interrupts(uint32_t guest)
{
  vplic_reset(&vms[guest]);
  iommu_reset(guest);
}

/* Through the guest's own G-stage, like all else; its vsatp is that of its entry, 0. */
bool layer_restore_page(uint64_t address, const uint64_t *from)
{
  return from ? guest_store_words(address, from, RESTART_STEP_BYTES) : guest_clear(address, RESTART_STEP_BYTES);
}
