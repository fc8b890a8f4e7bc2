#include "virtual-rtc.h"
#include "csr.h"
#include "platform.h"

#define NANOSECONDS 1000000000ull
enum { TIME_LOW = 0x00, TIME_HIGH = 0x04 };

static uint64_t epoch;              /* seconds */
static uint32_t latched[MAX_GUESTS]; /* what TIME_HIGH reads: reading TIME_LOW sets it */

void rtc_start(const struct config *config, const struct service_config *service)
{
  (void)config;
  epoch = service->epoch;
}

/* Stores and other registers: nothing, and 0. */
enum access_result rtc_access(uint32_t guest, struct device_access *access)
{
  if (access->width != 4)
    return ACCESS_REFUSED;
  if (access->store)
    return ACCESS_DONE;
  if (access->offset == TIME_HIGH)
    access->value = latched[guest];
  if (access->offset == TIME_LOW) {
    uint64_t now = epoch * NANOSECONDS + csr_read(time) * (NANOSECONDS / TIMEBASE_HZ);
    latched[guest] = (uint32_t)(now >> 32);
    access->value = (uint32_t)now;
  }
  return ACCESS_DONE;
}

void rtc_reset(uint32_t guest) { latched[guest] = 0; }
