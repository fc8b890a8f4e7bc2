#include "timer.h"

#include "board.h"
#include "cpu.h"
#include "ecall.h"

uint64_t timer_now(void) { return csr_read(time); }

void timer_set(uint64_t tick) {
  if (board.sstc) csr_write(stimecmp, tick);
  else sbi_set_timer(tick);
}

void timer_stop(void) { timer_set(TIMER_NEVER); }
