/* The optional isolation module: what a guest may reach, as entries of the PMP. Off, all memory stays open. The entries
 * are not locked, so M-mode itself is never held back; S- and U-mode reach nothing that no entry names. */
#pragma once
#include "config.h"

#define PMP_ENTRIES 16

struct window {
  uint64_t addresses[PMP_ENTRIES]; /* pmpaddr */
  uint64_t modes[PMP_ENTRIES / 8]; /* pmpcfg0 and pmpcfg2, a byte per entry */
};

/* The windows of all guests; stops the machine with a message if one does not fit. */
void windows_init(const struct config *config);
/* Puts the guest's window in force, if the module is on. A fence of all translations must follow. */
void window_load(uint32_t guest);
