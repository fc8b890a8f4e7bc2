/* Firmware: M-mode beneath one S-mode kernel. In `native` that is a guest, in `open` and `virtualized` the hypervisor. */
#include "firmware.h"
#include "plic.h"

struct hart harts[MAX_HARTS];
const struct config *config;

/* The hypervisor owns the machine; a guest has its own console, memory and reset policy. */
static struct sbi_caller caller_of(void)
{
  if (config->next_entry == config->guests[0].entry)
    return machine_caller(config, 0);
  return (struct sbi_caller){
      .reset_policy = RESET_MACHINE,
      .memory_base = RAM_BASE,
      .memory_size = LAYER_MEMORY_SIZE,
      .uart = LAYER_UART_BASE,
  };
}

static void harts_init(void)
{
  for (uint32_t hart = 0; hart < config->hart_count; hart++) {
    harts[hart].caller = caller_of();
    harts[hart].caller.hart = hart;
    harts[hart].caller.last_hart = config->hart_count - 1;
    harts[hart].caller.hypervisor = config->keep_h;
    hart_set_state(&harts[hart], hart == 0 ? HART_STARTED : HART_STOPPED);
  }
  for (uint32_t hart = 1; hart < config->hart_count; hart++)
    machine_wake(machine_hart(hart));
}

/* The kernel above begins on another hart than this. */
static _Noreturn void hand_over(void)
{
  for (uint32_t hart = 0; hart < config->hart_count; hart++) {
    plic_enable(PLIC_CONTEXT_S(machine_hart(hart)), 0);
    plic_set_threshold(PLIC_CONTEXT_S(machine_hart(hart)), 0);
  }
  machine_wake(config->first_hart);
  machine_park();
}

struct trap_frame *machine_main(uint64_t hart, const struct config *given)
{
  config = given;
  machine_init(config, DELEGABLE_EXCEPTIONS);
  hart_init();
  harts_init();
  harts[0].frame = machine_entry(config->next_entry, config->next_arg, 0);
  if (hart != config->first_hart)
    hand_over();
  return &harts[0].frame;
}

/* Beyond those that the configuration names, a hart stays stopped. */
struct trap_frame *machine_secondary(uint64_t number)
{
  uint64_t hart = kernel_hart(number);
  if (hart >= config->hart_count)
    machine_park();
  hart_init();
  return hart_resume(&harts[hart]);
}
