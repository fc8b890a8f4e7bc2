/* The layer's console: for what stops the machine. In good order the hypervisor prints nothing. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Prints `hypervisor: <what> <value>` and shuts the machine down as failed. For configurations that cannot run and for
 * faults of the hypervisor; nothing that a guest does leads here. */
_Noreturn void stop(const char *what, uint64_t value);

/* SBI system reset, answered by the firmware. Returns only if the firmware refuses. */
void firmware_reset(uint32_t type, uint32_t reason);
/* SBI hart start; false if the firmware refuses. */
bool firmware_start_hart(uint64_t hart, void (*entry)(void));
/* SBI IPI: raises the software interrupt of another hart, which is there. */
void firmware_interrupt_hart(uint64_t hart);
