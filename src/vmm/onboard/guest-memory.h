/* Memory of the loaded guest, read as the guest itself would: HLV and HLVX translate by vsatp and hgatp and check both
 * stages, so the hypervisor can be led nowhere that the guest could not go. A refusal is an answer, not a trap. */
#pragma once
#include "csr.h"
#include <stdbool.h>
#include <stdint.h>

/* stvec points behind the load meanwhile. A refused load traps there: it clears hstatus.SPV, which every VM entry
 * needs, and overwrites sepc, scause, stval, htval and htinst. */
#define GUEST_LOAD(load, address, value)                                                            \
  ({                                                                                                \
    bool loaded_ = false;                                                                           \
    uint64_t vector_, value_ = 0;                                                                   \
    __asm__ volatile(".option push\n.option arch, +h\n"                                             \
                     "lla %1, 1f\n"                                                                 \
                     "csrrw %1, stvec, %1\n" load " %2, (%3)\n"                                     \
                     "li %0, 1\n"                                                                   \
                     ".balign 4\n"                                                                  \
                     "1: csrw stvec, %1\n"                                                          \
                     ".option pop"                                                                  \
                     : "+r"(loaded_), "=&r"(vector_), "+r"(value_) : "r"(address) : "memory");      \
    if (!loaded_)                                                                                   \
      csr_set(hstatus, HSTATUS_SPV);                                                                \
    *(value) = (__typeof__(*(value)))value_;                                                        \
    loaded_;                                                                                        \
  })

/* An instruction parcel, with execute permission instead of read. */
static inline bool guest_fetch(uint64_t address, uint16_t *parcel) { return GUEST_LOAD("hlvx.hu", address, parcel); }
static inline bool guest_load_byte(uint64_t address, char *byte) { return GUEST_LOAD("hlv.bu", address, byte); }
