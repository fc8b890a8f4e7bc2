/* The configuration block: how the harness tells a layer what to run. One scenario, one block; no image is rebuilt.
 * The harness places it at CONFIG_BASE in layer RAM and passes its address in a1. Offsets for TypeScript are generated
 * from these structs, so a field is added here and nowhere else. All fields are little-endian and naturally aligned. */
#pragma once
#include <stdint.h>

#define CONFIG_MAGIC 0x314746434f434154ull /* "TACOCFG1" */
#define CONFIG_BASE 0x80180000ull
/* Where copies for restarts lie if they fit; larger ones lie behind the slots of all guests. */
#define PRISTINE_BASE 0x80300000ull
#define PRISTINE_SIZE 0x100000ull
#define LAYER_MEMORY_SIZE 0x400000ull /* from RAM_BASE on: firmware, layer and this block */
#define MAX_GUESTS 4
#define MAX_REGIONS 96
#define MAX_SERVICES 8
#define NAME_BYTES 16
#define DISK_POOLED_SECTORS 1024 /* of a guest's disk at most, where there is a pool */

enum scheduling { SCHEDULE_PRIORITY = 0, SCHEDULE_BUDGET = 1 };
enum reset_policy { RESET_GUEST = 0, RESET_MACHINE = 1 };
/* What becomes of a guest whose reset is its own affair: parked, or restarted. ON_CRASH restarts also one that has
 * every interrupt disabled and waits for one. */
enum restart_policy { RESTART_NEVER = 0, RESTART_ON_RESET = 1, RESTART_ON_CRASH = 2 };

/* One guest. Times are mtime ticks (100 ns). */
struct guest_config {
  uint64_t ram_base, ram_size; /* its slot: 2 MiB aligned, guest-physical = physical */
  uint64_t entry, dtb;         /* first pc and a1 */
  /* Copies of what it finds in its slot, in whole pages at pristine_base; image_size 0: it cannot be restarted. */
  uint64_t image_copy, image_size;      /* begins at ram_base */
  uint64_t tail, tail_copy, tail_size; /* begins at `tail`: an initial file system, if it has one, and the device tree */
  uint64_t sources;            /* PLIC sources it owns, one bit each */
  uint64_t budget, period;     /* runs at most `budget` in each `period`; 0 = unlimited */
  uint32_t priority;           /* greater runs first */
  uint32_t uart, monitor, dma; /* board indices of its own devices */
  /* Runs only from `window_start` on, for `window_length`, in each `window_period`; period 0 = always. */
  uint64_t window_start, window_length, window_period;
  uint64_t watchdog; /* it is restarted as crashed if it hangs for so long (watchdog.h); 0: nobody watches */
};

/* One run of what a guest may reach: [gpa, gpa+size) maps to [spa, spa+size) in its G-stage. In a PMP window, which
 * translates nothing, gpa = spa, and `leaf` means nothing. */
enum region_perm { REGION_R = 1, REGION_W = 2, REGION_X = 4 };
struct region_config {
  uint32_t guest; /* whose */
  uint32_t perms; /* enum region_perm */
  uint64_t gpa, spa, size;
  uint64_t leaf; /* largest leaf allowed, bytes: 4 KiB, 2 MiB or 1 GiB */
};

/* A virtual device of the layer for some guests; one service of a kind. */
struct service_config {
  uint32_t kind;   /* VIRTUAL_CONSOLE, ... of platform.h */
  uint32_t guests; /* whose, one bit each */
  /* A disk: the virtio slot of the layer's own, and sectors: of each guest's; of the pool that they share, or 0; of the
   * pool that one guest may take. */
  uint32_t slot, sectors, pool, quota;
  uint64_t epoch; /* a clock: seconds from 1970 to the reset of the machine */
};

/* A guest's name, in ASCII, with zeros behind it unless it fills all NAME_BYTES. */
struct name_config {
  uint64_t text[2];
};

struct config {
  uint64_t magic;
  uint64_t next_entry, next_arg; /* firmware: where it goes in S-mode (HS-mode when keep_h) and a1 there */
  uint32_t keep_h;               /* 0: firmware clears misa.H before entering */
  uint32_t guest_count;
  uint32_t scheduling;   /* enum scheduling */
  uint32_t reset_policy; /* enum reset_policy */
  uint32_t restart_policy; /* enum restart_policy */
  uint32_t restart_limit;  /* restarts of one guest; it is parked when it needs another */
  uint64_t vplic_sources; /* vPLIC: all ones in `open`, else 0; or-ed with a guest's own sources to give those it may touch */
  uint32_t region_count;
  uint32_t pmp_module; /* nanokernel: 1 = the regions are PMP windows, 0 = all memory is open */
  uint32_t hart_count; /* of the kernel above firmware, of nanokernel or hypervisor; their guest g is on hart g % this */
  uint32_t iommu;      /* hypervisor: 1 = there is one before DMA channels and virtio slots */
  uint64_t pristine_base, pristine_size; /* of all copies */
  uint64_t envcfg;     /* firmware, nanokernel: bits of menvcfg for the kernel above beside its timer and A/D bits */
  struct guest_config guests[MAX_GUESTS];
  uint32_t first_hart; /* firmware: where the kernel above begins to count; what is before belongs to nobody */
  struct region_config regions[MAX_REGIONS];
  uint64_t service_count;
  struct service_config services[MAX_SERVICES];
  struct name_config names[MAX_GUESTS];
};
