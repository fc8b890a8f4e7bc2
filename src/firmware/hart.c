/* Harts that start, stop and wait: the HSM extension. A hart changes its own state, except that another takes it from
 * stopped to start pending. Whatever it asks for takes effect where its trap ends. */
#include "csr.h"
#include "firmware.h"

void hart_init(void)
{
  machine_init_hart(config, DELEGABLE_EXCEPTIONS);
  csr_set(mie, IRQ_BIT(IRQ_M_SOFTWARE));
}

static bool interrupted(void)
{
  return (csr_read(mip) & csr_read(mie) & ~IRQ_BIT(IRQ_M_SOFTWARE)) != 0;
}

static bool started(struct hart *hart)
{
  uint64_t address = __atomic_load_n(&hart->start_address, __ATOMIC_ACQUIRE);
  if (!address)
    return false;
  fence_instructions(); /* whoever starts a hart has just written what it runs */
  hart->frame = machine_entry(address, hart->start_argument, 0);
  frame_arguments(&hart->frame)[0] = hart->caller.hart;
  hart->start_address = 0;
  hart_set_state(hart, HART_STARTED);
  return true;
}

static bool may_run(struct hart *hart)
{
  switch (hart_state(hart)) {
  case HART_STARTED: return true;
  case HART_START_PENDING: return started(hart);
  case HART_SUSPENDED:
    if (interrupted())
      hart_set_state(hart, HART_STARTED);
    return hart_state(hart) == HART_STARTED;
  case HART_STOP_PENDING:
    hart_init();
    hart_set_state(hart, HART_STOPPED);
    return false;
  case HART_PARKED: csr_write(mie, IRQ_BIT(IRQ_M_SOFTWARE)); return false; /* nothing else wakes it */
  default: return false;
  }
}

struct trap_frame *hart_wait(struct hart *hart)
{
  while (!may_run(hart)) {
    wait_for_interrupt();
    hart_serve(hart);
  }
  return &hart->frame;
}

void layer_wait(const struct sbi_caller *caller) { hart_set_state(hart_of(caller), HART_SUSPENDED); }
void layer_stop(const struct sbi_caller *caller) { hart_set_state(hart_of(caller), HART_STOP_PENDING); }

void layer_park(const struct sbi_caller *caller)
{
  for (uint32_t hart = 0; hart <= caller->last_hart; hart++)
    hart_ask(hart, EVENT_PARK);
  hart_set_state(hart_of(caller), HART_PARKED);
}

/* What is alone on its machine is parked. */
bool layer_restart(const struct sbi_caller *caller)
{
  (void)caller;
  return false;
}

enum sbi_hart_state layer_state(const struct sbi_caller *caller, uint32_t hart)
{
  (void)caller;
  uint32_t state = hart_state(&harts[hart]);
  return state == HART_PARKED ? HART_STOPPED : (enum sbi_hart_state)state;
}

enum sbi_error layer_start(const struct sbi_caller *caller, uint32_t hart, uint64_t address, uint64_t argument)
{
  (void)caller;
  struct hart *target = &harts[hart];
  uint32_t state = HART_STOPPED;
  if (!__atomic_compare_exchange_n(&target->state, &state, HART_START_PENDING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return state == HART_STOP_PENDING ? SBI_ERR_FAILED : SBI_ERR_ALREADY_AVAILABLE;
  target->start_argument = argument;
  __atomic_store_n(&target->start_address, address, __ATOMIC_RELEASE);
  hart_ask(hart, 0);
  return SBI_SUCCESS;
}
