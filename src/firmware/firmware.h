#pragma once
#include "machine/machine.h"

/* The one kernel above. */
struct firmware {
  struct trap_frame frame;
  struct sbi_caller caller;
};
extern struct firmware firmware;

/* The M timer fired: without Sstc it stands in for the caller's own. */
void firmware_timer_fired(void);
