/* How the machine ends when the layer cannot go on. */
#include "csr.h"
#include "machine.h"
#include "mmio.h"
#include "platform.h"
#include "uart.h"

/* Also a trap vector, hence aligned: a layer whose console is gone still reaches the finisher. */
__attribute__((aligned(4))) static _Noreturn void finish_failed(void)
{
  csr_write(mtvec, machine_park);
  mmio_write32(FINISHER_BASE, 1 << 16 | FINISHER_FAIL);
  machine_park();
}

_Noreturn void machine_fail(const char *reason)
{
  csr_write(mtvec, finish_failed);
  uart_puts(LAYER_UART_BASE, "layer: ");
  uart_puts(LAYER_UART_BASE, reason);
  uart_put(LAYER_UART_BASE, '\n');
  finish_failed();
}

_Noreturn void machine_crash(void)
{
  csr_write(mtvec, finish_failed);
  uart_puts(LAYER_UART_BASE, "layer: trap in M-mode mcause=");
  uart_put_hex(LAYER_UART_BASE, csr_read(mcause));
  uart_puts(LAYER_UART_BASE, " mepc=");
  uart_put_hex(LAYER_UART_BASE, csr_read(mepc));
  uart_puts(LAYER_UART_BASE, " mtval=");
  uart_put_hex(LAYER_UART_BASE, csr_read(mtval));
  uart_put(LAYER_UART_BASE, '\n');
  finish_failed();
}
