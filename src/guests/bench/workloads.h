/* The workloads that cost is measured with. Each does `rounds` equal portions of work and gives a checksum that depends
 * on all of it and on no time. */
#pragma once
#include <stdint.h>

#include "../common/frame.h"

uint64_t compute_run(uint64_t rounds);  /* integer loops, a sort, a hash: the hart alone */
uint64_t paging_run(uint64_t rounds);   /* 4 KiB pages mapped, touched, remapped and unmapped: the TLB and its fences */
uint64_t syscalls_run(uint64_t rounds); /* a process calls and calls: traps between U and S */
uint64_t ticks_run(uint64_t rounds);    /* a timer interrupt every 100 us, WFI between */

/* For the trap handler. */
void ticks_interrupt(void);
void syscalls_ecall(struct trap_frame *frame);

/* A root table with the kernel's own map: RAM, console and monitor at their addresses. */
uint64_t *address_space_create(void);
void *frame_alloc(void); /* a zeroed page */
void frames_reset(void); /* takes back all that was given out */
