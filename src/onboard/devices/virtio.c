/* The registers (VIRTIO 1.2, 4.2.2). */
#include "virtio.h"
#include "platform.h"
#include "string.h"
#include "virtio-state.h"

#define MAGIC_VALUE 0x74726976 /* "virt" */
#define VERSION_2 2
#define VENDOR 0x6f636174 /* "taco" */
#define FEATURE_VERSION_1_HIGH 1 /* bit 32 */
#define INTERRUPT_CONFIG 2
#define NO_SHARED_MEMORY 0xffffffff
#define WORD 4

enum { STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8, STATUS_NEEDS_RESET = 64, STATUS_BITS = 0xff };

void virtio_update_line(struct virtio *device)
{
  device_set_line(device->guest, device->model->kind, device->interrupt_status != 0);
}

void virtio_reset(struct virtio *device)
{
  *device = (struct virtio){.model = device->model, .guest = device->guest, .config = device->config};
  virtio_update_line(device);
  if (device->model->reset)
    device->model->reset(device);
}

bool virtio_running(const struct virtio *device)
{
  return (device->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) == STATUS_DRIVER_OK;
}

/* 2.1.2: it says so in its status, and by a configuration change once a driver is there. */
void virtio_fail(struct virtio *device)
{
  device->status |= STATUS_NEEDS_RESET;
  if (device->status & STATUS_DRIVER_OK)
    device->interrupt_status |= INTERRUPT_CONFIG;
  virtio_update_line(device);
}

static struct virtqueue *selected(struct virtio *device)
{
  return device->queue_select < device->model->queues ? &device->queues[device->queue_select] : 0;
}

static uint32_t offered_features(const struct virtio *device)
{
  switch (device->device_features_select) {
  case 0: return device->model->features;
  case 1: return FEATURE_VERSION_1_HIGH;
  default: return 0;
  }
}

/* FEATURES_OK stays only with a subset of what is offered, VERSION_1 among it (6.1); DRIVER_OK only with it. */
static void write_status(struct virtio *device, uint32_t status)
{
  if (status == 0) {
    virtio_reset(device);
    return;
  }
  bool accepted = (device->driver_features[0] & ~device->model->features) == 0 &&
                  device->driver_features[1] == FEATURE_VERSION_1_HIGH;
  uint32_t refused = status & STATUS_FEATURES_OK && accepted ? 0 : STATUS_FEATURES_OK | STATUS_DRIVER_OK;
  uint32_t kept = device->status & STATUS_NEEDS_RESET;
  device->status = (status & STATUS_BITS & ~refused & ~STATUS_NEEDS_RESET) | kept;
}

static void set_half(uint64_t *value, bool upper, uint32_t half)
{
  *value = upper ? (*value & UINT32_MAX) | (uint64_t)half << 32 : (*value & ~(uint64_t)UINT32_MAX) | half;
}

static bool notify(struct virtio *device, uint32_t queue)
{
  return queue < device->model->queues && virtio_running(device) && device->model->serve(device, queue);
}

/* Other offsets are gaps or read-only, and nothing happens. True: there is more to do. */
static bool write_register(struct virtio *device, uint64_t offset, uint32_t value)
{
  struct virtqueue *queue = selected(device);
  bool settled = queue && !queue->ready;
  switch (offset) {
  case VIRTIO_DEVICE_FEATURES_SELECT: device->device_features_select = value; break;
  case VIRTIO_DRIVER_FEATURES_SELECT: device->driver_features_select = value; break;
  case VIRTIO_DRIVER_FEATURES:
    if (!(device->status & STATUS_FEATURES_OK) && device->driver_features_select < 2)
      device->driver_features[device->driver_features_select] = value;
    break;
  case VIRTIO_QUEUE_SELECT: device->queue_select = value; break;
  case VIRTIO_QUEUE_SIZE:
    if (settled)
      queue->size = value;
    break;
  case VIRTIO_QUEUE_READY:
    if (queue)
      virtqueue_set_ready(device, queue, value & 1);
    break;
  case VIRTIO_QUEUE_NOTIFY: return notify(device, value);
  case VIRTIO_INTERRUPT_ACK:
    device->interrupt_status &= ~value;
    virtio_update_line(device);
    break;
  case VIRTIO_STATUS: write_status(device, value); break;
  case VIRTIO_QUEUE_DESCRIPTORS_LOW:
  case VIRTIO_QUEUE_DESCRIPTORS_HIGH:
    if (settled)
      set_half(&queue->descriptors, offset == VIRTIO_QUEUE_DESCRIPTORS_HIGH, value);
    break;
  case VIRTIO_QUEUE_AVAILABLE_LOW:
  case VIRTIO_QUEUE_AVAILABLE_HIGH:
    if (settled)
      set_half(&queue->available, offset == VIRTIO_QUEUE_AVAILABLE_HIGH, value);
    break;
  case VIRTIO_QUEUE_USED_LOW:
  case VIRTIO_QUEUE_USED_HIGH:
    if (settled)
      set_half(&queue->used, offset == VIRTIO_QUEUE_USED_HIGH, value);
    break;
  }
  return false;
}

static uint32_t read_register(struct virtio *device, uint64_t offset)
{
  const struct virtqueue *queue = selected(device);
  switch (offset) {
  case VIRTIO_MAGIC: return MAGIC_VALUE;
  case VIRTIO_VERSION: return VERSION_2;
  case VIRTIO_DEVICE_ID: return device->model->device_id;
  case VIRTIO_VENDOR_ID: return VENDOR;
  case VIRTIO_DEVICE_FEATURES: return offered_features(device);
  case VIRTIO_QUEUE_SIZE_MAX: return queue ? VIRTIO_ENTRIES : 0;
  case VIRTIO_QUEUE_READY: return queue && queue->ready;
  case VIRTIO_INTERRUPT_STATUS: return device->interrupt_status;
  case VIRTIO_STATUS: return device->status;
  case VIRTIO_SHARED_LENGTH_LOW:
  case VIRTIO_SHARED_LENGTH_HIGH:
  case VIRTIO_SHARED_BASE_LOW:
  case VIRTIO_SHARED_BASE_HIGH: return NO_SHARED_MEMORY;
  default: return 0;
  }
}

/* Zeros behind the end. */
static uint64_t read_config(const struct virtio *device, uint64_t offset, unsigned width)
{
  uint64_t value = 0;
  uint64_t bytes = device->model->config_bytes;
  if (offset < bytes)
    memcpy(&value, (const char *)device->config + offset, width < bytes - offset ? width : bytes - offset);
  return value;
}

/* Registers have 32 bits; one of another width reads 0 and takes nothing. The bus makes two accesses, low half first, of
 * one of 64. */
enum access_result virtio_access(struct virtio *device, struct device_access *access)
{
  bool more = false;
  if (access->offset >= VIRTIO_CONFIG) {
    if (!access->store)
      access->value = read_config(device, access->offset - VIRTIO_CONFIG, access->width);
    return ACCESS_DONE;
  }
  for (unsigned at = 0; at + WORD <= access->width; at += WORD) {
    if (access->store)
      more |= write_register(device, access->offset + at, (uint32_t)(access->value >> 8 * at));
    else
      access->value |= (uint64_t)read_register(device, access->offset + at) << 8 * at;
  }
  return more ? ACCESS_AGAIN : ACCESS_DONE;
}
