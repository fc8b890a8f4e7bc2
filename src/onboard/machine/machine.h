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

/* Each M-mode image defines these; all return the frame to resume. Hart 0 comes to machine_main; any other waits until
 * machine_wake, and then comes to machine_secondary. */
struct trap_frame *machine_main(uint64_t hart, const struct config *config);
struct trap_frame *machine_secondary(uint64_t hart);
struct trap_frame *machine_trap(struct trap_frame *frame);

/* Checks the block, finds features, and brings this hart and the PLIC into the entry state that src/onboard/README.md
 * promises, PMP open. */
void machine_init(const struct config *config, uint64_t delegated_exceptions);
/* The hart's part of it; of the caller's state too, as HSM promises it to a hart that starts. */
void machine_init_hart(const struct config *config, uint64_t delegated_exceptions);
/* Raises the M-level software interrupt of a hart, or takes back the own. What it is for must be in memory before. */
void machine_wake(uint32_t hart);
void machine_awake(void);
/* A frame that enters S-mode with a0 = hart and a1 = `argument`; `extra_status` is or-ed into mstatus. */
struct trap_frame machine_entry(uint64_t pc, uint64_t argument, uint64_t extra_status);
/* Gives a trap that came here to S-mode, as if it had been delegated. */
void machine_reflect(struct trap_frame *frame, uint64_t cause, uint64_t value);
/* When this hart's M timer fires next; TIME_NEVER: it does not. */
void machine_set_timer(uint64_t compare_ticks);

/* The caller that a guest is to the SBI. */
struct sbi_caller machine_caller(const struct config *config, uint32_t guest);

/* The ends. The layer says why on its own console; no act of a guest alone leads here. */
_Noreturn void machine_fail(const char *reason);
_Noreturn void machine_crash(void);
_Noreturn void machine_park(void);
void trap_entry(void);
