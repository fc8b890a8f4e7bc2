/* Restart of a world: between the steps of restart.h, and dispatch.c, which gives them the hart. */
#pragma once
#include "restart.h"

/* Stops the machine with a message if the configuration's copies are unsound. */
void world_restart_init(const struct config *config);
bool world_restart_request(uint32_t guest, enum restart_cause cause);
bool world_restarting(uint32_t guest);
/* Goes on with the restart of the loaded world until it is done, or an interrupt of M calls for a decision. */
enum restart_result world_restart_go_on(void);
