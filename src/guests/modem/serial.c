#include "serial.h"

#include "../../onboard/uart.h"
#include "../common/board.h"
#include "../common/plic.h"
#include "share.h"
#include "task.h"

#define FIFO_BYTES 16
#define FCR_ENABLE_CLEAR_TRIGGER_8 0x87
#define LCR_EIGHT_BITS 0x03
#define MCR_READY 0x0b /* DTR, RTS, and OUT2, which lets interrupts through */
#define LSR_OVERRUN 0x02
#define IIR_NONE 0x01

static struct semaphore wake;
static volatile uint8_t armed; /* the interrupt that is waited for */
static uint32_t room; /* bytes that surely fit into the sender's FIFO */
static bool overrun;

static uint8_t load(enum uart_register offset) { return mmio_read8(board.serial + offset); }
static void store(enum uart_register offset, uint8_t value) { mmio_write8(board.serial + offset, value); }

bool serial_init(void) {
  if (!board.serial) return false;
  store(UART_IER, 0);
  store(UART_LCR, LCR_EIGHT_BITS);
  store(UART_FCR, FCR_ENABLE_CLEAR_TRIGGER_8);
  store(UART_MCR, MCR_READY);
  plic_enable(board.serial_irq);
  return true;
}

bool serial_interrupt(uint32_t source) {
  if (!board.serial || source != board.serial_irq) return false;
  if (!armed || load(UART_IIR) & IIR_NONE) return true; /* another's, at the same source */
  armed = 0;
  store(UART_IER, 0);
  semaphore_give(&wake);
  return true;
}

static void wait(uint8_t interrupt) {
  armed = interrupt;
  store(UART_IER, interrupt);
  semaphore_take(&wake);
}

/* Reading the status ends an overrun, so each look must remember it. */
static uint8_t status(void) {
  uint8_t lsr = load(UART_LSR);
  if (lsr & LSR_OVERRUN) overrun = true;
  return lsr;
}

uint8_t serial_get(void) {
  share_check();
  while (!(status() & UART_LSR_DATA_READY)) {
    wait(UART_IER_RECEIVE);
  }
  return load(UART_DATA);
}

void serial_put(char c) {
  while (room == 0) {
    if (status() & UART_LSR_THR_EMPTY) {
      room = FIFO_BYTES;
    } else {
      wait(UART_IER_TRANSMIT);
    }
  }
  room--;
  store(UART_DATA, (uint8_t)c);
}

bool serial_overrun(void) {
  bool seen = overrun;
  overrun = false;
  return seen;
}
