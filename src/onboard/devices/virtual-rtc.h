/* The real-time clock of a guest, a Goldfish as `virt` has it, to be read: nanoseconds since 1970, from an epoch of the
 * scenario and the machine's time. It is one clock for all, so nobody sets it, and it has no alarm: its source never rises. */
#pragma once
#include "devices.h"

void rtc_start(const struct config *config, const struct service_config *service);
enum access_result rtc_access(uint32_t guest, struct device_access *access);
void rtc_reset(uint32_t guest);
