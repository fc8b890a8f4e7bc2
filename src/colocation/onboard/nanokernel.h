#pragma once
#include "restart.h"
#include "world.h"

/* Makes all worlds ready; the first dispatch() loads one. */
void dispatch_init(const struct config *config);
/* The same on every further hart, for its guests alone. */
void dispatch_join(const struct config *config);
/* Decides who runs from now on, waiting for an interrupt while nobody may, loads its world and arms M's timer and
 * interrupt sources for whatever may change the decision. */
void dispatch(void);
/* Takes the interrupts of the layer's own devices (devices.h). A decision must follow. */
void dispatch_serve_devices(void);
/* What happens to the current guest in a trap may call for a decision; dispatch_pending says so at its end. */
void dispatch_request(void);
bool dispatch_pending(void);
/* The current guest idles: it does not run before one of its own enabled interrupts is pending. */
void dispatch_wait(void);
/* The guest runs on, if it waits. */
void dispatch_wake(uint32_t guest);
/* The current guest begins anew, if policy lets it; else false. */
bool dispatch_restart(enum restart_cause cause);
/* The current guest never runs again. */
void dispatch_stop(void);
