/* The monitor page: how a guest reports to the testbed by plain stores, and what the testbed asks of it. */
#pragma once
#include <stdint.h>

struct mailbox {
  uint64_t bug, target, value, work;
};

struct mailbox monitor_mailbox(void);
uint64_t monitor_argument(uint32_t n); /* n = 0 to 7 */
uint64_t monitor_sensor(uint64_t index); /* the same sample for the same index, whenever it is read */

void monitor_heartbeat(uint64_t count);
void monitor_output(uint64_t word);
void monitor_phase(uint64_t mark);
void monitor_deadline(uint64_t index, uint64_t ticks);
void monitor_report(uint64_t word);
void monitor_crash(uint64_t cause);
void monitor_end(void);
