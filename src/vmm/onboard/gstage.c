#include "gstage.h"
#include "console.h"
#include "csr.h"

#define HGATP_MODE_SHIFT 60
#define HGATP_SV39X4 8ull
#define HGATP_VMID_SHIFT 44
#define HGATP_VMID_MASK 0x3fffull

pte_t gstage_roots[MAX_GUESTS][GSTAGE_ROOT_ENTRIES] __attribute__((aligned(16384)));

/* VMID 0 is what hgatp holds after reset; guests count from 1, so no two ever share one. */
static uint64_t vmid_of(uint32_t guest) { return guest + 1; }

uint64_t gstage_hgatp(uint32_t guest)
{
  return HGATP_SV39X4 << HGATP_MODE_SHIFT | vmid_of(guest) << HGATP_VMID_SHIFT |
         (uint64_t)gstage_roots[guest] / PAGE_SIZE;
}

/* Every VMID must exist, so that a switch needs no fence. */
static void check_hardware(uint32_t guests)
{
  csr_write(hgatp, gstage_hgatp(0) | HGATP_VMID_MASK << HGATP_VMID_SHIFT);
  uint64_t hgatp = csr_read(hgatp);
  csr_write(hgatp, 0);
  if (hgatp >> HGATP_MODE_SHIFT != HGATP_SV39X4)
    stop("the hart has no Sv39x4: hgatp", hgatp);
  if ((hgatp >> HGATP_VMID_SHIFT & HGATP_VMID_MASK) < vmid_of(guests - 1))
    stop("too few VMIDs: hgatp", hgatp);
}

/* Ends what the TLB may hold of whoever used the VMIDs before, or of tables half made. */
static void fence_all_guests(void)
{
  __asm__ volatile(".option push\n.option arch, +h\nhfence.gvma\nhfence.vvma\n.option pop" : : : "memory");
}

static bool within(uint64_t base, uint64_t size, uint64_t reach) { return base <= reach && size <= reach - base; }

static bool sound(const struct region_config *region, uint32_t guests)
{
  bool leaf = region->leaf == LEAF_4K || region->leaf == LEAF_2M || region->leaf == LEAF_1G;
  bool perms = region->perms & REGION_R && !(region->perms & ~(REGION_R | REGION_W | REGION_X));
  bool aligned = ((region->gpa | region->spa | region->size) & (PAGE_SIZE - 1)) == 0;
  return region->guest < guests && leaf && perms && aligned && within(region->gpa, region->size, GSTAGE_REACH) &&
         within(region->spa, region->size, 1ull << 56);
}

/* G-stage leaves need U: the manual checks guest accesses as user-mode ones. */
static uint64_t leaf_flags(uint32_t perms)
{
  return PAGE_U | (perms & REGION_R ? PAGE_R : 0) | (perms & REGION_W ? PAGE_W : 0) | (perms & REGION_X ? PAGE_X : 0);
}

void gstage_build(const struct config *config)
{
  check_hardware(config->guest_count);
  for (uint32_t i = 0; i < config->region_count; i++) {
    const struct region_config *region = &config->regions[i];
    if (!sound(region, config->guest_count))
      stop("unsound region", i);
    struct mapping mapping = {region->gpa, region->spa, region->size, region->leaf, leaf_flags(region->perms)};
    if (!page_table_map(gstage_roots[region->guest], mapping))
      stop("region overlaps another, or page tables are used up", i);
  }
  fence_all_guests();
}

void gstage_join(void) { fence_all_guests(); }
