/* Exceptions given to a guest as the hardware would give them. */
#pragma once
#include "vm.h"

/* The loaded VM continues at its trap vector, with the frame's pc as the faulting one. */
void inject_exception(struct vm *vm, uint64_t cause, uint64_t tval);
