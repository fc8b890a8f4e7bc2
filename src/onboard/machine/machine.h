/* What firmware and nanokernel share: the M-mode half of the machine. */
#pragma once
#include "config.h"
#include "sbi.h"
#include "trap-frame.h"
#include <stdbool.h>
#include <stdint.h>

/* Found out at boot. */
struct machine_features {
  bool sstc;   /* S-mode has stimecmp */
  bool envcfg; /* menvcfg and senvcfg exist */
};
extern struct machine_features machine_features;

/* Exceptions that S-mode may handle itself: all that the manual lets M-mode delegate except ecall from S-mode. */
#define DELEGABLE_EXCEPTIONS 0xf0b5ffull

/* Each M-mode image defines these two; both return the frame to resume. */
struct trap_frame *machine_main(uint64_t hart, const struct config *config);
struct trap_frame *machine_trap(struct trap_frame *frame);

/* Brings hart and PLIC into the entry state that src/onboard/README.md promises, PMP open. */
void machine_init(const struct config *config, uint64_t delegated_exceptions);
/* A frame that enters S-mode with a0 = hart and a1 = `argument`; `extra_status` is or-ed into mstatus. */
struct trap_frame machine_entry(uint64_t pc, uint64_t argument, uint64_t extra_status);
/* Gives a trap that came here to S-mode, as if it had been delegated. */
void machine_reflect(struct trap_frame *frame, uint64_t cause, uint64_t value);
/* When the M timer fires next; TIME_NEVER: it does not. */
void machine_set_timer(uint64_t compare_ticks);

/* The caller that a guest is to the SBI. */
struct sbi_caller machine_caller(const struct config *config, uint32_t guest);

/* The ends. The layer says why on its own console; no act of a guest alone leads here. */
_Noreturn void machine_fail(const char *reason);
_Noreturn void machine_crash(void);
_Noreturn void machine_park(void);
void trap_entry(void);
