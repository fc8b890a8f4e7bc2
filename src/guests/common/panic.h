#pragma once
#include <stdint.h>

#include "frame.h"

/* What the monitor's CRASH register gets when no trap is the reason; else it gets scause. */
#define PANIC_BY_SOFTWARE 0x100

/* One line on the console, the cause to the monitor, then the policy of the bootargs: panic=halt, loop or reset. */
_Noreturn void panic(const char *text);
_Noreturn void panic_trap(const char *text, const struct trap_frame *frame);
