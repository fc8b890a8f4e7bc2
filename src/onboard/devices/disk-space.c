#include "disk-space.h"

static uint64_t sectors;     /* of each guest */
static uint64_t pool_sectors, quota; /* pool_sectors 0: there is none */
static uint32_t parts[MAX_GUESTS];
static uint64_t pool_base, taken, taken_by[MAX_GUESTS];
static uint16_t taken_for[MAX_GUESTS][DISK_POOLED_SECTORS]; /* 1 + which of the pool, or 0 */

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

uint64_t disk_space_init(const struct service_config *service, uint32_t guests)
{
  uint32_t part = 0;
  for (uint32_t guest = 0; guest < guests; guest++)
    if (service->guests >> guest & 1)
      parts[guest] = part++;
  sectors = service->pool ? smaller(service->sectors, DISK_POOLED_SECTORS) : service->sectors;
  pool_sectors = smaller(service->pool, UINT16_MAX);
  quota = service->quota;
  pool_base = part * sectors;
  return pool_base + pool_sectors;
}

uint64_t disk_space_sectors(void) { return sectors; }

static bool take(uint32_t guest, uint16_t *entry)
{
  if (taken == pool_sectors || taken_by[guest] == quota)
    return false;
  taken_by[guest]++;
  *entry = (uint16_t)++taken;
  return true;
}

uint32_t disk_space_find(uint32_t guest, uint64_t sector, uint32_t count, bool write, uint64_t *at)
{
  *at = parts[guest] * sectors + sector;
  if (!pool_sectors)
    return count;
  uint16_t *entry = &taken_for[guest][sector];
  if (write && !*entry && !take(guest, entry))
    return 0;
  if (*entry)
    *at = pool_base + *entry - 1;
  return 1;
}
