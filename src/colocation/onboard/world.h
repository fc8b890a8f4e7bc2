/* A world: everything of the hart that belongs to one guest. */
#pragma once
#include "fp-context.h"
#include "csr.h"
#include "harts.h"
#include "machine/machine.h"

static inline uint32_t own_hart(void) { return HARTS == 1 ? 0 : (uint32_t)csr_read(mhartid); }

#define NO_GUEST UINT32_MAX

struct world {
  struct trap_frame frame; /* x1..x31, pc and mstatus: live here even while the guest runs */
  /* The rest is stale while the world is loaded. */
  struct fp_context fp;
  uint64_t sie, stvec, sscratch, sepc, scause, stval, satp, scounteren, senvcfg;
  uint64_t sip;     /* its writable bits: SSIP, and without Sstc STIP */
  uint64_t timer;   /* stimecmp */
  uint64_t enables; /* PLIC S context */
  uint32_t threshold;
  /* Never stale. */
  uint64_t sources; /* PLIC sources it owns */
  uint64_t masked;  /* of these, pending ones that may not wake it; M hears of them no more until it is loaded */
  struct sbi_caller caller;
};

extern struct world worlds[MAX_GUESTS];
/* By hart: the guest whose context is loaded, or NO_GUEST; set before the first instruction that loads it. */
extern uint32_t current_guest[HARTS];
extern uint64_t world_switches[HARTS];

static inline uint32_t loaded_guest(void) { return current_guest[own_hart()]; }
static inline bool world_loaded(const struct world *world) { return world->caller.guest == loaded_guest(); }

void world_init(const struct config *config, uint32_t guest);
/* Saves the loaded world, if any, and loads that of `guest`; its frame is resumed by the trap's return. */
void world_switch(uint32_t guest, uint64_t now);
/* Gives the loaded world the registers with which it began. */
void world_reset(uint64_t now);
/* Ends whatever its sources were at: as at power-on, if its devices are silent. The world is loaded. */
void world_release_sources(const struct world *world);
/* Is one of its own enabled interrupts pending? May mask sources as `masked` says. */
bool world_interrupted(struct world *world, uint64_t now);
