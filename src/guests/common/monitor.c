#include "monitor.h"

#include "../../onboard/mmio.h"
#include "../../onboard/platform.h"
#include "board.h"

static uint64_t load(uint32_t offset) { return mmio_read64(board.monitor + offset); }
static void store(uint32_t offset, uint64_t value) { mmio_write64(board.monitor + offset, value); }

struct mailbox monitor_mailbox(void) {
  uint64_t bug = load(MONITOR_BUG); /* nearly always none: then the rest is not read */
  if (!bug) return (struct mailbox){0};
  return (struct mailbox){bug, load(MONITOR_TARGET), load(MONITOR_VALUE), load(MONITOR_WORK)};
}

uint64_t monitor_argument(uint32_t n) { return load(MONITOR_ARG + 8 * n); }

uint64_t monitor_sensor(uint64_t index) {
  store(MONITOR_SENSOR_INDEX, index);
  return load(MONITOR_SENSOR);
}

void monitor_heartbeat(uint64_t count) { store(MONITOR_HEARTBEAT, count); }
void monitor_output(uint64_t word) { store(MONITOR_OUTPUT, word); }
void monitor_phase(uint64_t mark) { store(MONITOR_PHASE, mark); }
void monitor_deadline(uint64_t index, uint64_t ticks) { store(MONITOR_DEADLINE, index << 32 | (uint32_t)ticks); }
void monitor_report(uint64_t word) { store(MONITOR_REPORT, word); }
void monitor_crash(uint64_t cause) { store(MONITOR_CRASH, cause); }
void monitor_end(void) { store(MONITOR_END, 1); }
