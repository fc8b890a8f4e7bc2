/* The UART that a peer is at the other end of, driven by interrupts. An interrupt only wakes the task and masks itself:
 * however fast the peer sends, it takes one interrupt for each time that the task has looked. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* False if there is no such UART. */
bool serial_init(void);
bool serial_interrupt(uint32_t source); /* false: not its own */

/* For one task, which waits for a byte, or for room. */
uint8_t serial_get(void);
void serial_put(char c);
/* Has a byte been lost since the last time? */
bool serial_overrun(void);
