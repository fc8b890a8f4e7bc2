#include "window.h"
#include "csr.h"
#include "machine/machine.h"

#define PMP_TOR 0x08
#define PMP_NAPOT 0x18
#define PMP_GRAIN 4096ull
#define PMP_SHIFT 2 /* pmpaddr holds bits 2 and up of an address */

static struct window windows[MAX_GUESTS];
static bool enabled;
static bool wide; /* some window needs more than the first eight entries */

_Static_assert(REGION_R == 1 && REGION_W == 2 && REGION_X == 4, "permissions as in pmpcfg");

static bool sound(const struct region_config *region, uint32_t guests)
{
  bool perms = region->perms & REGION_R && !(region->perms & ~(REGION_R | REGION_W | REGION_X));
  bool aligned = ((region->gpa | region->size) & (PMP_GRAIN - 1)) == 0 && region->size != 0;
  return region->guest < guests && perms && aligned && region->gpa == region->spa &&
         region->size <= UINT64_MAX - region->gpa;
}

static void set_entry(struct window *window, unsigned entry, uint64_t address, uint64_t mode)
{
  window->addresses[entry] = address;
  window->modes[entry / 8] |= mode << entry % 8 * 8;
}

/* The number of entries it took, or 0 if there is no room. A naturally aligned power of two takes one, else the entry
 * before the top of the range, itself off, holds the bottom ("Privileged ISA", 3.7.1). */
static unsigned add(struct window *window, unsigned entry, const struct region_config *region)
{
  uint64_t base = region->gpa, size = region->size;
  if ((size & (size - 1)) == 0 && (base & (size - 1)) == 0) {
    if (entry >= PMP_ENTRIES)
      return 0;
    set_entry(window, entry, (base | (size / 2 - 1)) >> PMP_SHIFT, PMP_NAPOT | region->perms);
    return 1;
  }
  if (entry + 1 >= PMP_ENTRIES)
    return 0;
  set_entry(window, entry, base >> PMP_SHIFT, 0);
  set_entry(window, entry + 1, (base + size) >> PMP_SHIFT, PMP_TOR | region->perms);
  return 2;
}

void windows_init(const struct config *config)
{
  unsigned used[MAX_GUESTS] = {0};
  enabled = config->pmp_module;
  if (!enabled)
    return;
  if (config->region_count > MAX_REGIONS)
    machine_fail("too many regions");
  for (uint32_t i = 0; i < config->region_count; i++) {
    const struct region_config *region = &config->regions[i];
    if (!sound(region, config->guest_count))
      machine_fail("unsound region");
    unsigned taken = add(&windows[region->guest], used[region->guest], region);
    if (taken == 0)
      machine_fail("a window needs more entries than the PMP has");
    used[region->guest] += taken;
    wide |= used[region->guest] > PMP_ENTRIES / 2;
  }
}

#define LOAD_ADDRESS(entry) csr_write(pmpaddr##entry, window->addresses[entry])

/* A CSR's number is part of the instruction, so this is no loop. */
void window_load(uint32_t guest)
{
  if (!enabled)
    return;
  const struct window *window = &windows[guest];
  LOAD_ADDRESS(0);
  LOAD_ADDRESS(1);
  LOAD_ADDRESS(2);
  LOAD_ADDRESS(3);
  LOAD_ADDRESS(4);
  LOAD_ADDRESS(5);
  LOAD_ADDRESS(6);
  LOAD_ADDRESS(7);
  csr_write(pmpcfg0, window->modes[0]);
  if (!wide)
    return;
  LOAD_ADDRESS(8);
  LOAD_ADDRESS(9);
  LOAD_ADDRESS(10);
  LOAD_ADDRESS(11);
  LOAD_ADDRESS(12);
  LOAD_ADDRESS(13);
  LOAD_ADDRESS(14);
  LOAD_ADDRESS(15);
  csr_write(pmpcfg2, window->modes[1]);
}
