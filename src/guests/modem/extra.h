/* What this image adds to the rtos: it serves the UART and the network that its device tree names, and keeps a
 * journal on its disk. Its tasks run below all others, so that no peer, however fast, takes time from the control loop or
 * the log. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define EXTRA_TASKS TASK_JOURNAL, TASK_SERIAL, TASK_NETWORK,

void extra_start(void);
/* Serves an external interrupt; false: it is of none of these devices. */
bool extra_interrupt(uint32_t source);
/* That task (enum task_id) runs from now on; interrupts are off. */
void extra_switch(uint32_t task);
