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
enum sbi_rfence_function { RFENCE_FENCE_I, RFENCE_SFENCE_VMA, RFENCE_SFENCE_VMA_ASID };
enum sbi_hsm_function { HSM_HART_START, HSM_HART_STOP, HSM_HART_GET_STATUS, HSM_HART_SUSPEND };
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

/* Who calls. `guest` is its index in the configuration block. */
struct sbi_caller {
  uint32_t guest;
  uint32_t reset_policy;             /* enum reset_policy */
  uint64_t memory_base, memory_size; /* the only memory an argument may name, in the caller's physical addresses */
  uint64_t uart;                     /* its console's base address */
};

struct sbi_extension {
  uint64_t id;
  struct sbi_result (*handle)(const struct sbi_caller *caller, uint64_t function, const uint64_t args[6]);
};
extern const struct sbi_extension sbi_base, sbi_time, sbi_ipi, sbi_rfence, sbi_hsm, sbi_srst, sbi_dbcn;

/* Answers the ecall whose registers a0..a7 are `a`; the layer stores error and value in a0 and a1 and steps the pc. */
struct sbi_result sbi_call(const struct sbi_caller *caller, const uint64_t a[8]);
/* The extension of that id, or null. */
const struct sbi_extension *sbi_find(uint64_t id);
/* The `hart_mask, hart_mask_base` of IPI and RFENCE on a machine of one hart. */
enum sbi_hart_mask { MASK_INVALID, MASK_NOBODY, MASK_CALLER };
enum sbi_hart_mask sbi_hart_mask(uint64_t mask, uint64_t base);

/* What each layer defines. None of them may block or loop; a stopped or waiting caller merely does not run. */
void layer_set_timer(const struct sbi_caller *caller, uint64_t compare_ticks);
void layer_raise_software(const struct sbi_caller *caller); /* the caller's SSIP becomes pending */
void layer_fence_instructions(const struct sbi_caller *caller);
void layer_fence_addresses(const struct sbi_caller *caller); /* all of the caller's own translations */
void layer_wait(const struct sbi_caller *caller);            /* as its WFI */
void layer_stop(const struct sbi_caller *caller);            /* parks it for good */
void layer_reset_machine(uint32_t type, uint32_t reason);    /* enum sbi_reset_type, sbi_reset_reason */
/* Copies caller memory; false, and nothing copied, unless the range lies in the caller's own memory. */
bool layer_read_caller(const struct sbi_caller *caller, uint64_t address, char *to, uint64_t length);
