/* A virtual machine as data: its vCPU's registers, its memory, its interrupts. Everything a guest owns is in here or in
 * the hart, never anywhere else. */
#pragma once
#include "config.h"
#include "fp-context.h"
#include "hart-stack.h"
#include "restart.h"
#include "sbi.h"
#include "trap-frame.h"
#include <stddef.h>

/* The registers of VS-mode and those S-mode registers which have no VS copy. In the hart while the VM is loaded. */
struct vs_registers {
  uint64_t vsstatus, vsie, vstvec, vsscratch, vsepc, vscause, vstval, vsatp;
  uint64_t hvip;      /* its pending external and software interrupts */
  uint64_t vstimecmp; /* mtime ticks */
  uint64_t scounteren, senvcfg;
};

struct vcpu {
  struct trap_frame frame; /* valid from VM exit to VM entry */
  struct vs_registers vs;
  struct fp_context fp;
};

/* The VM's S context at the PLIC. Sources are bits of one word. */
struct plic_context {
  uint64_t own;     /* sources of its devices */
  uint64_t visible; /* sources whose registers the VM reaches; bit 0, no source, stands for the M context */
  uint64_t enabled; /* within `visible` */
  uint32_t threshold;
};

struct vm {
  struct vcpu vcpu; /* first: the frame's address is the VM's */
  uint32_t index;   /* in the configuration block and in every table by guest */
  uint32_t hart;    /* on which it runs */
  uint64_t hgatp;
  struct sbi_caller caller;
  struct plic_context plic;
  struct restart restart;
};
_Static_assert(offsetof(struct vm, vcpu.frame) == 0, "a frame leads to its VM");
_Static_assert(offsetof(struct vm, hart) == VM_HART, "VM_HART");

extern struct vm vms[MAX_GUESTS];
extern uint32_t vm_count;

static inline struct vm *vm_of_frame(struct trap_frame *frame) { return (struct vm *)frame; }

/* Every VM of the configuration in its entry state. Stops with a message if a copy for restarts is unsound. */
void vms_create(const struct config *config);
/* Registers as at the entry, in the VM only; what the hart holds of them is the caller's affair. */
void vm_reset(struct vm *vm);
