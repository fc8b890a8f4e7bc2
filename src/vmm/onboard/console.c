#include "console.h"
#include "csr.h"
#include "platform.h"
#include "sbi.h"
#include "uart.h"

void firmware_reset(uint32_t type, uint32_t reason)
{
  register uint64_t a0 __asm__("a0") = type;
  register uint64_t a1 __asm__("a1") = reason;
  register uint64_t a6 __asm__("a6") = 0;
  register uint64_t a7 __asm__("a7") = SBI_SRST;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
}

bool firmware_start_hart(uint64_t hart, void (*entry)(void))
{
  register uint64_t a0 __asm__("a0") = hart;
  register uint64_t a1 __asm__("a1") = (uint64_t)entry;
  register uint64_t a2 __asm__("a2") = 0;
  register uint64_t a6 __asm__("a6") = HSM_HART_START;
  register uint64_t a7 __asm__("a7") = SBI_HSM;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
  return (int64_t)a0 == SBI_SUCCESS;
}

void firmware_interrupt_hart(uint64_t hart)
{
  register uint64_t a0 __asm__("a0") = 1;
  register uint64_t a1 __asm__("a1") = hart;
  register uint64_t a6 __asm__("a6") = 0;
  register uint64_t a7 __asm__("a7") = SBI_IPI;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
}

_Noreturn void stop(const char *what, uint64_t value)
{
  static bool stopping; /* a trap on the way would lead here again */
  if (!stopping) {
    stopping = true;
    uart_puts(LAYER_UART_BASE, "hypervisor: ");
    uart_puts(LAYER_UART_BASE, what);
    uart_put(LAYER_UART_BASE, ' ');
    uart_put_hex(LAYER_UART_BASE, value);
    uart_put(LAYER_UART_BASE, '\n');
  }
  firmware_reset(RESET_SHUTDOWN, RESET_SYSTEM_FAILURE);
  csr_write(sie, 0);
  for (;;)
    wait_for_interrupt();
}
