/* Memory of the loaded guest, reached as the guest itself would: HLV, HLVX and HSV translate by vsatp and hgatp and
 * check both stages, so the hypervisor can be led nowhere that the guest could not go. A refusal is an answer, not a
 * trap. */
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

static inline bool guest_store_byte(uint64_t address, char byte)
{
  bool stored = false;
  uint64_t vector;
  __asm__ volatile(".option push\n.option arch, +h\n"
                   "lla %1, 1f\n"
                   "csrrw %1, stvec, %1\n"
                   "hsv.b %2, (%3)\n"
                   "li %0, 1\n"
                   ".balign 4\n"
                   "1: csrw stvec, %1\n"
                   ".option pop"
                   : "+r"(stored), "=&r"(vector) : "r"(byte), "r"(address) : "memory");
  if (!stored)
    csr_set(hstatus, HSTATUS_SPV);
  return stored;
}

/* Loads `length` bytes, a multiple of 8 and not 0. After a refusal some of them may be there. */
static inline bool guest_load(uint64_t address, uint64_t *to, uint64_t length)
{
  bool loaded = false;
  uint64_t vector, word, end = address + length;
  __asm__ volatile(".option push\n.option arch, +h\n"
                   "lla %1, 2f\n"
                   "csrrw %1, stvec, %1\n"
                   "1: hlv.d %2, (%4)\n"
                   "sd %2, (%3)\n"
                   "addi %3, %3, 8\n"
                   "addi %4, %4, 8\n"
                   "bltu %4, %5, 1b\n"
                   "li %0, 1\n"
                   ".balign 4\n"
                   "2: csrw stvec, %1\n"
                   ".option pop"
                   : "+r"(loaded), "=&r"(vector), "=&r"(word), "+r"(to), "+r"(address) : "r"(end) : "memory");
  if (!loaded)
    csr_set(hstatus, HSTATUS_SPV);
  return loaded;
}

/* Stores `length` bytes, a multiple of 8 and not 0. After a refusal some of them may be there. */
static inline bool guest_store(uint64_t address, const uint64_t *from, uint64_t length)
{
  bool stored = false;
  uint64_t vector, word, end = address + length;
  __asm__ volatile(".option push\n.option arch, +h\n"
                   "lla %1, 2f\n"
                   "csrrw %1, stvec, %1\n"
                   "1: ld %2, (%3)\n"
                   "hsv.d %2, (%4)\n"
                   "addi %3, %3, 8\n"
                   "addi %4, %4, 8\n"
                   "bltu %4, %5, 1b\n"
                   "li %0, 1\n"
                   ".balign 4\n"
                   "2: csrw stvec, %1\n"
                   ".option pop"
                   : "+r"(stored), "=&r"(vector), "=&r"(word), "+r"(from), "+r"(address) : "r"(end) : "memory");
  if (!stored)
    csr_set(hstatus, HSTATUS_SPV);
  return stored;
}

/* Zeros instead, in a loop of 64 bytes, of which `length` is a multiple and not 0: most of a slot is never anything
 * else. */
static inline bool guest_clear(uint64_t address, uint64_t length)
{
  bool stored = false;
  uint64_t vector, end = address + length;
  __asm__ volatile(".option push\n.option arch, +h\n"
                   "lla %1, 2f\n"
                   "csrrw %1, stvec, %1\n"
                   "1: .rept 8\n"
                   "hsv.d zero, (%2)\n"
                   "addi %2, %2, 8\n"
                   ".endr\n"
                   "bltu %2, %3, 1b\n"
                   "li %0, 1\n"
                   ".balign 4\n"
                   "2: csrw stvec, %1\n"
                   ".option pop"
                   : "+r"(stored), "=&r"(vector), "+r"(address) : "r"(end) : "memory");
  if (!stored)
    csr_set(hstatus, HSTATUS_SPV);
  return stored;
}
