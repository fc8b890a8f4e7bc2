/* The shared console: what guests write to their virtio consoles comes out of the layer's own UART, line by line, each
 * with the name of its guest before it. It gives no input. */
#pragma once
#include "devices.h"

void console_start(const struct config *config, const struct service_config *service);
enum access_result console_access(uint32_t guest, struct device_access *access);
void console_reset(uint32_t guest);
