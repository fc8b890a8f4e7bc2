/* Second-stage translation: which machine addresses a guest reaches, and where. Sv39x4, made once from the regions of
 * the configuration block and never changed. What no region names faults and comes to guest-fault.c. */
#pragma once
#include "config.h"
#include "page-table.h"

#define GSTAGE_ROOT_ENTRIES 2048 /* 16 KiB: 41-bit guest-physical addresses */
#define GSTAGE_REACH (GSTAGE_ROOT_ENTRIES * LEAF_1G)

extern pte_t gstage_roots[MAX_GUESTS][GSTAGE_ROOT_ENTRIES];

/* Stops the machine with a message if the regions do not fit. */
void gstage_build(const struct config *config);
/* What every further hart does before it uses them. */
void gstage_join(void);
/* The register that puts this guest's tables and VMID in force. */
uint64_t gstage_hgatp(uint32_t guest);
