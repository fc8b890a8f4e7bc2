/* The virtual Ethernet: a virtio network card (VIRTIO 1.2, 5.1) for each guest of the service, and a switch between them.
 * A card's address ends in the number of its guest plus one, and is known beforehand: there is no table that a guest could
 * fill or poison. A frame goes straight from the sender's memory into a buffer that the receiver has offered, at the
 * sender's expense; where there is none, it is lost. */
#pragma once
#include "devices.h"

void ethernet_start(const struct config *config, const struct service_config *service);
enum access_result ethernet_access(uint32_t guest, struct device_access *access);
void ethernet_reset(uint32_t guest);
