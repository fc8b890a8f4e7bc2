#pragma once
#include "machine/machine.h"
#include "platform.h"

/* What a hart asks of others: executed with all translations and instructions of a kind, wherever they lie. */
struct fence_request {
  enum sbi_rfence_function function;
  uint64_t vmid;    /* of whoever asks: HFENCE.VVMA means his */
  uint32_t pending; /* one bit for each hart that has not answered; that hart clears it */
};

/* A hart of the one kernel above, which counts from `first_hart` of the configuration on. */
struct hart {
  struct trap_frame frame; /* first: a trap finds the hart by it */
  struct sbi_caller caller;
  struct fence_request fence;
  /* Written by other harts too, hence atomic. */
  uint32_t events; /* what it is asked to do */
  uint32_t state;  /* enum sbi_hart_state, or HART_PARKED */
  /* Where it starts: the argument is there before the address is, and 0 is no address. */
  uint64_t start_address, start_argument;
};
extern struct hart harts[MAX_HARTS];

/* Beyond what HSM knows: the system was reset, and its harts never run again. */
#define HART_PARKED 16u

/* Bits of `events`; without one a hart only looks at its state. */
#define EVENT_SOFTWARE 1u
#define EVENT_PARK 2u
#define EVENT_FENCE(from) (4u << (from))

extern const struct config *config;

static inline struct hart *hart_of(const struct sbi_caller *caller) { return &harts[caller->hart]; }
static inline uint32_t hart_state(const struct hart *hart) { return __atomic_load_n(&hart->state, __ATOMIC_ACQUIRE); }
static inline void hart_set_state(struct hart *hart, uint32_t state)
{
  __atomic_store_n(&hart->state, state, __ATOMIC_RELEASE);
}
/* It runs, or would if it had something to do: it can be interrupted, and may hold translations. */
static inline bool hart_is_up(const struct hart *hart)
{
  uint32_t state = hart_state(hart);
  return state == HART_STARTED || state == HART_SUSPENDED;
}

/* What the machine calls a hart of the kernel's, and the other way about. */
static inline uint32_t machine_hart(uint32_t hart) { return hart + config->first_hart; }
static inline uint64_t kernel_hart(uint64_t hart) { return hart - config->first_hart; }

/* Brings this hart into the state in which HSM starts it. */
void hart_init(void);
/* Until this hart may run it serves the others; returns the frame to go on with. */
struct trap_frame *hart_wait(struct hart *hart);
static inline struct trap_frame *hart_resume(struct hart *hart)
{
  return hart_state(hart) == HART_STARTED ? &hart->frame : hart_wait(hart);
}

/* Asks a hart for something. */
void hart_ask(uint32_t hart, uint32_t events);
/* Does what this hart was asked for. */
void hart_serve(struct hart *hart);

/* The M timer fired: without Sstc it stands in for the caller's own. */
void firmware_timer_fired(void);
