/* The SBI's needs that firmware and nanokernel meet alike: the caller is the world loaded on this hart, and its physical
 * addresses are the machine's. */
#include "csr.h"
#include "machine.h"
#include "mmio.h"
#include "platform.h"
#include "string.h"

struct sbi_caller machine_caller(const struct config *config, uint32_t guest)
{
  const struct guest_config *from = &config->guests[guest];
  return (struct sbi_caller){
      .guest = guest,
      .reset_policy = config->reset_policy,
      .memory_base = from->ram_base,
      .memory_size = from->ram_size,
      .uart = UART_BASE(from->uart),
  };
}

void layer_raise_software(const struct sbi_caller *caller)
{
  (void)caller;
  csr_set(mip, IRQ_BIT(IRQ_S_SOFTWARE));
}

void layer_fence_instructions(const struct sbi_caller *caller)
{
  (void)caller;
  fence_instructions();
}

void layer_fence_addresses(const struct sbi_caller *caller)
{
  (void)caller;
  fence_addresses();
}

static bool own(const struct sbi_caller *caller, uint64_t address, uint64_t length)
{
  uint64_t offset = address - caller->memory_base;
  return address >= caller->memory_base && offset <= caller->memory_size && length <= caller->memory_size - offset;
}

bool layer_read_caller(const struct sbi_caller *caller, uint64_t address, void *to, uint64_t length)
{
  if (!own(caller, address, length))
    return false;
  memcpy(to, (const void *)address, length);
  return true;
}

bool layer_write_caller(const struct sbi_caller *caller, uint64_t address, const void *from, uint64_t length)
{
  if (!own(caller, address, length))
    return false;
  memcpy((void *)address, from, length);
  return true;
}

void layer_reset_machine(uint32_t type, uint32_t reason)
{
  uint32_t failed = 1 << 16 | FINISHER_FAIL;
  uint32_t shutdown = reason == RESET_NO_REASON ? FINISHER_PASS : failed;
  mmio_write32(FINISHER_BASE, type == RESET_SHUTDOWN ? shutdown : FINISHER_RESET);
  machine_park();
}
