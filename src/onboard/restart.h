/* Restart of one guest while the others run: its devices silent, its memory as the harness loaded it, its registers as
 * at entry. The work is done in bounded steps, at that guest's own priority and out of its own budget: a layer takes
 * steps where the scheduler gives the hart to a guest that is restarting. Policies are data of the configuration block. */
#pragma once
#include "config.h"
#include <stdbool.h>
#include <stdint.h>

#define RESTART_STEP_BYTES 4096

/* Why: it asked for a reset, or it waits with every interrupt disabled, so that nothing will ever wake it. */
enum restart_cause { RESTART_ASKED, RESTART_CRASHED };
enum restart_phase { RESTART_NONE, RESTART_CONTEXT, RESTART_DEVICES, RESTART_MEMORY };
enum restart_result { RESTART_GOES_ON, RESTART_DONE, RESTART_IMPOSSIBLE };

struct restart {
  /* Policy. */
  uint32_t policy; /* enum restart_policy */
  uint32_t left;   /* restarts still allowed */
  /* How the guest began. Its slot is named by guest-physical addresses, the copies by the layer's. */
  uint32_t guest;
  uint64_t slot, slot_size;
  uint64_t image_copy, image_size;
  uint64_t tail_offset, tail_copy, tail_size;
  uint64_t uart, dma; /* its devices; dma 0: it has no channel */
  /* State. */
  enum restart_phase phase;
  uint64_t offset; /* of the slot: up to here memory is restored */
};

/* False: the copies that the configuration names are not where copies lie, or do not fit the slot. */
bool restart_init(struct restart *restart, const struct config *config, uint32_t guest);
/* Begins a restart, if policy lets it and not all are used up; else false: the guest is to be parked. */
bool restart_request(struct restart *restart, enum restart_cause cause);
static inline bool restart_pending(const struct restart *restart) { return restart->phase != RESTART_NONE; }
/* One step, while the guest's world is loaded. The first gives it the registers of its entry. */
enum restart_result restart_step(struct restart *restart);

/* What each layer defines. */
void layer_reset_context(uint32_t guest); /* registers and translations, of the loaded guest */
void layer_reset_interrupts(uint32_t guest); /* its sources neither enabled, pending nor claimed, all of priority 1 */
/* A page of guest memory: from a page of the layer's, or zeros where that is null. False: there is no such page. */
bool layer_restore_page(uint64_t address, const uint64_t *from);
