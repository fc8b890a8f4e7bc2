#include "disk.h"

#include "../common/board.h"
#include "../common/console.h"
#include "../common/plic.h"
#include "../common/timer.h"
#include "process.h"

/* Far longer than any request takes, a neighbour's turn included. */
#define PATIENCE_US 500000

static uint64_t blocks;
static uint64_t end; /* of the patience; in memory, since a time in a register would differ between two equal runs */

void disk_init(void) {
  if (!virtio_block_init()) return;
  blocks = virtio_block_sectors();
  plic_enable(board.disk_irq);
}

uint64_t disk_blocks(void) { return blocks; }

static bool transfer(bool write, uint64_t block, void *data) {
  if (block >= blocks) return false;
  end = timer_now() + PATIENCE_US * board.ticks_per_us;
  virtio_block_start(write, block, data);
  while (virtio_block_state() == BLOCK_BUSY && timer_now() < end) process_wait_until(&blocks, end);
  if (virtio_block_state() == BLOCK_DONE) return true;
  console_print("unix: disk failed at block %lu\n", block);
  virtio_block_stop();
  blocks = 0;
  return false;
}

bool disk_read(uint64_t block, void *data) { return transfer(false, block, data); }
bool disk_write(uint64_t block, void *data) { return transfer(true, block, data); }

bool disk_interrupt(uint32_t source) {
  if (!board.disk || source != board.disk_irq) return false;
  virtio_block_acknowledge();
  process_wake(&blocks);
  return true;
}
