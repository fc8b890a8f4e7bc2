/* Debug console. At most 64 bytes per call, so that no guest makes the layer work long; the count tells the caller. */
#include "../sbi.h"
#include "../uart.h"

#define DBCN_MAX 64

static struct sbi_result write(const struct sbi_caller *caller, uint64_t length, uint64_t low, uint64_t high)
{
  char text[DBCN_MAX] = {0};
  uint64_t count = length < DBCN_MAX ? length : DBCN_MAX;
  if (high != 0 || !layer_read_caller(caller, low, text, count))
    return (struct sbi_result){SBI_ERR_INVALID_PARAM, 0};
  for (uint64_t i = 0; i < count; i++)
    uart_put(caller->uart, text[i]);
  return (struct sbi_result){SBI_SUCCESS, count};
}

static struct sbi_result handle(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6])
{
  switch (function) {
  case DBCN_WRITE: return write(caller, args[0], args[1], args[2]);
  case DBCN_READ: return (struct sbi_result){SBI_SUCCESS, 0}; /* no input by this way: a guest has its UART */
  case DBCN_WRITE_BYTE: uart_put(caller->uart, (char)args[0]); return (struct sbi_result){SBI_SUCCESS, 0};
  default: return (struct sbi_result){SBI_ERR_NOT_SUPPORTED, 0};
  }
}

const struct sbi_extension sbi_dbcn = {SBI_DBCN, handle};
