/* Another guest: a word goes to and fro by the message channel, and each side waits for the other's interrupt. */
#include "../../onboard/platform.h"
#include "../../onboard/services.h"
#include "../common/cpu.h"
#include "../common/ecall.h"
#include "../common/panic.h"
#include "../common/plic.h"
#include "workloads.h"

enum { MESSAGES_PER_ROUND = 50 };

static uint64_t own;

static uint64_t peer(void) { return 1 - own; }

void ping_pong_prepare(void) {
  struct sbi_result self = sbi_ecall(SERVICE_EID, SERVICE_SELF, 0, 0);
  own = self.value & 0xffffffff;
  if (self.error != SBI_SUCCESS || own > 1) panic("no peer to speak to");
  plic_init();
  plic_enable(SERVICE_IRQ(own));
}

static void send(uint64_t word) {
  if (sbi_ecall(SERVICE_EID, SERVICE_SEND, peer(), word).error != SBI_SUCCESS) panic("a message was refused");
}

static uint64_t receive(void) {
  for (;;) {
    wait_for_interrupt(); /* interrupts are off: it only ends the wait */
    uint32_t source = plic_claim();
    struct sbi_result message = sbi_ecall(SERVICE_EID, SERVICE_RECEIVE, peer(), 0);
    if (source) plic_complete(source);
    if (message.error == SBI_SUCCESS) return message.value;
  }
}

uint64_t ping_pong_run(uint64_t rounds) {
  uint64_t word = 1;
  interrupts_off();
  for (uint64_t i = 0; i < rounds * MESSAGES_PER_ROUND; i++) {
    if (own == 0) {
      send(word);
      word = receive();
    } else {
      word = receive() * 0x10dcd + 1;
      send(word);
    }
  }
  return word;
}
