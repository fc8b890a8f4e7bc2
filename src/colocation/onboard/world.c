/* The world switch: every register and CSR that a guest can tell from another's. */
#include "world.h"
#include "csr.h"
#include "platform.h"
#include "plic.h"
#include "timer.h"
#include "window.h"

#define CONTEXT_S PLIC_CONTEXT_S(own_hart())

struct world worlds[MAX_GUESTS];
uint32_t current_guest[HARTS] = {[0 ... HARTS - 1] = NO_GUEST};
uint64_t world_switches[HARTS];
static struct world entry_worlds[MAX_GUESTS]; /* as they begin, and begin again */

void world_init(const struct config *config, uint32_t guest)
{
  const struct guest_config *from = &config->guests[guest];
  worlds[guest] = (struct world){
      .frame = machine_entry(from->entry, from->dtb, MSTATUS_TW), /* WFI comes here: it means idle */
      .scounteren = COUNTEREN_CY | COUNTEREN_TM | COUNTEREN_IR,
      .timer = TIME_NEVER,
      .sources = from->sources,
      .caller = machine_caller(config, guest),
  };
  entry_worlds[guest] = worlds[guest];
}

static uint64_t writable_sip(void)
{
  return IRQ_BIT(IRQ_S_SOFTWARE) | (machine_features.sstc ? 0 : IRQ_BIT(IRQ_S_TIMER));
}

static void save(struct world *world)
{
  fp_save(&world->fp);
  world->sie = csr_read(sie);
  world->stvec = csr_read(stvec);
  world->sscratch = csr_read(sscratch);
  world->sepc = csr_read(sepc);
  world->scause = csr_read(scause);
  world->stval = csr_read(stval);
  world->satp = csr_read(satp);
  world->scounteren = csr_read(scounteren);
  if (machine_features.envcfg)
    world->senvcfg = csr_read(senvcfg);
  world->sip = csr_read(mip) & writable_sip();
  timer_save(world);
  world->enables = plic_enabled(CONTEXT_S);
  world->threshold = plic_threshold(CONTEXT_S);
}

/* Without it, sc of this world could succeed on the reservation of the one before. */
static void end_reservation(void)
{
  static uint32_t word;
  uint32_t failed;
  __asm__ volatile("sc.w %0, zero, (%1)" : "=&r"(failed) : "r"(&word) : "memory");
}

static void load(struct world *world, uint64_t now)
{
  window_load(world->caller.guest);
  csr_write(satp, world->satp);
  fence_addresses(); /* worlds share the ASIDs, and a translation may hold what the PMP allowed when it was made */
  fp_load(&world->fp);
  csr_write(sie, world->sie);
  csr_write(stvec, world->stvec);
  csr_write(sscratch, world->sscratch);
  csr_write(sepc, world->sepc);
  csr_write(scause, world->scause);
  csr_write(stval, world->stval);
  csr_write(scounteren, world->scounteren);
  if (machine_features.envcfg)
    csr_write(senvcfg, world->senvcfg);
  csr_clear(mip, writable_sip());
  csr_set(mip, world->sip);
  timer_load(world, now);
  world->masked = 0;
  plic_enable(CONTEXT_S, world->enables);
  plic_set_threshold(CONTEXT_S, world->threshold);
  end_reservation();
}

void world_switch(uint32_t guest, uint64_t now)
{
  csr_set(mstatus, MSTATUS_FS); /* the frame brings back the guest's own FS */
  if (loaded_guest() != NO_GUEST)
    save(&worlds[loaded_guest()]);
  current_guest[own_hart()] = guest;
  load(&worlds[guest], now);
  world_switches[own_hart()]++;
}

void world_reset(uint64_t now)
{
  csr_set(mstatus, MSTATUS_FS);
  worlds[loaded_guest()] = entry_worlds[loaded_guest()];
  load(&worlds[loaded_guest()], now);
}

/* A request once forwarded stays pending although its device is silent now; only a claim takes it back. Each of its
 * sources is claimed at most once. */
void world_release_sources(const struct world *world)
{
  plic_enable(CONTEXT_S, world->sources);
  for (unsigned source = 1; source <= PLIC_SOURCES; source++) {
    if (!(world->sources >> source & 1))
      continue;
    plic_set_priority(source, 1);
    plic_complete(CONTEXT_S, source);
    plic_complete(CONTEXT_S, plic_claim(CONTEXT_S));
  }
  plic_enable(CONTEXT_S, 0);
}

/* Would a pending source interrupt this world, were it loaded? A priority is read for pending sources only. */
static bool source_interrupts(struct world *world)
{
  uint64_t watched = world->sources & world->enables & ~world->masked;
  if (!watched)
    return false;
  uint64_t pending = plic_pending() & watched;
  for (unsigned source = 0; source < 64 && pending >> source; source++) {
    if (!(pending >> source & 1))
      continue;
    if (plic_priority(source) > world->threshold)
      return true;
    world->masked |= 1ull << source;
  }
  return false;
}

bool world_interrupted(struct world *world, uint64_t now)
{
  if (world_loaded(world))
    return (csr_read(mip) & csr_read(sie)) != 0;
  uint64_t pending = world->sip;
  if (world->timer <= now)
    pending |= IRQ_BIT(IRQ_S_TIMER);
  if ((world->sie & IRQ_BIT(IRQ_S_EXTERNAL)) && source_interrupts(world))
    pending |= IRQ_BIT(IRQ_S_EXTERNAL);
  return (pending & world->sie) != 0;
}
