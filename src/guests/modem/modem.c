/* The tasks that this image adds, and which devices they serve. */
#include "../common/board.h"
#include "at.h"
#include "ethernet.h"
#include "extra.h"
#include "internet.h"
#include "journal.h"
#include "serial.h"
#include "serve.h"
#include "task.h"
#include "terminal.h"
#include "traffic.h"

#define DEFAULT_HOST 15

_Noreturn static void rest(void) {
  static struct semaphore never;
  for (;;) semaphore_take(&never);
}

/* With `at=call` it is the terminal, else the modem. */
static void serial_task(void) {
  if (!serial_init()) rest();
  if (bootarg_is("at", "call")) {
    terminal_run();
    rest();
  }
  at_init(serial_put);
  for (;;) {
    uint8_t byte = serial_get();
    if (serial_overrun()) at_lost();
    at_byte(byte);
  }
}

void serve_frame(const uint8_t *frame, uint32_t length) {
  uint32_t bytes = internet_answer(frame, length, ethernet_reserve());
  if (bytes) ethernet_send(bytes);
}

static void network_task(void) {
  if (!ethernet_init()) rest();
  uint32_t host = (uint32_t)bootarg_number("host", DEFAULT_HOST);
  internet_init(ethernet_address, host);
  uint64_t peer = bootarg_number("peer", 0);
  if (peer) traffic_run(host, (uint32_t)peer, bootarg_number("ping", 0), bootarg_number("bulk", 0));
  for (;;) {
    uint32_t length;
    const uint8_t *frame = ethernet_receive(&length);
    serve_frame(frame, length);
  }
}

static void journal_task(void) {
  journal_run(bootarg_number("journal", 0));
  rest();
}

void extra_start(void) {
  task_create(TASK_JOURNAL, "journal", journal_task);
  task_create(TASK_SERIAL, "serial", serial_task);
  task_create(TASK_NETWORK, "network", network_task);
}

/* Virtual devices share one source. */
bool extra_interrupt(uint32_t source) {
  bool serial = serial_interrupt(source), ethernet = ethernet_interrupt(source);
  return journal_interrupt(source) || serial || ethernet;
}
