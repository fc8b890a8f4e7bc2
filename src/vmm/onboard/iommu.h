/* The IOMMU, where the configuration says that there is one: a device that is a guest's reaches what its guest reaches.
 * Each has a device context with the guest's own second-stage table, so that there is one table for hart and devices. */
#pragma once
#include "config.h"

/* Says whose which device is. On a machine without an IOMMU it and all below do nothing. */
void iommu_build(const struct config *config);
/* From here on nothing but the tables lets a device through. */
void iommu_start(void);
/* Takes what the fault queue holds. A device that is in it reports no more until its guest begins anew, so that no guest
 * can keep us busy. */
void iommu_take_faults(void);
/* The guest begins anew: so do its devices. */
void iommu_reset(uint32_t guest);
