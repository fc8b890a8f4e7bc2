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

/* Copies `length` bytes, a multiple of the step and not 0, where one of the instructions reaches the guest. After a refusal
 * some of them may be there. */
#define GUEST_COPY(load, store, step, from, to, length)                                                 \
  ({                                                                                                    \
    bool copied_ = false;                                                                               \
    uint64_t vector_, word_, from_ = (uint64_t)(from), to_ = (uint64_t)(to), end_ = from_ + (length);   \
    __asm__ volatile(".option push\n.option arch, +h\n"                                                 \
                     "lla %1, 2f\n"                                                                     \
                     "csrrw %1, stvec, %1\n"                                                            \
                     "1: " load " %2, (%3)\n" store " %2, (%4)\n"                                       \
                     "addi %3, %3, " step "\n"                                                          \
                     "addi %4, %4, " step "\n"                                                          \
                     "bltu %3, %5, 1b\n"                                                                \
                     "li %0, 1\n"                                                                       \
                     ".balign 4\n"                                                                      \
                     "2: csrw stvec, %1\n"                                                              \
                     ".option pop"                                                                      \
                     : "+r"(copied_), "=&r"(vector_), "=&r"(word_), "+r"(from_), "+r"(to_)              \
                     : "r"(end_)                                                                        \
                     : "memory");                                                                       \
    if (!copied_)                                                                                       \
      csr_set(hstatus, HSTATUS_SPV);                                                                    \
    copied_;                                                                                            \
  })

static inline bool guest_load_bytes(uint64_t address, void *to, uint64_t length)
{
  return GUEST_COPY("hlv.bu", "sb", "1", address, to, length);
}
static inline bool guest_load_words(uint64_t address, void *to, uint64_t length)
{
  return GUEST_COPY("hlv.d", "sd", "8", address, to, length);
}
static inline bool guest_store_bytes(uint64_t address, const void *from, uint64_t length)
{
  return GUEST_COPY("lbu", "hsv.b", "1", from, address, length);
}
static inline bool guest_store_words(uint64_t address, const void *from, uint64_t length)
{
  return GUEST_COPY("ld", "hsv.d", "8", from, address, length);
}

/* Zeros, in a loop of 64 bytes, of which `length` is a multiple and not 0: most of a slot is never anything
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
