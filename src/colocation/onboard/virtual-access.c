#include "virtual-access.h"
#include "csr.h"
#include "devices/devices.h"

#define PAGE_SHIFT 12
#define INDEX_BITS 9
#define SATP_MODE_SHIFT 60
#define SATP_SV39 8 /* with three levels; Sv48 and Sv57 follow, with one more each */
#define SATP_SV57 10
#define SATP_PPN ((1ull << 44) - 1)
#define PTE_PPN_SHIFT 10
#define PTE_V 1
#define PTE_LEAF 0xe /* any of R, W and X */

static bool read_own(const struct world *world, uint64_t address, void *to, uint64_t length)
{
  return layer_read_caller(&world->caller, address, to, length);
}

/* What the loaded world's tables make of the address; false also where they lie in memory that is not its own. No
 * permissions: the hart has checked them before it came to an access fault. */
static bool translate(const struct world *world, uint64_t address, uint64_t *physical)
{
  uint64_t satp = csr_read(satp), mode = satp >> SATP_MODE_SHIFT;
  uint64_t table = (satp & SATP_PPN) << PAGE_SHIFT;
  *physical = address;
  if (mode == 0)
    return true;
  if (mode < SATP_SV39 || mode > SATP_SV57)
    return false;
  for (unsigned level = 3 + (unsigned)(mode - SATP_SV39); level-- > 0;) {
    unsigned shift = PAGE_SHIFT + INDEX_BITS * level;
    uint64_t index = address >> shift & ((1u << INDEX_BITS) - 1), within = (1ull << shift) - 1, entry;
    if (!read_own(world, table + index * sizeof entry, &entry, sizeof entry) || !(entry & PTE_V))
      return false;
    table = (entry >> PTE_PPN_SHIFT & SATP_PPN) << PAGE_SHIFT;
    *physical = (table & ~within) | (address & within);
    if (entry & PTE_LEAF)
      return true;
  }
  return false;
}

/* In parcels of 16 bits, of which the second may lie in another page. */
static bool fetch(const struct world *world, uint64_t pc, struct memory_instruction *instruction)
{
  uint16_t parcels[2] = {0};
  for (unsigned i = 0; i < 2 && (i == 0 || (parcels[0] & 3) == 3); i++) {
    uint64_t physical;
    if (!translate(world, pc + 2 * i, &physical) || !read_own(world, physical, &parcels[i], sizeof parcels[i]))
      return false;
  }
  return instruction_decode(parcels[0] | (uint32_t)parcels[1] << 16, instruction);
}

bool virtual_access(struct world *world, uint64_t cause, uint64_t address)
{
  uint32_t guest = world->caller.guest;
  uint64_t physical;
  struct memory_instruction instruction;
  if (!devices_any(guest) || !translate(world, address, &physical))
    return false;
  const struct virtual_device *device = devices_find(guest, physical);
  return device && fetch(world, world->frame.pc, &instruction) &&
         access_emulate(&world->frame, guest, device, physical, &instruction, cause == CAUSE_STORE_ACCESS);
}
