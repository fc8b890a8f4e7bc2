#include "journal.h"

#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/plic.h"
#include "../common/string.h"
#include "../common/virtio-block.h"
#include "task.h"

#define PERIOD_US 16000

static struct semaphore moved;
static char entry[SECTOR_BYTES] __attribute__((aligned(8)));
static volatile bool started;

bool journal_interrupt(uint32_t source) {
  if (!started || source != board.disk_irq) return false;
  virtio_block_acknowledge();
  semaphore_give(&moved);
  return true;
}

/* Is it on the disk? */
static bool record(uint64_t number, const char *text) {
  memset(entry, 0, sizeof entry);
  memcpy(entry, text, strlen(text));
  virtio_block_start(true, number, entry);
  while (virtio_block_state() == BLOCK_BUSY) semaphore_take(&moved);
  return virtio_block_state() == BLOCK_DONE;
}

void journal_run(uint64_t entries) {
  if (!board.disk || !virtio_block_init()) return;
  started = true;
  plic_enable(board.disk_irq);
  task_set_period(PERIOD_US * board.ticks_per_us);
  for (uint64_t number = 0; number < entries; number++) {
    task_wait_release();
    const char *text = number + 1 < entries ? "routine: all is well" : "critical: the supply fails";
    bool kept = record(number, text);
    uint64_t before = interrupts_off();
    console_print("modem: entry %lu %s: %s\n", number, kept ? "kept" : "lost", text);
    interrupts_restore(before);
  }
}
