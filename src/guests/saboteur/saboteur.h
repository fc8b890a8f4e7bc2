/* The directed bugs: what a kernel may do wrong, one instruction or a few each. The testbed names the bug, its target,
 * its value and the unit of work in the guest's mailbox; without one the kernel is healthy. */
#pragma once
#include <stdint.h>

enum bug {
  BUG_NONE = 0,
  BUG_STORE64 = 1,           /* stores `value` at `target` */
  BUG_STORE32 = 2,
  BUG_LOAD64 = 3,            /* reports what it read at `target` */
  BUG_SBI_RESET = 4,         /* SRST; value = type << 32 | reason */
  BUG_SPIN_MASKED = 5,       /* endless loop, interrupts off */
  BUG_DMA = 6,               /* own channel: a page full of `value` to `target` */
  BUG_JUMP = 7,              /* calls `target` */
  BUG_CONSOLE_FLOOD = 8,     /* prints for ever */
  BUG_TRAP_STORM = 9,        /* an illegal instruction whose handler returns to it */
  BUG_DOUBLE_FAULT = 10,     /* an illegal instruction while stvec is unmapped */
  BUG_PANIC = 11,
  BUG_TIMER_ABUSE = 12,      /* sets its timer to `value`, at this and each later unit */
  BUG_STORE64_REPEATED = 13, /* at this and each later unit */
  BUG_WFI_MASKED = 14,       /* waits for interrupts that are all masked */
  BUG_SPIN = 15,             /* endless loop, interrupts on */
  BUG_PAGE_TABLE = 16,       /* maps the page of `target` into its own table, then stores there; kernels with paging */
  BUG_FILL = 17,             /* `value` in all of argument 0 bytes from `target` upwards, as an overrun does */
  BUG_FILL_DOWN = 18,        /* the same downwards, as a stack does */
  BUG_CALL = 19,             /* ecall: extension `target`, function `value`, arguments 0 to 5; reports a0 and a1 */
  BUG_CALL_FOR_EVER = 20,
  BUG_PRIVILEGED = 21,       /* instruction number `target` of those below, with `value` in a0 */

  /* Acts of a process: a kernel with user space whose /init reads the mailbox, as scenarios/linux-init.sh does. */
  BUG_DEPLETE_MEMORY = 32,   /* takes memory until there is none, for ever */
  BUG_FORK_BOMB = 33,        /* two processes that each start two more */
  BUG_REAL_TIME_LOOP = 34,   /* endless loop above all other processes */
};

/* What S-mode may not do, or only to itself: writes of a CSR, and instructions of the higher modes. */
enum privileged {
  PRIVILEGED_SATP = 0,
  PRIVILEGED_STVEC = 1,
  PRIVILEGED_SIE = 2,
  PRIVILEGED_SSTATUS = 3,
  PRIVILEGED_STIMECMP = 4,
  PRIVILEGED_SCOUNTEREN = 5,
  PRIVILEGED_SENVCFG = 6,
  PRIVILEGED_HSTATUS = 7,
  PRIVILEGED_HGATP = 8,
  PRIVILEGED_HVIP = 9,
  PRIVILEGED_VSATP = 10,
  PRIVILEGED_MSTATUS = 11,
  PRIVILEGED_MTVEC = 12,
  PRIVILEGED_PMPADDR0 = 13,
  PRIVILEGED_ABSENT_CSR = 14,
  PRIVILEGED_MRET = 15,
  PRIVILEGED_SFENCE_VMA = 16,
  PRIVILEGED_HFENCE_GVMA = 17,
  PRIVILEGED_HFENCE_VVMA = 18,
  PRIVILEGED_HLV = 19,
  PRIVILEGED_RESERVED = 20,
};

/* Called by each kernel at the start of each unit of work. */
void saboteur_poll(uint64_t work_index);

/* A kernel with paging: makes a page table entry of its own point to the page of this physical address, against its
 * own rules, and returns the virtual address. 0: this kernel has no page table. */
uint64_t saboteur_remap(uint64_t physical);
