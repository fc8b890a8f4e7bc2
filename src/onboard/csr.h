/* Control and status registers, by the manual's names. A name here is a name to the assembler: csr_read(sepc). */
#pragma once
#include <stdint.h>

#define csr_read(csr)                                              \
  ({                                                               \
    uint64_t value_;                                               \
    __asm__ volatile("csrr %0, " #csr : "=r"(value_) : : "memory"); \
    value_;                                                        \
  })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" : : "rK"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" : : "rK"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" : : "rK"((uint64_t)(bits)) : "memory")

/* Does the hart have this CSR? The trap vector (`vector`: mtvec or stvec) points behind the read meanwhile, so that an
 * illegal instruction lands there with `exists_` still 0. Boot time only: it overwrites xepc, xcause and xtval. */
#define csr_exists(csr, vector)                     \
  ({                                                \
    uint64_t exists_ = 0, vector_, value_;          \
    __asm__ volatile("lla %1, 1f\n"                 \
                     "csrrw %1, " #vector ", %1\n"  \
                     "csrr %2, " #csr "\n"          \
                     "li %0, 1\n"                   \
                     ".balign 4\n"                  \
                     "1: csrw " #vector ", %1"      \
                     : "+r"(exists_), "=&r"(vector_), "=&r"(value_) : : "memory"); \
    exists_ != 0;                                   \
  })

#define MSTATUS_SIE (1ull << 1)
#define MSTATUS_MIE (1ull << 3)
#define MSTATUS_SPIE (1ull << 5)
#define MSTATUS_SPP (1ull << 8)
#define MSTATUS_MPP (3ull << 11)
#define MSTATUS_MPP_U (0ull << 11)
#define MSTATUS_MPP_S (1ull << 11)
#define MSTATUS_MPP_M (3ull << 11)
#define MSTATUS_FS (3ull << 13) /* all ones: dirty */
#define MSTATUS_WIDTHS (15ull << 32) /* UXL, SXL */
#define MSTATUS_TVM (1ull << 20)
#define MSTATUS_TW (1ull << 21)
#define MSTATUS_TSR (1ull << 22)
#define SSTATUS_SIE MSTATUS_SIE
#define SSTATUS_SPIE MSTATUS_SPIE
#define SSTATUS_SPP MSTATUS_SPP
#define SSTATUS_FS MSTATUS_FS
#define SSTATUS_SUM (1ull << 18)
#define SSTATUS_MXR (1ull << 19)

#define HSTATUS_GVA (1ull << 6)
#define HSTATUS_SPV (1ull << 7)
#define HSTATUS_SPVP (1ull << 8)
#define HSTATUS_VTVM (1ull << 20)
#define HSTATUS_VTW (1ull << 21)
#define HSTATUS_VTSR (1ull << 22)

#define MISA_H (1ull << 7)

#define MENVCFG_STCE (1ull << 63) /* stimecmp for S-mode */
#define MENVCFG_ADUE (1ull << 61) /* hardware sets the A and D bits */
#define HENVCFG_STCE MENVCFG_STCE
#define HENVCFG_ADUE MENVCFG_ADUE

#define COUNTEREN_CY (1ull << 0)
#define COUNTEREN_TM (1ull << 1)
#define COUNTEREN_IR (1ull << 2)

/* Interrupt numbers, as bits of mip, mie, mideleg and their S and VS views. */
enum interrupt {
  IRQ_S_SOFTWARE = 1, IRQ_VS_SOFTWARE = 2, IRQ_M_SOFTWARE = 3,
  IRQ_S_TIMER = 5, IRQ_VS_TIMER = 6, IRQ_M_TIMER = 7,
  IRQ_S_EXTERNAL = 9, IRQ_VS_EXTERNAL = 10, IRQ_M_EXTERNAL = 11,
};
#define IRQ_BIT(irq) (1ull << (irq))
#define IRQ_S_ALL (IRQ_BIT(IRQ_S_SOFTWARE) | IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL))
#define CAUSE_INTERRUPT (1ull << 63)

/* Exception causes. */
enum cause {
  CAUSE_FETCH_MISALIGNED = 0, CAUSE_FETCH_ACCESS = 1, CAUSE_ILLEGAL = 2, CAUSE_BREAKPOINT = 3,
  CAUSE_LOAD_MISALIGNED = 4, CAUSE_LOAD_ACCESS = 5, CAUSE_STORE_MISALIGNED = 6, CAUSE_STORE_ACCESS = 7,
  CAUSE_ECALL_U = 8, CAUSE_ECALL_S = 9, CAUSE_ECALL_VS = 10, CAUSE_ECALL_M = 11,
  CAUSE_FETCH_PAGE = 12, CAUSE_LOAD_PAGE = 13, CAUSE_STORE_PAGE = 15,
  CAUSE_GUEST_FETCH_PAGE = 20, CAUSE_GUEST_LOAD_PAGE = 21, CAUSE_VIRTUAL_INSTRUCTION = 22, CAUSE_GUEST_STORE_PAGE = 23,
  CAUSE_COUNT = 24,
};
#define CAUSE_BIT(cause) (1ull << (cause))

#define INSTRUCTION_WFI 0x10500073u

#define TIME_NEVER UINT64_MAX /* a compare value that is not reached */

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" : : : "memory"); }
static inline void fence_addresses(void) { __asm__ volatile("sfence.vma" : : : "memory"); }
static inline void fence_instructions(void) { __asm__ volatile("fence.i" : : : "memory"); }
