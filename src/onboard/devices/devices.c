#include "devices.h"
#include "disk-port.h"
#include "exclusive.h"
#include "mmio.h"
#include "platform.h"
#include "shared-console.h"
#include "shared-disk.h"
#include "virtual-ethernet.h"
#include "virtual-rtc.h"
#include "virtual-serial.h"

static const struct device_kind kinds[VIRTUAL_KINDS] = {
    [VIRTUAL_CONSOLE] = {console_start, console_access, console_reset},
    [VIRTUAL_SERIAL] = {serial_start, serial_access, serial_reset},
    [VIRTUAL_ETHERNET] = {ethernet_start, ethernet_access, ethernet_reset},
    [VIRTUAL_RTC] = {rtc_start, rtc_access, rtc_reset},
    [VIRTUAL_DISK] = {disk_start, disk_access, disk_reset, disk_work},
};

static uint32_t present[MAX_GUESTS]; /* kinds of device that the guest has, one bit each */
static uint32_t high[MAX_GUESTS];    /* of these, those that want their interrupt */

uint32_t devices_asking;
static uint32_t asked[MAX_GUESTS]; /* kinds, one bit each */
uint64_t devices_sources;

void devices_init(const struct config *config)
{
  for (uint32_t i = 0; i < config->service_count && i < MAX_SERVICES; i++) {
    const struct service_config *service = &config->services[i];
    if (service->kind >= VIRTUAL_KINDS || !kinds[service->kind].access)
      continue;
    for (uint32_t guest = 0; guest < config->guest_count; guest++)
      if (service->guests >> guest & 1)
        present[guest] |= 1u << service->kind;
    if (kinds[service->kind].start)
      kinds[service->kind].start(config, service);
  }
  if (disk_port_source())
    devices_sources = 1ull << disk_port_source();
}

void devices_interrupt(void)
{
  exclusive_begin();
  disk_interrupt();
  exclusive_end();
}

bool devices_any(uint32_t guest) { return present[guest] != 0; }

static enum access_result access_window(uint32_t guest, struct device_access *access)
{
  uint64_t kind = access->offset / VIRTUAL_SIZE;
  access->offset %= VIRTUAL_SIZE;
  RETURN_EXCLUSIVELY(kinds[kind].access(guest, access));
}

const struct virtual_device *devices_find(uint32_t guest, uint64_t address)
{
  static const struct virtual_device window = {VIRTUAL_BASE, VIRTUAL_KINDS * VIRTUAL_SIZE, access_window};
  static const struct virtual_device plic = {VIRTUAL_PLIC_BASE, PLIC_SIZE, layer_access_plic};
  uint64_t offset = address - window.base;
  if (address - plic.base < plic.size)
    return devices_any(guest) ? &plic : 0;
  return offset < window.size && present[guest] >> offset / VIRTUAL_SIZE & 1 ? &window : 0;
}

void device_ask(uint32_t guest, uint32_t kind)
{
  asked[guest] |= 1u << kind;
  devices_asking |= 1u << guest;
  layer_wake(guest);
}

void devices_work(uint32_t guest)
{
  exclusive_begin();
  uint32_t now = asked[guest];
  asked[guest] = 0;
  devices_asking &= ~(1u << guest);
  for (uint32_t kind = 0; kind < VIRTUAL_KINDS; kind++)
    if (now >> kind & 1 && kinds[kind].work)
      kinds[kind].work(guest);
  exclusive_end();
}

void devices_reset(uint32_t guest)
{
  exclusive_begin();
  for (uint32_t kind = 0; kind < VIRTUAL_KINDS; kind++)
    if (present[guest] >> kind & 1)
      kinds[kind].reset(guest);
  exclusive_end();
}

/* The doorbell is touched only where the level changes. */
void device_set_line(uint32_t guest, uint32_t kind, bool level)
{
  uint32_t before = high[guest];
  high[guest] = (before & ~(1u << kind)) | (uint32_t)level << kind;
  if (!before != !high[guest])
    mmio_write32(DOORBELL_BASE + (before ? DOORBELL_LOWER : DOORBELL_RAISE), VIRTUAL_IRQ(guest));
}
