/* The PLIC as virtual device: what is the loaded world's own of it. Interrupts come from the PLIC itself. */
#include "devices/devices.h"
#include "plic.h"
#include "world.h"

#define CONTEXT_S PLIC_CONTEXT_S(own_hart())
#define WORD 4

/* The bits of a register that are the world's. */
static uint32_t own_bits(const struct world *world, uint64_t address)
{
  uint64_t source = (address - PLIC_PRIORITY(0)) / WORD;
  if (source <= PLIC_SOURCES)
    return world->sources >> source & 1 ? UINT32_MAX : 0;
  for (unsigned word = 0; word < 2; word++)
    if (address == PLIC_PENDING(word) || address == PLIC_ENABLE(CONTEXT_S, word))
      return (uint32_t)(world->sources >> 32 * word);
  return address == PLIC_THRESHOLD(CONTEXT_S) || address == PLIC_CLAIM(CONTEXT_S) ? UINT32_MAX : 0;
}

enum access_result layer_access_plic(uint32_t guest, struct device_access *access)
{
  if (access->width != WORD && access->width != 2 * WORD)
    return ACCESS_REFUSED;
  for (unsigned at = 0; at < access->width; at += WORD) {
    uint64_t address = PLIC_BASE + access->offset + at;
    uint32_t bits = own_bits(&worlds[guest], address);
    if (bits && access->store)
      mmio_write32(address, (uint32_t)(access->value >> 8 * at) & bits);
    else if (bits)
      access->value |= (uint64_t)(mmio_read32(address) & bits) << 8 * at;
  }
  return ACCESS_DONE;
}
