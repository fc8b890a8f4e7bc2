#include "shared-disk.h"
#include "disk-port.h"
#include "disk-space.h"
#include "platform.h"
#include "virtio.h"

#define BLOCK_DEVICE 2
enum { REQUEST_READ = 0, REQUEST_WRITE = 1 };
enum { REQUEST_OK = 0, REQUEST_ERROR = 1, REQUEST_UNSUPPORTED = 2 };
#define BUFFER_BYTES 4096

struct header {
  uint32_t type, reserved;
  uint64_t sector;
};

/* A guest's turn: READY, what it writes is in its buffer; MOVING, the port has it; MOVED, what it reads is there. DROPPED
 * is what still moves for a guest that began anew. */
enum phase { PHASE_NONE, PHASE_READY, PHASE_MOVING, PHASE_MOVED, PHASE_DROPPED };

/* The request of a guest that is being served. */
struct request {
  enum phase phase;
  bool write;
  uint8_t status;
  uint16_t head;
  uint32_t piece;       /* bytes that are on their way */
  uint64_t sector;      /* where they begin */
  uint64_t bytes, done; /* of data */
};

static struct virtio disks[MAX_GUESTS];
static struct request requests[MAX_GUESTS];
static char buffers[MAX_GUESTS][BUFFER_BYTES] __attribute__((aligned(8)));
static uint64_t capacity; /* sectors of each: the configuration space */
static uint32_t guests;
static uint32_t turn; /* whose it was last */
static bool moving;

static struct chain chain; /* of the guest that is loaded */

/* Gives the port to the next guest that is ready. What finds no room moves a sector that nobody looks at. */
static void go_on(void)
{
  for (uint32_t n = 0; n < guests && !moving; n++) {
    turn = turn + 1 < guests ? turn + 1 : 0;
    struct request *request = &requests[turn];
    if (request->phase != PHASE_READY)
      continue;
    uint64_t at = 0;
    uint32_t found = 0;
    if (request->piece)
      found = disk_space_find(turn, request->sector, request->piece / SECTOR_BYTES, request->write, &at);
    if (request->piece && !found)
      request->status = REQUEST_ERROR;
    request->piece = found * SECTOR_BYTES;
    request->phase = PHASE_MOVING;
    moving = true;
    disk_port_move(request->write && found, at, buffers[turn], found ? request->piece : SECTOR_BYTES);
  }
}

/* The next piece; of a request that fails, nothing. */
static void make_ready(uint32_t guest)
{
  struct request *request = &requests[guest];
  uint64_t left = request->bytes - request->done;
  request->piece = request->status == REQUEST_OK ? (uint32_t)(left < BUFFER_BYTES ? left : BUFFER_BYTES) : 0;
  if (request->write && !virtio_read(&disks[guest], &chain, sizeof(struct header) + request->done, buffers[guest],
                                     request->piece)) {
    request->phase = PHASE_NONE;
    return;
  }
  request->phase = PHASE_READY;
  go_on();
}

/* Is it a request that the disk can try? */
static uint8_t check(struct request *request, const struct header *header)
{
  if (header->type > REQUEST_WRITE)
    return REQUEST_UNSUPPORTED;
  request->write = header->type == REQUEST_WRITE;
  request->sector = header->sector;
  request->bytes = request->write ? chain.readable - sizeof *header : chain.writable - 1;
  bool whole = request->bytes % SECTOR_BYTES == 0;
  bool within = header->sector <= capacity && request->bytes / SECTOR_BYTES <= capacity - header->sector;
  return whole && within ? REQUEST_OK : REQUEST_ERROR;
}

/* Takes up what the driver offers next, unless there is something to be done for it already. */
static void accept(uint32_t guest)
{
  struct virtio *disk = &disks[guest];
  struct request *request = &requests[guest];
  struct header header;
  if (request->phase != PHASE_NONE || !virtio_next(disk, 0, &chain))
    return;
  if (chain.writable == 0) { /* where would its status go? */
    virtio_fail(disk);
    return;
  }
  if (!virtio_read(disk, &chain, 0, &header, sizeof header))
    return;
  virtio_take(disk, 0);
  *request = (struct request){.head = chain.head};
  request->status = check(request, &header);
  make_ready(guest);
}

static void finish(uint32_t guest)
{
  struct virtio *disk = &disks[guest];
  struct request *request = &requests[guest];
  uint64_t data = request->write ? 0 : request->done;
  uint64_t status = data + 1 == chain.writable; /* counts where nothing is missing before it */
  request->phase = PHASE_NONE;
  if (virtio_write(disk, &chain, chain.writable - 1, &request->status, sizeof request->status))
    virtio_give_back(disk, 0, request->head, (uint32_t)(data + status));
}

/* Hands the guest what was read for it. False: its device is broken. */
static bool take_piece(uint32_t guest)
{
  struct virtio *disk = &disks[guest];
  struct request *request = &requests[guest];
  if (!virtio_find(disk, 0, request->head, &chain) || chain.writable == 0)
    return false;
  bool well = request->status == REQUEST_OK;
  if (well && !request->write && !virtio_write(disk, &chain, request->done, buffers[guest], request->piece))
    return false;
  request->done += well ? request->piece : 0;
  request->sector += request->piece / SECTOR_BYTES;
  return true;
}

void disk_work(uint32_t guest)
{
  struct request *request = &requests[guest];
  if (request->phase == PHASE_MOVED) {
    if (!take_piece(guest))
      request->phase = PHASE_NONE;
    else if (request->status == REQUEST_OK && request->done < request->bytes)
      make_ready(guest);
    else
      finish(guest);
  }
  accept(guest);
}

void disk_interrupt(void)
{
  enum disk_port_state state = disk_port_served();
  if (!moving || state == DISK_PORT_BUSY)
    return;
  struct request *request = &requests[turn];
  moving = false;
  if (state == DISK_PORT_FAILED)
    request->status = REQUEST_ERROR;
  request->phase = request->phase == PHASE_MOVING ? PHASE_MOVED : PHASE_NONE;
  device_ask(turn, VIRTUAL_DISK);
  go_on();
}

/* One request at a time is taken up; the next when that is done. */
static bool serve(struct virtio *disk, uint32_t queue)
{
  (void)queue;
  accept(disk->guest);
  return false;
}

static void forget(struct virtio *disk)
{
  struct request *request = &requests[disk->guest];
  bool on_its_way = request->phase == PHASE_MOVING || request->phase == PHASE_DROPPED;
  request->phase = on_its_way ? PHASE_DROPPED : PHASE_NONE;
}

static const struct virtio_model model = {
    .kind = VIRTUAL_DISK,
    .device_id = BLOCK_DEVICE,
    .queues = 1,
    .config_bytes = sizeof capacity,
    .serve = serve,
    .reset = forget,
};

void disk_start(const struct config *config, const struct service_config *service)
{
  guests = config->guest_count;
  uint64_t all = disk_space_init(service, guests);
  capacity = disk_port_start(service->slot, all) ? disk_space_sectors() : 0;
  for (uint32_t guest = 0; guest < guests; guest++)
    disks[guest] = (struct virtio){.model = &model, .guest = guest, .config = &capacity};
}

enum access_result disk_access(uint32_t guest, struct device_access *access)
{
  return virtio_access(&disks[guest], access);
}

void disk_reset(uint32_t guest) { virtio_reset(&disks[guest]); }
