/* The virtual UART: two guests' ns16550a, each the other's peer as by a null-modem cable. DTR and RTS of one end are DSR,
 * DCD and CTS of the other. What is sent while nobody is there (no DTR) goes nowhere. The line is as fast as the receiver
 * reads: what its FIFO has no room for waits in the sender's, whose THR is not empty then; a byte sent nevertheless is
 * lost, and the receiver sees an overrun. */
#pragma once
#include "devices.h"

void serial_start(const struct config *config, const struct service_config *service);
enum access_result serial_access(uint32_t guest, struct device_access *access);
void serial_reset(uint32_t guest);
