/* AT commands (ITU-T V.250, 3GPP TS 27.007), as a terminal types them at a modem: byte by byte in, answers out. */
#pragma once
#include <stdint.h>

/* V.250 asks for 40 or more. */
#define AT_LINE_BYTES 64

/* Everything that is sent to the terminal goes through `put`. */
void at_init(void (*put)(char c));
void at_byte(uint8_t byte);
/* Bytes were lost on the way here: the line that is being typed ends in ERROR. */
void at_lost(void);
