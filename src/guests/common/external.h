#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Serves one external interrupt. A source that `serve` does not know is masked, with a line on the console: a level that
 * never falls must not take the kernel's time. */
void external_interrupt(bool (*serve)(uint32_t source));
