#include "access.h"

static uint64_t extend(uint64_t value, const struct memory_instruction *instruction)
{
  unsigned unused = 64 - 8 * instruction->width;
  return instruction->sign_extend ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
}

bool access_emulate(struct trap_frame *frame, uint32_t guest, const struct virtual_device *device, uint64_t address,
                    const struct memory_instruction *instruction, bool store)
{
  if (instruction->store != store || (address & (instruction->width - 1u)) != 0)
    return false;
  struct device_access access = {
      .offset = address - device->base,
      .width = instruction->width,
      .store = store,
      .value = store && instruction->reg ? frame->x[instruction->reg] : 0,
  };
  enum access_result result = device->access(guest, &access);
  if (result != ACCESS_DONE)
    return result == ACCESS_AGAIN;
  if (!store && instruction->reg)
    frame->x[instruction->reg] = extend(access.value, instruction);
  frame->pc += instruction->length;
  return true;
}
