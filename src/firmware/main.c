/* Firmware: M-mode beneath one S-mode kernel. In `native` that is a guest, in `open` and `virtualized` the hypervisor. */
#include "firmware.h"
#include "platform.h"

struct firmware firmware;

/* The hypervisor owns the machine; a guest has its own console, memory and reset policy. */
static struct sbi_caller caller_of(const struct config *config)
{
  if (!config->keep_h)
    return machine_caller(config, 0);
  return (struct sbi_caller){
      .reset_policy = RESET_MACHINE,
      .memory_base = RAM_BASE,
      .memory_size = LAYER_MEMORY_SIZE,
      .uart = LAYER_UART_BASE,
  };
}

struct trap_frame *machine_main(uint64_t hart, const struct config *config)
{
  (void)hart;
  machine_init(config, DELEGABLE_EXCEPTIONS);
  firmware.caller = caller_of(config);
  firmware.frame = machine_entry(config->next_entry, config->next_arg, 0);
  return &firmware.frame;
}
