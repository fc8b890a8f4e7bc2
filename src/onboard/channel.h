/* The message channel (services.h), as layers start it. */
#pragma once
#include "config.h"

void channel_init(const struct config *config);
/* Nothing is on its way from the guest or to it any more, and its interrupt is low. */
void channel_reset(uint32_t guest);
