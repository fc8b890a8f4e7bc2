/* The control loop: what the rtos is there for. */
#pragma once
#include <stdint.h>

/* One job: reads the samples of this index, has them copied, filters them, steps the controller. The result is a pure
 * function of the samples up to this index. */
uint64_t control_job(uint64_t index);

/* The DMA completion interrupt. */
void control_dma_done(void);
