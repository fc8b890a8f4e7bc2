#include "exclusive.h"

#if HARTS > 1
#include "csr.h"

#define PATIENCE 10000 /* ticks: 1 ms */

static uint32_t next_ticket, served, held;

void exclusive_begin(void)
{
  uint32_t ticket = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);
  uint64_t since = csr_read(time);
  while (__atomic_load_n(&served, __ATOMIC_ACQUIRE) != ticket && csr_read(time) - since < PATIENCE)
    ;
  held = ticket;
}

void exclusive_end(void) { __atomic_store_n(&served, held + 1, __ATOMIC_RELEASE); }
#endif
