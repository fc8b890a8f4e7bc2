/* What an image may add to the rtos (../modem has the same header, which its build finds first): here nothing. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define EXTRA_TASKS

static inline void extra_start(void) {}
static inline bool extra_interrupt(uint32_t source) {
  (void)source;
  return false;
}
static inline void extra_switch(uint32_t task) { (void)task; }
