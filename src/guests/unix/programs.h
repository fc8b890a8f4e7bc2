/* The user programs, linked into the kernel's image and never run there by the kernel. None returns. */
#pragma once
#include <stdint.h>

/* `units` of work are to be done, one each `pace` timer ticks. */
void shell(uint64_t units, uint64_t pace);

/* From unit `first` on, `count` of them. */
void producer(uint64_t first, uint64_t count);
void transformer(uint64_t first, uint64_t count);
