/* Between the two halves of the transport: registers (virtio.c) and queues (virtqueue.c). */
#pragma once
#include "virtio.h"

#define VIRTIO_INTERRUPT_USED 1

void virtio_update_line(struct virtio *device);
void virtqueue_set_ready(struct virtio *device, struct virtqueue *queue, bool ready);
