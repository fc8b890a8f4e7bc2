/* The shared disk: each guest has a virtio block device; behind all of them is one disk of the layer's (disk-port.h,
 * disk-space.h). Guests take turns, a piece of a request each, by way of a buffer for each of them: the disk never waits
 * for a guest to run. A request that fails takes a turn as well, so that nobody is faster by failing. */
#pragma once
#include "devices.h"

void disk_start(const struct config *config, const struct service_config *service);
enum access_result disk_access(uint32_t guest, struct device_access *access);
void disk_reset(uint32_t guest);
void disk_work(uint32_t guest);
void disk_interrupt(void);
