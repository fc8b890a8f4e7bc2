/* Answers a frame as a host that asks for nothing. */
#pragma once
#include <stdint.h>

void serve_frame(const uint8_t *frame, uint32_t length);
