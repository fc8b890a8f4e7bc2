/* The PLIC as a guest sees it. Its S context (enables, threshold, claim) is the VM's own; of the sources it sees those
 * of its mask. A source is one thing of the machine however many VMs see it, so its priority and the enable bit changed
 * last are written through to the real PLIC, and its gateway stays closed until a guest completes. Its registers are
 * layer_access_plic (devices.h), where the board has its PLIC and where devices.h has it. */
#pragma once
#include "vm.h"

/* All sources of priority 1, none enabled. */
void vplic_start(void);
/* The context of a further hart. */
void vplic_join(void);
/* These sources are our own devices', the IOMMU's or those of devices.h: heard from now on. */
void vplic_serve(uint64_t sources);
/* Takes what the real PLIC offers; the VMs that have it enabled see it pending. */
void vplic_take_interrupts(void);
/* The VM's S context and its own sources as at the start, if its devices are silent. */
void vplic_reset(struct vm *vm);
