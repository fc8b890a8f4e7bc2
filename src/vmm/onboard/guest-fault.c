#include "guest-fault.h"
#include "csr.h"
#include "devices/devices.h"
#include "guest-memory.h"
#include "inject.h"
#include "platform.h"
#include "vplic.h"

static const struct virtual_device plic = {PLIC_BASE, PLIC_SIZE, layer_access_plic};

static const struct virtual_device *find_device(uint32_t guest, uint64_t gpa)
{
  return gpa - plic.base < plic.size ? &plic : devices_find(guest, gpa);
}

/* The instruction at the guest's pc, when htinst is zero, which the manual permits for its own access but not for a
 * page walk on its behalf. */
static bool fetch_and_decode(uint64_t pc, struct memory_instruction *instruction)
{
  uint16_t low = 0, high = 0;
  if (!guest_fetch(pc, &low) || ((low & 3) == 3 && !guest_fetch(pc + 2, &high)))
    return false;
  return instruction_decode(low | (uint32_t)high << 16, instruction);
}

static bool find_instruction(const struct vm *vm, uint64_t htinst, struct memory_instruction *instruction)
{
  return htinst ? instruction_decode_transformed(htinst, instruction)
                : fetch_and_decode(vm->vcpu.frame.pc, instruction);
}

/* False, and nothing has happened, if there is no such device, or it or the instruction is not one for emulation. */
static bool emulate(struct vm *vm, uint64_t cause, uint64_t gpa, uint64_t htinst)
{
  const struct virtual_device *device = find_device(vm->index, gpa);
  struct memory_instruction instruction;
  return device && find_instruction(vm, htinst, &instruction) &&
         access_emulate(&vm->vcpu.frame, vm->index, device, gpa, &instruction, cause == CAUSE_GUEST_STORE_PAGE);
}

/* 20, 21, 23 as the access fault which the same access would be on a machine that lacks the address: 1, 5, 7. */
static uint64_t access_fault(uint64_t cause)
{
  switch (cause) {
  case CAUSE_GUEST_FETCH_PAGE: return CAUSE_FETCH_ACCESS;
  case CAUSE_GUEST_LOAD_PAGE: return CAUSE_LOAD_ACCESS;
  default: return CAUSE_STORE_ACCESS;
  }
}

void guest_page_fault(struct vm *vm)
{
  uint64_t cause = csr_read(scause), address = csr_read(stval), htinst = csr_read(htinst);
  uint64_t gpa = csr_read(htval) << 2 | (address & 3);
  if (cause == CAUSE_GUEST_FETCH_PAGE || !emulate(vm, cause, gpa, htinst))
    inject_exception(vm, access_fault(cause), address);
}
