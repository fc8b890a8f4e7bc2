/* Where on the layer's disk a guest's sectors are. The disk begins with a part for each guest, of which the contents at
 * the start are. Where there is no pool, that is all. Where there is one, these parts are never written: a sector that a
 * guest writes to for the first time takes one of the pool, for good, as long as there is one and its quota is not used
 * up. A pool smaller than what guests may want is the space they share. */
#pragma once
#include "config.h"
#include <stdbool.h>
#include <stdint.h>

/* How many sectors that takes. */
uint64_t disk_space_init(const struct service_config *service, uint32_t guests);
/* Sectors that a guest's disk has. */
uint64_t disk_space_sectors(void);
/* How many sectors from this one on, of `count`, are in one piece, for a load or a store; *at is where. 0: there is no
 * room for the first. */
uint32_t disk_space_find(uint32_t guest, uint64_t sector, uint32_t count, bool write, uint64_t *at);
