// Kernels that do what no kernel should, for ever. None of them needs anything but what its own machine gives it.

import { buildTables, turnOnPaging } from './page-tables.ts';
import { transferOf } from './snippets.ts';

export interface Hostile {
  readonly name: string;
  readonly source: string;
  /** It ends up waiting for what never comes: alone on a machine, the machine is idle. */
  readonly idles?: true;
}

const ROOT = 'DATA + 0x10000';
const handler = (body: string): string => `
  la t0, handler
  csrw stvec, t0
  j begin
  .align 2
handler:
  ${body}
begin:`;
const ENABLE = (bits: string): string => `li t0, ${bits}\n csrw sie, t0\n csrsi sstatus, 2\n`;
/** A source whose level stays high: a transfer that is done, and never acknowledged. */
const HIGH_LEVEL = `
  ${transferOf(8)}
  li t0, 3
  sw t0, 24(s4)
  li s2, PLIC + 0x2080
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li s3, PLIC + 0x201000
`;

export const HOSTILE: readonly Hostile[] = [
  { name: 'spins', source: '1: j 1b' },
  {
    name: 'spins with every interrupt enabled and pending, but masked',
    source: `csrwi stimecmp, 0\n li t0, 0x222\n csrw sie, t0\n csrwi sip, 2\n 1: j 1b`,
  },
  { name: 'waits with all masked', source: `csrw sie, zero\n 1: wfi\n j 1b`, idles: true },
  { name: 'waits for what is pending', source: `csrwi stimecmp, 0\n li t0, 0x20\n csrw sie, t0\n 1: wfi\n j 1b` },
  {
    name: 'has an illegal instruction for a trap handler',
    source: `la t0, 1f\n csrw stvec, t0\n .align 2\n 1: .word 0`,
  },
  { name: 'has a trap handler in nobody’s memory', source: `li t0, 0x30000000\n csrw stvec, t0\n .word 0` },
  { name: 'has a trap handler that loads from nobody', source: `${handler('ld t0, 0(zero)')}\n ld t0, 0(zero)` },
  { name: 'returns to its own fault', source: `${handler('sret')}\n ld t0, 0(zero)` },
  {
    name: 'has its page tables in nobody’s memory',
    source: `li t0, 8 << 60 | 0x30000\n csrw satp, t0\n sfence.vma\n nop`,
  },
  {
    // A root that is also a table and a page: every level of the walk is the root again.
    name: 'has page tables that lead to themselves',
    source: `li t0, ${ROOT}\n li t1, (${ROOT}) >> 12 << 10 | 1\n li t2, 512\n 1: sd t1, 0(t0)\n addi t0, t0, 8\n addi t2, t2, -1\n bnez t2, 1b\n ${turnOnPaging(ROOT, 1)}\n nop`,
  },
  {
    name: 'changes its address space for ever',
    source: `${buildTables(ROOT, [])}\n li t0, 8 << 60 | (${ROOT}) >> 12\n 1: csrw satp, t0\n sfence.vma\n csrw satp, zero\n j 1b`,
  },
  {
    name: 'takes a timer interrupt for ever',
    source: `${handler('sret')}\n csrwi stimecmp, 0\n ${ENABLE('0x20')} 1: j 1b`,
  },
  { name: 'takes a software interrupt for ever', source: `${handler('sret')}\n csrwi sip, 2\n ${ENABLE('2')} 1: j 1b` },
  {
    name: 'takes an external interrupt for ever',
    source: `${handler('sret')}\n ${HIGH_LEVEL} ${ENABLE('0x200')} 1: j 1b`,
  },
  { name: 'claims and completes for ever', source: `${HIGH_LEVEL} 1: lwu t0, 4(s3)\n sw t0, 4(s3)\n j 1b` },
  {
    name: 'changes enables and thresholds for ever',
    source: `${HIGH_LEVEL} li t0, 1 << DMA_IRQ\n 1: sw zero, 0(s2)\n sw t0, 0(s2)\n sw t0, 0(s3)\n sw zero, 0(s3)\n j 1b`,
  },
  { name: 'calls the SBI for ever', source: `li a7, 0x10\n 1: li a6, 0\n ecall\n j 1b` },
  { name: 'calls what is not there for ever', source: `li a7, -1\n 1: ecall\n j 1b` },
  {
    name: 'writes to the debug console for ever',
    source: `1: li a0, -1\n li a1, SLOT\n li a2, 0\n li a6, 0\n li a7, 0x4442434e\n ecall\n j 1b`,
  },
  { name: 'fences remotely for ever', source: `1: li a0, 1\n li a1, 0\n li a6, 1\n li a7, 0x52464e43\n ecall\n j 1b` },
  { name: 'sends itself IPIs for ever', source: `1: li a0, 1\n li a1, 0\n li a6, 0\n li a7, 0x735049\n ecall\n j 1b` },
  {
    name: 'sets its timer by the SBI for ever',
    source: `1: csrr a0, time\n addi a0, a0, 3\n li a6, 0\n li a7, 0x54494d45\n ecall\n j 1b`,
  },
  {
    name: 'suspends its hart for ever',
    source: `csrwi stimecmp, 0\n li t0, 0x20\n csrw sie, t0\n 1: li a0, 0\n li a6, 3\n li a7, 0x48534d\n ecall\n j 1b`,
  },
  { name: 'stops its hart', source: `li a6, 1\n li a7, 0x48534d\n ecall\n 1: j 1b`, idles: true },
  {
    name: 'asks for a reset',
    source: `li a0, 1\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall\n 1: j 1b`,
    idles: true,
  },
  { name: 'floods its UART', source: `li t0, UART\n li t1, 0x21\n 1: sb t1, 0(t0)\n j 1b` },
  {
    name: 'floods its monitor',
    source: `li t0, MONITOR\n 1: sd t0, 0x18(t0)\n sd t0, 0x20(t0)\n sd t0, 0x28(t0)\n sd t0, 0x68(t0)\n sd t0, 0x70(t0)\n j 1b`,
  },
  {
    name: 'copies by DMA for ever',
    source: `${transferOf(0x8_0000, 'SLOT', 'SLOT + 0x80000')} li t1, 3\n 1: sw t1, 24(s4)\n j 1b`,
  },
  {
    name: 'sends DMA into nowhere for ever',
    source: `${transferOf(-1, '-1')} li t1, 3\n 1: sw t1, 24(s4)\n j 1b`,
  },
  {
    name: 'executes what only a hypervisor may, for ever',
    source: `${handler('csrr t0, sepc\n addi t0, t0, 4\n csrw sepc, t0\n sret')}\n 1: hfence.gvma\n hlv.d t0, (t1)\n csrr t0, 0x680\n csrw 0x600, t0\n csrr t0, mstatus\n j 1b`,
  },
  {
    name: 'rewrites code that it runs, for ever',
    source: `la t0, 2f\n li t1, 0x13\n 1: sw t1, 0(t0)\n fence.i\n 2: nop\n j 1b`,
  },
];
