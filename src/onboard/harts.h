/* Harts that run guests in this image: a variable that each has for itself is an array of so many. An image for one hart
 * is built of the same source and pays for none of it: own_hart(), which each layer defines, is 0 there. */
#pragma once
#include "config.h"
#include <stdint.h>

#ifndef HARTS
#define HARTS 1
#endif

/* A guest stays on its hart. */
static inline uint32_t hart_of_guest(const struct config *config, uint32_t guest)
{
  return HARTS == 1 ? 0 : guest % config->hart_count;
}
