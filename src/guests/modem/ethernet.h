/* Frames to and from the network, by virtio (VIRTIO 1.2, 5.1), no offloads. An interrupt only wakes the task and asks for
 * no more of its kind: a flood costs one interrupt for each time that the task has emptied the queue. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FRAME_BYTES_MAX 1514 /* without checksum */

extern uint8_t ethernet_address[6];

/* False if there is no network. */
bool ethernet_init(void);
bool ethernet_interrupt(uint32_t source); /* false: not its own */

/* For one task: the next frame, waited for, or NULL if none is there. It stays until the next call. */
const uint8_t *ethernet_receive(uint32_t *length);
const uint8_t *ethernet_poll(uint32_t *length);
/* Room for a frame to be sent, or NULL while all of it is on its way; nothing is kept for a frame that is not sent. */
uint8_t *ethernet_reserve(void);
void ethernet_send(uint32_t length);
