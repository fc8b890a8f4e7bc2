/* A load or store of a guest at a virtual device, and who carries it out. */
#pragma once
#include "instruction.h"
#include "trap-frame.h"

struct device_access {
  uint64_t offset; /* in the device, aligned to `width` */
  uint8_t width;   /* bytes */
  bool store;
  uint64_t value; /* stored, or to be filled in by a load */
};

/* AGAIN: part of the work is done, and the guest repeats the instruction for the rest. So the guest pays for all of it,
 * interrupts are taken in between, and no act of a guest holds the layer for long. */
enum access_result { ACCESS_REFUSED, ACCESS_DONE, ACCESS_AGAIN };

struct virtual_device {
  uint64_t base, size; /* guest-physical */
  enum access_result (*access)(uint32_t guest, struct device_access *access);
};

/* Carries the instruction at the frame's pc out, which reached for `address` in the device. False, and nothing has
 * happened, if it is misaligned, no `store` where one trapped, or the device refuses. */
bool access_emulate(struct trap_frame *frame, uint32_t guest, const struct virtual_device *device, uint64_t address,
                    const struct memory_instruction *instruction, bool store);
