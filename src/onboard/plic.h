/* The platform interrupt controller. Sources are the bits of one 64-bit word; source 0 does not exist. */
#pragma once
#include "mmio.h"
#include "platform.h"

static inline uint64_t plic_enabled(unsigned context)
{
  return mmio_read32(PLIC_ENABLE(context, 0)) | (uint64_t)mmio_read32(PLIC_ENABLE(context, 1)) << 32;
}

static inline void plic_enable(unsigned context, uint64_t sources)
{
  mmio_write32(PLIC_ENABLE(context, 0), (uint32_t)sources);
  mmio_write32(PLIC_ENABLE(context, 1), (uint32_t)(sources >> 32));
}

static inline uint64_t plic_pending(void)
{
  return mmio_read32(PLIC_PENDING(0)) | (uint64_t)mmio_read32(PLIC_PENDING(1)) << 32;
}

static inline uint32_t plic_threshold(unsigned context) { return mmio_read32(PLIC_THRESHOLD(context)); }
static inline void plic_set_threshold(unsigned context, uint32_t threshold)
{
  mmio_write32(PLIC_THRESHOLD(context), threshold);
}

static inline uint32_t plic_priority(unsigned source) { return mmio_read32(PLIC_PRIORITY(source)); }
static inline void plic_set_priority(unsigned source, uint32_t priority)
{
  mmio_write32(PLIC_PRIORITY(source), priority);
}

static inline uint32_t plic_claim(unsigned context) { return mmio_read32(PLIC_CLAIM(context)); }
static inline void plic_complete(unsigned context, uint32_t source) { mmio_write32(PLIC_CLAIM(context), source); }
