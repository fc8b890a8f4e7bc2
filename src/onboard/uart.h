/* A polled ns16550a: enough for consoles of layers and for early or panic text of guests. */
#pragma once
#include "mmio.h"

enum uart_register { UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_IIR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5,
                     UART_SCRATCH = 7 };
#define UART_LCR_DIVISOR_ACCESS 0x80
#define UART_FCR_ENABLE_AND_CLEAR 0x07
#define UART_MCR_POWER_ON 0x08
#define UART_DIVISOR_POWER_ON 12
#define UART_LSR_DATA_READY 0x01
#define UART_LSR_THR_EMPTY 0x20
#define UART_IER_RECEIVE 0x01
#define UART_IER_TRANSMIT 0x02

/* Waits for room at most this many looks, then the byte goes anyway: a dead console must not stop a kernel. */
#define UART_PATIENCE 1000

static inline void uart_put(uintptr_t uart, char byte)
{
  for (int look = 0; look < UART_PATIENCE && !(mmio_read8(uart + UART_LSR) & UART_LSR_THR_EMPTY); look++)
    ;
  mmio_write8(uart + UART_DATA, (uint8_t)byte);
}

/* Registers and FIFOs as after power-on. */
static inline void uart_power_on(uintptr_t uart)
{
  mmio_write8(uart + UART_LCR, UART_LCR_DIVISOR_ACCESS);
  mmio_write8(uart + UART_DATA, UART_DIVISOR_POWER_ON);
  mmio_write8(uart + UART_IER, 0); /* upper half of the divisor */
  mmio_write8(uart + UART_LCR, 0);
  mmio_write8(uart + UART_IER, 0);
  mmio_write8(uart + UART_FCR, UART_FCR_ENABLE_AND_CLEAR);
  mmio_write8(uart + UART_FCR, 0);
  mmio_write8(uart + UART_MCR, UART_MCR_POWER_ON);
  mmio_write8(uart + UART_SCRATCH, 0);
  mmio_read8(uart + UART_LSR); /* ends an overrun */
}

/* The next byte received, or -1. */
static inline int uart_get(uintptr_t uart)
{
  return mmio_read8(uart + UART_LSR) & UART_LSR_DATA_READY ? mmio_read8(uart + UART_DATA) : -1;
}

static inline void uart_puts(uintptr_t uart, const char *text)
{
  for (; *text; text++)
    uart_put(uart, *text);
}

/* `0x` and hexadecimal digits without leading zeros. */
static inline void uart_put_hex(uintptr_t uart, uint64_t value)
{
  int shift = 60;
  uart_puts(uart, "0x");
  while (shift > 0 && (value >> shift) == 0)
    shift -= 4;
  for (; shift >= 0; shift -= 4)
    uart_put(uart, "0123456789abcdef"[(value >> shift) & 15]);
}
