/* Guest page faults: what a guest's G-stage does not map is either a virtual device or nobody's. */
#pragma once
#include "vm.h"

/* Exits with cause 20, 21 and 23. */
void guest_page_fault(struct vm *vm);
