/* Traffic for another host: echo requests, then numbered datagrams, in groups, after each of
 * which it asks how many came. */
#pragma once
#include <stdint.h>

void traffic_run(uint32_t own_host, uint32_t peer_host, uint64_t echoes, uint64_t datagrams);
