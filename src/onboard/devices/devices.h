/* The virtual devices that a layer has for its guests: one source for nanokernel and hypervisor, so that no guest can
 * tell who serves it. They lie in a window of pages (platform.h, VIRTUAL_*) where the board has nothing: a page per kind,
 * at which each guest finds its own. A guest has those kinds that a service of the configuration block gives it.
 *
 * A kind of device is one row of the table in devices.c and one file with the functions of `struct device_kind`:
 *   - registers: `access`, for one guest's device; virtio devices pass it on to virtio.h;
 *   - interrupt: device_set_line, a level; all virtual devices of a guest share the source VIRTUAL_IRQ(guest);
 *   - guest memory: layer_read_caller and layer_write_caller (sbi.h) of layer_caller(guest), in `access` and in `work`
 *     only: of the guest that is loaded, and paid by it, or, in a visit, of a peer. They refuse what is not its own. No pointer into a guest is kept;
 *   - `work`, in one bounded step, when a peer or an interrupt has something for it: device_ask asks for it, and it is
 *     done before the guest's next instruction, at the guest's own priority. Till then it waits in a buffer of ours;
 *   - an access is bounded too: ACCESS_AGAIN makes the guest come back for more;
 *   - `reset` when its guest begins anew. What a peer has of it must not outlive it. */
#pragma once
#include "access.h"
#include "config.h"
#include "sbi.h"

struct device_kind {
  /* At the start, where a service has this kind of device; may be null. */
  void (*start)(const struct config *config, const struct service_config *service);
  enum access_result (*access)(uint32_t guest, struct device_access *access);
  void (*reset)(uint32_t guest);
  /* May be null. The guest is loaded. */
  void (*work)(uint32_t guest);
};

extern uint32_t devices_asking; /* guests for whom work was asked for, one bit each */

void devices_init(const struct config *config);
/* Has it any? Asked before work is spent on an address. */
bool devices_any(uint32_t guest);
/* The guest's device at this address in the window; null: there is none. */
const struct virtual_device *devices_find(uint32_t guest, uint64_t address);
/* The guest begins anew. */
void devices_reset(uint32_t guest);
/* There is work to be done for the guest's device of that kind, once. */
void device_ask(uint32_t guest, uint32_t kind);
/* Was work asked for? It is done before the guest runs on. */
static inline bool devices_pending(uint32_t guest) { return devices_asking && devices_asking >> guest & 1; }
void devices_work(uint32_t guest);

/* PLIC sources that are the layer's own, one bit each, and what to do on the interrupt of one. The layer claims and
 * completes it. */
extern uint64_t devices_sources;
void devices_interrupt(void);
/* The guest's device of that kind (VIRTUAL_CONSOLE, ...) wants its interrupt, or no longer. */
void device_set_line(uint32_t guest, uint32_t kind, bool high);

/* What each layer defines: a guest as the owner of its memory, and that it has something to do, as by an interrupt. */
const struct sbi_caller *layer_caller(uint32_t guest);
void layer_wake(uint32_t guest);
/* The guest's own part of the PLIC at the layer's address, for a driver that takes every source for its own and would store
 * to its neighbours': the loaded guest's S context, of the sources those it owns, else zeros. */
enum access_result layer_access_plic(uint32_t guest, struct device_access *access);
/* From a guest's access, into memory that a peer has offered: until layer_leave the layer works for that peer. */
void layer_visit(uint32_t guest);
void layer_leave(void);
