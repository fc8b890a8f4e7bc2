/* The supervisor binary interface (SBI 2.0) as firmware, nanokernel and hypervisor answer it: one source, so that a
 * guest sees the same firmware in every mode. An extension is one file with one object; what it needs of the layer
 * beneath it asks by the layer_ functions, which each layer defines. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SBI_VERSION_2_0 0x02000000
#define SBI_IMPLEMENTATION_ID 0x7ac0
#define SBI_IMPLEMENTATION_VERSION 1

enum sbi_extension_id {
  SBI_BASE = 0x10, SBI_TIME = 0x54494d45, SBI_IPI = 0x735049, SBI_RFENCE = 0x52464e43,
  SBI_HSM = 0x48534d, SBI_SRST = 0x53525354, SBI_DBCN = 0x4442434e,
};
enum sbi_base_function {
  BASE_SPEC_VERSION, BASE_IMPLEMENTATION_ID, BASE_IMPLEMENTATION_VERSION, BASE_PROBE_EXTENSION,
  BASE_MVENDORID, BASE_MARCHID, BASE_MIMPID,
};
enum sbi_rfence_function {
  RFENCE_FENCE_I, RFENCE_SFENCE_VMA, RFENCE_SFENCE_VMA_ASID,
  RFENCE_HFENCE_GVMA_VMID, RFENCE_HFENCE_GVMA, RFENCE_HFENCE_VVMA_ASID, RFENCE_HFENCE_VVMA, RFENCE_COUNT,
};
enum sbi_hsm_function { HSM_HART_START, HSM_HART_STOP, HSM_HART_GET_STATUS, HSM_HART_SUSPEND };
/* As HSM tells them. */
enum sbi_hart_state {
  HART_STARTED, HART_STOPPED, HART_START_PENDING, HART_STOP_PENDING, HART_SUSPENDED,
};
enum sbi_dbcn_function { DBCN_WRITE, DBCN_READ, DBCN_WRITE_BYTE };
enum sbi_reset_type { RESET_SHUTDOWN, RESET_COLD_REBOOT, RESET_WARM_REBOOT };
enum sbi_reset_reason { RESET_NO_REASON, RESET_SYSTEM_FAILURE };

enum sbi_error {
  SBI_SUCCESS = 0, SBI_ERR_FAILED = -1, SBI_ERR_NOT_SUPPORTED = -2, SBI_ERR_INVALID_PARAM = -3,
  SBI_ERR_DENIED = -4, SBI_ERR_INVALID_ADDRESS = -5, SBI_ERR_ALREADY_AVAILABLE = -6,
};

struct sbi_result {
  int64_t error;  /* a0 */
  uint64_t value; /* a1 */
};

/* Who calls. `guest` is its index in the configuration block. A field left out is 0: one hart, no hypervisor. */
struct sbi_caller {
  uint32_t guest;
  uint32_t reset_policy;             /* enum reset_policy */
  uint32_t hart, last_hart;          /* its own number, and the greatest that it has */
  bool hypervisor;                   /* it has the hypervisor extension, and so fences of it */
  uint64_t memory_base, memory_size; /* the only memory an argument may name, in the caller's physical addresses */
  uint64_t uart;                     /* its console's base address */
};

struct sbi_extension {
  uint64_t id;
  struct sbi_result (*handle)(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6]);
};
extern const struct sbi_extension sbi_base, sbi_time, sbi_ipi, sbi_rfence, sbi_hsm, sbi_srst, sbi_dbcn;

/* The vendor's own (services.h), where the layer has it. */
extern const struct sbi_extension sbi_channel;
extern const struct sbi_extension *const sbi_service; /* each layer's: the above, or null */

/* Answers the ecall whose registers a0..a7 are `a`; the layer stores error and value in a0 and a1 and steps the pc. */
struct sbi_result sbi_call(const struct sbi_caller *caller, const uint64_t a[8]);
/* The extension of that id, or null. */
const struct sbi_extension *sbi_find(uint64_t id);
/* The harts of IPI's and RFENCE's `hart_mask, hart_mask_base`, one bit each; false if one of them is not the caller's. */
bool sbi_harts(const struct sbi_caller *caller, uint64_t mask, uint64_t base, uint64_t *harts);

/* What each layer defines. None of them loops without a bound; a stopped or waiting caller merely does not run. */
void layer_set_timer(const struct sbi_caller *caller, uint64_t compare_ticks);
void layer_raise_software(const struct sbi_caller *caller); /* the caller's SSIP becomes pending */
void layer_fence_instructions(const struct sbi_caller *caller);
void layer_fence_addresses(const struct sbi_caller *caller); /* all of the caller's own translations */
void layer_wait(const struct sbi_caller *caller);            /* as its WFI */
void layer_stop(const struct sbi_caller *caller);            /* its hart, until another starts it */
bool layer_restart(const struct sbi_caller *caller);         /* begins that; false: not by policy, or no more */
void layer_reset_machine(uint32_t type, uint32_t reason);    /* enum sbi_reset_type, sbi_reset_reason */
/* Copies caller memory; false, and nothing copied, unless the range lies in the caller's own memory. */
bool layer_read_caller(const struct sbi_caller *caller, uint64_t address, void *to, uint64_t length);

/* The other direction, as strict; a layer needs it only for the services. */
bool layer_write_caller(const struct sbi_caller *caller, uint64_t address, const void *from, uint64_t length);

/* The same of several harts; `harts` are the caller's own. sbi/one-hart.c defines them by those above for a layer whose
 * callers have one hart. */
void layer_send_software(const struct sbi_caller *caller, uint64_t harts);
/* A fence of everything that `function` names; false if a hart never said that it was done. */
bool layer_send_fence(const struct sbi_caller *caller, enum sbi_rfence_function function, uint64_t harts);
enum sbi_error layer_start(const struct sbi_caller *caller, uint32_t hart, uint64_t address, uint64_t argument);
enum sbi_hart_state layer_state(const struct sbi_caller *caller, uint32_t hart);
void layer_park(const struct sbi_caller *caller); /* all its harts, for good */
