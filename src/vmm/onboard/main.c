/* The hypervisor: type 1, in HS-mode, on one hart or on several that each have their guests. Guests run in VS-mode behind a second translation stage; whatever
 * they do that is not theirs to do comes here as a VM exit (exits.c) and ends as an answer, an exception in that guest,
 * or its stop. */
#include "channel.h"
#include "config.h"
#include "console.h"
#include "devices/devices.h"
#include "exits.h"
#include "gstage.h"
#include "hart.h"
#include "iommu.h"
#include "paging.h"
#include "run.h"
#include "vplic.h"

_Noreturn void guest_enter(struct trap_frame *frame); /* exit.S */
void start_hart(void);                                /* start.S */

/* Firmware that is not ours passes a device tree instead. */
static const struct config *find_config(const struct config *given)
{
  return given->magic == CONFIG_MAGIC ? given : (const struct config *)CONFIG_BASE;
}

static void check(const struct config *config)
{
  if (config->magic != CONFIG_MAGIC)
    stop("no configuration block", (uint64_t)config);
  if (config->guest_count < 1 || config->guest_count > MAX_GUESTS)
    stop("number of guests", config->guest_count);
  if (config->region_count > MAX_REGIONS)
    stop("number of regions", config->region_count);
  if (HARTS > 1 && (config->hart_count < 1 || config->hart_count > HARTS))
    stop("number of harts", config->hart_count);
}

/* From start.S, on every further hart. */
_Noreturn void main_of_hart(void)
{
  hart_start();
  gstage_join();
  paging_join();
  vplic_join();
  guest_enter(run_start());
}

static void start_others(uint64_t harts)
{
  for (uint64_t hart = 1; hart < harts; hart++)
    if (!firmware_start_hart(hart, start_hart))
      stop("the firmware does not start hart", hart);
}

_Noreturn void main(const struct config *given)
{
  const struct config *config = find_config(given);
  check(config);
  const uint64_t harts = config->hart_count;
  hart_start();
  gstage_build(config);
  devices_init(config);
  iommu_build(config);
  vms_create(config);
  run_init(config);
  channel_init(config);
  paging_start(config);
  vplic_start();
  iommu_start();
  vplic_serve(devices_sources);
  if (HARTS > 1)
    start_others(harts);
  guest_enter(run_start());
}
