/* What a guest tells its peers, over the layer's message channel (onboard/services.h): message n says n, under a check.
 * Nobody waits for a peer: a message that finds no room is sent with a later one, and where there is no channel, or no
 * peer, nothing is sent. What arrives is checked and counted, and never enters the guest's own output. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

void exchange_init(void);

/* Sends what there is to say after `units` units of work, as far as the peers have room. */
void exchange_publish(uint64_t units);

/* Takes what has come, at most so many messages of each peer. */
void exchange_receive(uint32_t messages);

/* For who wants to be interrupted: exchange_listen allows one interrupt, which exchange_interrupt serves. A peer that
 * never stops so takes no more time than the guest gives it. False: the source is another. */
void exchange_listen(void);
bool exchange_interrupt(uint32_t source);
