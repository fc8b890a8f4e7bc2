#include "vm.h"
#include "console.h"
#include "csr.h"
#include "gstage.h"
#include "hart.h"
#include "platform.h"

struct vm vms[MAX_GUESTS];
uint32_t vm_count;
static struct vcpu entry_vcpus[MAX_GUESTS]; /* as they begin, and begin again */

/* The entry state of src/onboard/README.md; what is not named is zero. */
static void vm_create(struct vm *vm, uint32_t index, const struct config *config)
{
  const struct guest_config *guest = &config->guests[index];
  *vm = (struct vm){
      .vcpu.frame.x = {[11] = guest->dtb},
      .vcpu.frame.pc = guest->entry,
      .vcpu.frame.status = hart_entry_status(),
      .vcpu.vs.vsstatus = VSSTATUS_UXL_64,
      .vcpu.vs.vstimecmp = TIME_NEVER,
      .vcpu.vs.scounteren = COUNTEREN_CY | COUNTEREN_TM | COUNTEREN_IR,
      .index = index,
      .hart = hart_of_guest(config, index),
      .hgatp = gstage_hgatp(index),
      .caller = {.guest = index,
                 .reset_policy = config->reset_policy,
                 .memory_base = guest->ram_base,
                 .memory_size = guest->ram_size,
                 .uart = UART_BASE(guest->uart)},
      .plic.own = guest->sources,
      .plic.visible = guest->sources | config->vplic_sources,
  };
  entry_vcpus[index] = vm->vcpu;
  if (!restart_init(&vm->restart, config, index))
    stop("unsound pristine copy of guest", index);
}

void vms_create(const struct config *config)
{
  vm_count = config->guest_count;
  for (uint32_t i = 0; i < vm_count; i++)
    vm_create(&vms[i], i, config);
}

void vm_reset(struct vm *vm) { vm->vcpu = entry_vcpus[vm->index]; }
