// PRV: a guest and the privileged parts of the machine.

import { BUG, PRIVILEGED } from '../saboteur.ts';
import { awaiting, directed, type FaultClass } from './fault-class.ts';

const BLOCKING = 'blocking of execution';
const FLOW = 'incorrect execution flow';
const ACCESS = 'read or write access to memory of another element';

/** SRST: type 0 is shutdown, reason 0 is "no reason"; the type lies in the upper half. */
const SHUTDOWN = 0n;

const privileged = (number: number, value: bigint) => ({ bug: BUG.PRIVILEGED, target: BigInt(number), value });

const ONES = 0xffff_ffff_ffff_ffffn;
/** Sv39 with a root where no memory is. */
const GARBAGE_ROOT = (8n << 60n) | 1n;

/** What is written there: all that can be set is, but for what would only be refused. */
const REGISTERS: readonly (readonly [name: string, number: number, value: bigint])[] = [
  ['sstatus', PRIVILEGED.SSTATUS, 0n],
  ['sie', PRIVILEGED.SIE, ONES],
  ['satp', PRIVILEGED.SATP, GARBAGE_ROOT],
  ['stimecmp', PRIVILEGED.STIMECMP, 0n],
  ['scounteren', PRIVILEGED.SCOUNTEREN, 0n],
  ['senvcfg', PRIVILEGED.SENVCFG, ONES],
  ['hstatus', PRIVILEGED.HSTATUS, ONES],
  ['hgatp', PRIVILEGED.HGATP, 0n],
  ['hvip', PRIVILEGED.HVIP, ONES],
  ['vsatp', PRIVILEGED.VSATP, GARBAGE_ROOT],
  ['mstatus', PRIVILEGED.MSTATUS, ONES],
  ['mtvec', PRIVILEGED.MTVEC, 0n],
  ['pmpaddr0', PRIVILEGED.PMPADDR0, ONES],
];

const INSTRUCTIONS: readonly (readonly [name: string, number: number])[] = [
  ['mret', PRIVILEGED.MRET],
  ['sfence-vma', PRIVILEGED.SFENCE_VMA],
  ['hfence-gvma', PRIVILEGED.HFENCE_GVMA],
  ['hfence-vvma', PRIVILEGED.HFENCE_VVMA],
  ['hlv', PRIVILEGED.HLV],
];

export const privilege: readonly FaultClass[] = [
  ...REGISTERS.map(([name, number, value]) =>
    directed(`PRV-1-${name}`, `${name} written`, FLOW, () => privileged(number, value)),
  ),
  ...INSTRUCTIONS.map(([name, number]) =>
    directed(`PRV-2-${name}`, `${name} executed`, FLOW, ({ to }) => privileged(number, BigInt(to.symbol('canary')))),
  ),
  directed('PRV-3', 'foreign trap vector taken over', FLOW, ({ to }) =>
    privileged(PRIVILEGED.STVEC, BigInt(to.symbol('trap_entry'))),
  ),
  directed('PRV-4', "neighbour's interrupt source disabled", 'loss of information', ({ to, board }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.plicPriority(to.dmaSource)),
    value: 0n,
  })),
  directed('PRV-5a', 'shutdown by SBI call', BLOCKING, () => ({ bug: BUG.SBI_RESET, target: 0n, value: SHUTDOWN })),
  directed('PRV-5b', 'store to the reset device', BLOCKING, ({ board }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.finisher),
    value: BigInt(board.finisherPass),
  })),
  directed('PRV-6', 'firmware overwritten', ACCESS, ({ firmware }) => ({
    bug: BUG.STORE64,
    target: BigInt(firmware),
    value: 0n,
  })),
  directed('PRV-7-csr', 'absent CSR written', FLOW, () => privileged(PRIVILEGED.ABSENT_CSR, ONES)),
  directed('PRV-7-word', 'reserved encoding executed', FLOW, () => privileged(PRIVILEGED.RESERVED, 0n)),
  awaiting('directed', 'PRV-8', 'timing side channel read', ACCESS, 'needs a second run with a changed neighbour'),
];
