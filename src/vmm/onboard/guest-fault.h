/* Guest page faults: what a guest's G-stage does not map is either a virtual device or nobody's. */
#pragma once
#include "vm.h"

/* A load or store of a guest at a virtual device. */
struct device_access {
  uint64_t offset; /* in the device, aligned to `width` */
  uint8_t width;   /* bytes */
  bool store;
  uint64_t value; /* stored, or to be filled in by a load */
};

/* Exits with cause 20, 21 and 23. */
void guest_page_fault(struct vm *vm);
