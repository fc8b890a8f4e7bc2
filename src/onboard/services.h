/* What a layer does for its guests beyond the SBI: an extension of its own, called by ecall from S-mode as all of them.
 * It joins guests by a message channel: a cross interrupt, words in registers, and a virtual UART for bytes. `native`,
 * where a guest has nobody to speak to, answers SBI_ERR_NOT_SUPPORTED.
 *
 * A peer is the number of another guest. Its service interrupt (PLIC source SERVICE_IRQ(guest), in its device tree) is
 * a level: high while somebody has rung and it has not taken that, or words or bytes for it wait. Queues are bounded and
 * kept for each ordered pair, so no guest fills another's; a restart empties those from and to the guest. */
#pragma once
#include <stdint.h>

#define SERVICE_EID 0x09007ac0
#define SERVICE_BYTES_PER_CALL 64
#define SERVICE_QUEUE_WORDS 32
#define SERVICE_QUEUE_BYTES 512

enum service_function {
  SERVICE_SELF = 0,    /* value: own number, and the number of guests in the upper half */
  SERVICE_RING = 1,    /* a0: the peer whose interrupt is raised */
  SERVICE_TAKE = 2,    /* value: who has rung since the last time, one bit each */
  SERVICE_SEND = 3,    /* a0: peer, a1: a word for it. SBI_ERR_FAILED: its queue is full */
  SERVICE_RECEIVE = 4, /* a0: peer; value: its oldest word. SBI_ERR_FAILED: there is none */
  /* a0: peer, a1: length, a2 and a3: physical address, low and high. Value: how many bytes went, at most
   * SERVICE_BYTES_PER_CALL, 0 where the queue is full or empty. SBI_ERR_INVALID_PARAM: memory not the caller's own. */
  SERVICE_WRITE = 5,
  SERVICE_READ = 6,
};
