/* The workloads that cost is measured with. Each does `rounds` equal portions of work and gives a checksum that depends
 * on all of it and on no time; src/cost/oracle.ts computes the same by itself. What stands in `prepare` is not measured. */
#pragma once
#include <stdint.h>

#include "../common/frame.h"

/* The hart alone. */
void crc_prepare(void);
uint64_t crc_run(uint64_t rounds);
uint64_t sort_run(uint64_t rounds);
uint64_t matrix_run(uint64_t rounds);
uint64_t floats_run(uint64_t rounds);
uint64_t interpreter_run(uint64_t rounds);

/* Translation. */
void pages_prepare(void);     /* 1024 leaves of 4 KiB: more than any level of the TLB has entries */
void megapages_prepare(void); /* as many of 2 MiB */
uint64_t touch_run(uint64_t rounds);
uint64_t remap_run(uint64_t rounds);
void chase_small_prepare(void); /* a chain of pointers through 1 MiB of addresses, one in each page */
uint64_t chase_small_run(uint64_t rounds);
void chase_large_prepare(void); /* 16 MiB */
uint64_t chase_large_run(uint64_t rounds);

/* Calls. */
void syscalls_prepare(void);
uint64_t syscalls_run(uint64_t rounds); /* a process calls its kernel */
void pipe_prepare(void);
uint64_t pipe_run(uint64_t rounds); /* two processes answer each other, each with an address space of its own */
uint64_t sbi_call_run(uint64_t rounds);
uint64_t sbi_console_run(uint64_t rounds);

/* Timer. */
uint64_t ticks_run(uint64_t rounds);      /* every 100 us, WFI between */
uint64_t fast_ticks_run(uint64_t rounds); /* every 10 us */
uint64_t rearm_run(uint64_t rounds);      /* set anew before it expires */
uint64_t ticked_run(uint64_t rounds);     /* crc while the timer ticks, by default 250 times a second */

/* Devices. */
void devices_prepare(void);
uint64_t completions_run(uint64_t rounds); /* small DMA transfers, an interrupt each */
uint64_t copies_run(uint64_t rounds);      /* large ones */
uint64_t plic_run(uint64_t rounds);        /* registers of the interrupt controller, no interrupt */
uint64_t uart_run(uint64_t rounds);

/* Another guest. */
void ping_pong_prepare(void);
uint64_t ping_pong_run(uint64_t rounds);

/* Interrupts, each with a report of how many cycles it took to the handler. */
uint64_t timer_latency_run(uint64_t rounds);
uint64_t device_latency_run(uint64_t rounds);

/* For the trap handler. */
void timer_interrupt(void);
void device_interrupt(void);
void process_ecall(struct trap_frame *frame);

/* A root table with the kernel's own map: RAM, console and monitor at their addresses. */
uint64_t *address_space_create(void);
void address_space_enter(const uint64_t *root, uint64_t asid);
void address_space_leave(void); /* to physical addresses */
void *frame_alloc(void);        /* a zeroed page */
void frames_reset(void);        /* takes back all that was given out */

/* What all of them draw from, and how they fold what they found. */
static inline uint32_t next_random(uint32_t *state) { return *state = *state * 1664525 + 1013904223; }
static inline uint32_t mix(uint32_t sum, uint32_t word) { return (sum ^ word) * 0x01000193u; }
