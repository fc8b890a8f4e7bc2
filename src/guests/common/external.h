#pragma once

/* Serves one external interrupt. A source that nobody here asked for is masked, with a line on the console: a level
 * that never falls must not take the kernel's time. */
void external_interrupt(void (*dma_done)(void));
