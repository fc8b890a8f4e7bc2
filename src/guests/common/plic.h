/* The PLIC's context of this hart's S-mode. Every source has priority 1 and is masked by its enable bit alone; a bit of
 * another owner is left as it is. */
#pragma once
#include <stdint.h>

void plic_init(void);
void plic_enable(uint32_t source);
void plic_disable(uint32_t source);
uint32_t plic_claim(void); /* 0 = nothing pending */
void plic_complete(uint32_t source);

/* The pages of registers that this driver touches. */
enum { PLIC_PAGES = 3 };
uint64_t plic_page(uint32_t n);
