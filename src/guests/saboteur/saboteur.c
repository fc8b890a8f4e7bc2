#include "saboteur.h"

#include "../../onboard/mmio.h"
#include "../../onboard/platform.h"
#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/ecall.h"
#include "../common/monitor.h"
#include "../common/panic.h"
#include "../common/pointers.h"
#include "../common/timer.h"

#define SABOTEUR __attribute__((section(".saboteur")))

#define PAGE_SIZE 4096
#define MAX_STATUS_POLLS 100000

/* Fetched as an instruction it faults in every mode: nothing answers there. */
#define UNMAPPED 0

SABOTEUR static void store64(const struct mailbox *mail) { mmio_write64(mail->target, mail->value); }
SABOTEUR static void store32(const struct mailbox *mail) { mmio_write32(mail->target, (uint32_t)mail->value); }
SABOTEUR static void load64(const struct mailbox *mail) { monitor_report(mmio_read64(mail->target)); }

SABOTEUR static void reset(const struct mailbox *mail) {
  sbi_reset((uint32_t)(mail->value >> 32), (uint32_t)mail->value);
}

SABOTEUR static void spin_masked(const struct mailbox *mail) {
  (void)mail;
  interrupts_off();
  for (;;) __asm__ volatile("");
}

SABOTEUR static void spin(const struct mailbox *mail) {
  (void)mail;
  csr_set(sstatus, SSTATUS_SIE);
  for (;;) __asm__ volatile("");
}

SABOTEUR static void wfi_masked(const struct mailbox *mail) {
  (void)mail;
  interrupts_off();
  csr_write(sie, 0);
  for (;;) wait_for_interrupt();
}

/* Leaves the channel as it was found, so that the guest's own driver works on. */
SABOTEUR static void dma(const struct mailbox *mail) {
  static uint64_t source[PAGE_SIZE / 8] __attribute__((aligned(PAGE_SIZE)));
  if (!board.dma) return;
  for (uint32_t i = 0; i < PAGE_SIZE / 8; i++) source[i] = mail->value;
  mmio_write64(board.dma + DMA_SRC, (uint64_t)source);
  mmio_write64(board.dma + DMA_DST, mail->target);
  mmio_write64(board.dma + DMA_LENGTH, PAGE_SIZE);
  mmio_write32(board.dma + DMA_CONTROL, DMA_CONTROL_START);
  for (uint32_t polls = 0; polls < MAX_STATUS_POLLS; polls++)
    if (mmio_read32(board.dma + DMA_STATUS) & (DMA_STATUS_DONE | DMA_STATUS_ERROR)) break;
  mmio_write32(board.dma + DMA_STATUS, DMA_STATUS_DONE | DMA_STATUS_ERROR);
}

SABOTEUR static void jump(const struct mailbox *mail) { ((void (*)(void))mail->target)(); }

SABOTEUR static void console_flood(const struct mailbox *mail) {
  (void)mail;
  csr_set(sstatus, SSTATUS_SIE);
  for (;;) console_print("flood ");
}

SABOTEUR static void trap_storm(const struct mailbox *mail) {
  (void)mail;
  __asm__ volatile(
      "lla t0, 1f\n"
      "csrw stvec, t0\n"
      "unimp\n"
      ".balign 4\n"
      "1: sret\n" ::: "t0", "memory");
}

SABOTEUR static void double_fault(const struct mailbox *mail) {
  (void)mail;
  csr_write(stvec, UNMAPPED);
  __asm__ volatile("unimp");
}

SABOTEUR static void planned_panic(const struct mailbox *mail) {
  (void)mail;
  panic("planned");
}

SABOTEUR static void timer_abuse(const struct mailbox *mail) { timer_set(mail->value); }

SABOTEUR static void page_table(const struct mailbox *mail) {
  uint64_t at = saboteur_remap(mail->target);
  if (at) mmio_write64(at, mail->value);
}

SABOTEUR static void fill(const struct mailbox *mail) {
  uint64_t length = monitor_argument(0);
  for (uint64_t done = 0; done < length; done += 8) mmio_write64(mail->target + done, mail->value);
}

SABOTEUR static void fill_down(const struct mailbox *mail) {
  uint64_t length = monitor_argument(0);
  for (uint64_t done = 8; done <= length; done += 8) mmio_write64(mail->target - done, mail->value);
}

SABOTEUR static void call(const struct mailbox *mail) {
  register uint64_t a0 __asm__("a0") = monitor_argument(0);
  register uint64_t a1 __asm__("a1") = monitor_argument(1);
  register uint64_t a2 __asm__("a2") = monitor_argument(2);
  register uint64_t a3 __asm__("a3") = monitor_argument(3);
  register uint64_t a4 __asm__("a4") = monitor_argument(4);
  register uint64_t a5 __asm__("a5") = monitor_argument(5);
  register uint64_t a6 __asm__("a6") = mail->value;
  register uint64_t a7 __asm__("a7") = mail->target;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
  uint64_t error = a0, value = a1;
  monitor_report(error);
  monitor_report(value);
}

SABOTEUR static void call_for_ever(const struct mailbox *mail) {
  for (;;) call(mail);
}

#define PRIVILEGED(number, instruction)                                                                              \
  case number:                                                                                                       \
    __asm__ volatile(instruction ::"r"(a0) : "memory");                                                              \
    break

/* By number or as data what the assembler is not told that this machine has. */
SABOTEUR static void privileged(const struct mailbox *mail) {
  register uint64_t a0 __asm__("a0") = mail->value;
  switch (mail->target) {
    PRIVILEGED(PRIVILEGED_SATP, "csrw satp, a0\nsfence.vma");
    PRIVILEGED(PRIVILEGED_STVEC, "csrw stvec, a0");
    PRIVILEGED(PRIVILEGED_SIE, "csrw sie, a0");
    PRIVILEGED(PRIVILEGED_SSTATUS, "csrw sstatus, a0");
    PRIVILEGED(PRIVILEGED_STIMECMP, "csrw 0x14d, a0");
    PRIVILEGED(PRIVILEGED_SCOUNTEREN, "csrw scounteren, a0");
    PRIVILEGED(PRIVILEGED_SENVCFG, "csrw 0x10a, a0");
    PRIVILEGED(PRIVILEGED_HSTATUS, "csrw 0x600, a0");
    PRIVILEGED(PRIVILEGED_HGATP, "csrw 0x680, a0");
    PRIVILEGED(PRIVILEGED_HVIP, "csrw 0x645, a0");
    PRIVILEGED(PRIVILEGED_VSATP, "csrw 0x280, a0");
    PRIVILEGED(PRIVILEGED_MSTATUS, "csrw mstatus, a0");
    PRIVILEGED(PRIVILEGED_MTVEC, "csrw mtvec, a0");
    PRIVILEGED(PRIVILEGED_PMPADDR0, "csrw pmpaddr0, a0");
    PRIVILEGED(PRIVILEGED_ABSENT_CSR, "csrw 0x5c0, a0");
    PRIVILEGED(PRIVILEGED_MRET, "mret");
    PRIVILEGED(PRIVILEGED_SFENCE_VMA, "sfence.vma");
    PRIVILEGED(PRIVILEGED_HFENCE_GVMA, ".word 0x62000073");
    PRIVILEGED(PRIVILEGED_HFENCE_VVMA, ".word 0x22000073");
    PRIVILEGED(PRIVILEGED_HLV, ".word 0x6c054573"); /* hlv.d a0, (a0) */
    PRIVILEGED(PRIVILEGED_RESERVED, ".word 0xffffffff");
  }
}

POINTERS static void (*const acts[])(const struct mailbox *mail) = {
    [BUG_STORE64] = store64,
    [BUG_STORE32] = store32,
    [BUG_LOAD64] = load64,
    [BUG_SBI_RESET] = reset,
    [BUG_SPIN_MASKED] = spin_masked,
    [BUG_DMA] = dma,
    [BUG_JUMP] = jump,
    [BUG_CONSOLE_FLOOD] = console_flood,
    [BUG_TRAP_STORM] = trap_storm,
    [BUG_DOUBLE_FAULT] = double_fault,
    [BUG_PANIC] = planned_panic,
    [BUG_TIMER_ABUSE] = timer_abuse,
    [BUG_STORE64_REPEATED] = store64,
    [BUG_WFI_MASKED] = wfi_masked,
    [BUG_SPIN] = spin,
    [BUG_PAGE_TABLE] = page_table,
    [BUG_FILL] = fill,
    [BUG_FILL_DOWN] = fill_down,
    [BUG_CALL] = call,
    [BUG_CALL_FOR_EVER] = call_for_ever,
    [BUG_PRIVILEGED] = privileged,
};

SABOTEUR void saboteur_poll(uint64_t work_index) {
  struct mailbox mail = monitor_mailbox();
  if (mail.bug == BUG_NONE || mail.bug >= sizeof acts / sizeof acts[0]) return;
  bool repeated = mail.bug == BUG_TIMER_ABUSE || mail.bug == BUG_STORE64_REPEATED;
  if (work_index == mail.work || (repeated && work_index > mail.work)) acts[mail.bug](&mail);
}

SABOTEUR __attribute__((weak)) uint64_t saboteur_remap(uint64_t physical) {
  (void)physical;
  return 0;
}
