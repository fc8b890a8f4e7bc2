/* Devices: the guest's own DMA channel and UART, and the interrupt controller. */
#include "../../onboard/uart.h"
#include "../common/board.h"
#include "../common/cpu.h"
#include "../common/dma.h"
#include "../common/external.h"
#include "../common/monitor.h"
#include "../common/plic.h"
#include "workloads.h"

enum { WORDS = 16384, SMALL_WORDS = 16, FILLED = 64 };
enum { COMPLETIONS_PER_ROUND = 50, REGISTERS_PER_ROUND = 100, LINES_PER_ROUND = 10, LATENCIES_PER_ROUND = 64 };

static uint32_t from[WORDS], to[WORDS];
static volatile bool done;
static volatile uint64_t handler_cycle; /* of the last interrupt */

void devices_prepare(void) {
  plic_init();
  dma_init();
}

static bool serve(uint32_t source) {
  if (!dma_interrupt(source)) return false;
  done = true;
  return true;
}

void device_interrupt(void) {
  handler_cycle = csr_read(cycle);
  external_interrupt(serve);
}

/* Waits without sleeping where `busy`, so that only the way of the interrupt is measured. */
static void copy(uint32_t words, bool busy) {
  done = !dma_start(to, from, words * sizeof *from);
  while (!done) {
    if (!busy) wait_for_interrupt();
    csr_set(sstatus, SSTATUS_SIE);
    csr_clear(sstatus, SSTATUS_SIE);
  }
}

/* Of each transfer the first `filled` words are new; all are read. */
static uint32_t transfers(uint64_t count, uint32_t words, uint32_t filled) {
  uint32_t random = 1, sum = 1;
  interrupts_off();
  for (uint64_t i = 0; i < count; i++) {
    for (uint32_t at = 0; at < filled; at++) from[at] = next_random(&random);
    copy(words, false);
    for (uint32_t at = 0; at < words; at++) sum = mix(sum, to[at]);
  }
  return mix(sum, dma_failed());
}

uint64_t completions_run(uint64_t rounds) {
  return transfers(rounds * COMPLETIONS_PER_ROUND, SMALL_WORDS, SMALL_WORDS);
}
uint64_t copies_run(uint64_t rounds) { return transfers(rounds, WORDS, FILLED); }

uint64_t plic_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint64_t i = 0; i < rounds * REGISTERS_PER_ROUND; i++) {
    plic_disable(board.dma_irq);
    sum = mix(sum, plic_claim());
    plic_enable(board.dma_irq);
  }
  return sum;
}

uint64_t uart_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint64_t line = 0; line < rounds * LINES_PER_ROUND; line++)
    for (uint32_t column = 0; column < 64; column++) {
      char byte = column == 63 ? '\n' : (char)('!' + (line + column) % 90);
      uart_put(board.uart, byte);
      sum = mix(sum, (uint8_t)byte);
    }
  return sum;
}

uint64_t device_latency_run(uint64_t rounds) {
  enum { TRANSFER_CYCLES = 100 + SMALL_WORDS * 4 / 8 };
  interrupts_off();
  for (uint64_t i = 0; i < rounds * LATENCIES_PER_ROUND; i++) {
    uint64_t start = csr_read(cycle);
    copy(SMALL_WORDS, true);
    monitor_report(handler_cycle - start - TRANSFER_CYCLES);
  }
  return rounds * LATENCIES_PER_ROUND;
}
