#include "guest-fault.h"
#include "csr.h"
#include "guest-memory.h"
#include "inject.h"
#include "instruction.h"
#include "platform.h"
#include "vplic.h"

struct virtual_device {
  uint64_t base, size;
  bool (*access)(struct vm *vm, struct device_access *access); /* false: the device refuses */
};
static const struct virtual_device devices[] = {
    {PLIC_BASE, PLIC_SIZE, vplic_access},
};

static const struct virtual_device *find_device(uint64_t gpa)
{
  for (unsigned i = 0; i < sizeof devices / sizeof devices[0]; i++)
    if (gpa - devices[i].base < devices[i].size)
      return &devices[i];
  return 0;
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

static uint64_t extend(uint64_t value, const struct memory_instruction *instruction)
{
  unsigned unused = 64 - 8 * instruction->width;
  return instruction->sign_extend ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
}

/* Carries the access out. False, and nothing has happened, if there is no such device, or it or the instruction is not
 * one for emulation. */
static bool emulate(struct vm *vm, uint64_t cause, uint64_t gpa, uint64_t htinst)
{
  struct trap_frame *frame = &vm->vcpu.frame;
  const struct virtual_device *device = find_device(gpa);
  struct memory_instruction instruction;
  if (!device || !find_instruction(vm, htinst, &instruction))
    return false;
  if (instruction.store != (cause == CAUSE_GUEST_STORE_PAGE) || (gpa & (instruction.width - 1u)) != 0)
    return false;
  struct device_access access = {
      .offset = gpa - device->base,
      .width = instruction.width,
      .store = instruction.store,
      .value = instruction.store && instruction.reg ? frame->x[instruction.reg] : 0,
  };
  if (!device->access(vm, &access))
    return false;
  if (!instruction.store && instruction.reg)
    frame->x[instruction.reg] = extend(access.value, &instruction);
  frame->pc += instruction.length;
  return true;
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
