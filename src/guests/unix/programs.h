/* The user programs, linked into the kernel's image and never run there: each process gets its own copy. */
#pragma once
#include <stdint.h>

/* `units` of work are to be done, one each `pace` timer ticks. None returns. */
void producer(uint64_t units, uint64_t pace);
void transformer(uint64_t units, uint64_t pace);
void consumer(uint64_t units, uint64_t pace);
