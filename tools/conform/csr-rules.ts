import { CSRS } from '../../src/machine/hart/csrs.ts';

/**
 * What random programs may do to a CSR. `write`: bits that random values may set; bits outside it are written as in `keep`.
 * `choices`: the only values ever written. `set`: bits that csrrs and csrrc may touch, where fewer than `write`.
 * `reset`: its value when a program starts. CSRs without a rule are only read; what is not compared is not read either.
 */
export interface CsrRule {
  readonly write?: bigint;
  readonly keep?: bigint;
  readonly set?: bigint;
  readonly choices?: readonly bigint[];
  readonly reset?: bigint;
  /** The second field is written 0 where the first is all ones. */
  /** Two-bit fields, with the values they may not have. */
  readonly never?: readonly (readonly [shift: bigint, values: readonly bigint[]])[];
  readonly together?: readonly [bigint, bigint];
  /** Only written together with the fence it needs, by an item of its own. */
  readonly apart?: boolean;
}

export type Rules = Readonly<Record<string, CsrRule>>;

/** What the other machine does not do right, so that programs for it leave it out. */
export interface Limits {
  /** Rows and CSRs that it has not. */
  readonly absent: ReadonlySet<string>;
  /** CSRs whose value programs do not look at: it differs where nothing is wrong. */
  readonly unread: ReadonlySet<string>;
  /** STCE is chosen once for a program, and what it governs is only used where it is on. */
  readonly steadySstc: boolean;
  /** stimecmp is not written, only vstimecmp. */
  readonly oneTimer: boolean;
  /** hvip.VSTIP is left alone while STCE is on. */
  readonly shareVstip: boolean;
  /** Bit 0 of xepc is only written 0. */
  readonly evenEpc: boolean;
  /** xRET is executed in M-mode with MPRV = 0 only. */
  readonly plainReturns: boolean;
  /** mip is written by csrrs and csrrc only. */
  readonly mipByBits: boolean;
  /** MPV = 0 where MPP = 3. */
  readonly noVirtualM: boolean;
  /** FS is off or dirty. */
  readonly dirtyFs: boolean;
  /** Every page-table entry points to memory. */
  readonly tablesInMemory: boolean;
  /** What a page-table entry lets execute it lets read. */
  readonly readableCode: boolean;
  /** PMP is left as it is. */
  readonly noPmp: boolean;
  /** A and D are always updated by the hardware. */
  readonly alwaysAdue: boolean;
  /** minstret does not count instructions. */
  readonly noInstret: boolean;
  /** FIOM of the xenvcfg is left 0. */
  readonly noFiom: boolean;
  /** Atomics are aligned. */
  readonly alignedAtomics: boolean;
  /** Exception 0, which cannot happen, is not delegated. */
  readonly noFetchMisaligned: boolean;
  /** Exceptions 2 and 6 are not delegated to VS-mode. */
  readonly cleanHedeleg: boolean;
  /** htinst is not written. */
  readonly keptHtinst: boolean;
  /** Bit 40 of a guest-physical address is 0. */
  readonly lowGuestAddresses: boolean;
  /** Accesses of kinds that fault wrongly where no memory is, and for a guest while satp is bare, are rare. */
  readonly shyAccesses: boolean;
}

export const NO_LIMITS: Limits = {
  absent: new Set(),
  unread: new Set(),
  steadySstc: false,
  oneTimer: false,
  shareVstip: false,
  evenEpc: false,
  plainReturns: false,
  mipByBits: false,
  noVirtualM: false,
  dirtyFs: false,
  tablesInMemory: false,
  readableCode: false,
  noPmp: false,
  alwaysAdue: false,
  noInstret: false,
  noFiom: false,
  alignedAtomics: false,
  noFetchMisaligned: false,
  cleanHedeleg: false,
  keptHtinst: false,
  lowGuestAddresses: false,
  shyAccesses: false,
};

const ALL = (1n << 64n) - 1n;
const address: CsrRule = { write: ALL, reset: 0n };
const HANDLED = (bits: bigint): CsrRule => ({ write: bits, reset: 0n });
/** SIE SPIE SPP FS SUM MXR. */
const SSTATUS = 0xc6122n;
/** CY, TM, IR and those of the event counters. */
const COUNTERS = 0xffffffffn;
const MPP = 3n << 11n;
const MPV = 1n << 39n;
export const STCE = 1n << 63n;
export const ADUE = 1n << 61n;
const MSTATUS = SSTATUS | 0x88n | (1n << 17n) | (7n << 20n) | (1n << 38n) | (1n << 39n);
const UXL = 2n << 32n;
const SXL = 2n << 34n;

/** 2 is no privilege level. */
const LEGAL_MPP = [[11n, [2n]]] as const;
/** FS off or dirty. */
const LEGAL_FS = [[13n, [1n, 2n]]] as const;
const FS = 3n << 13n;
const CBIE = 3n << 4n;

/** Exception and interrupt codes that a cause register must be able to hold. */
const CAUSES = [0n, 1n, 2n, 3n, 5n, 7n, 8n, 9n, 12n, 13n, 15n].flatMap((code) => [
  code,
  code & 1n ? code | (1n << 63n) : code,
]);

/** CBIE 2 is reserved. FIOM, CBIE, CBCFE, CBZE, ADUE, STCE. */
const LEGAL_CBIE = [[4n, [2n]]] as const;
const ENVCFG: CsrRule = { write: 0xf1n | ADUE | STCE, never: LEGAL_CBIE };

const RULES: Rules = {
  fflags: { write: 31n },
  frm: { write: 7n },
  fcsr: { write: 255n },

  // MPP = 2 is reserved, so bit operations leave the field alone.
  mstatus: { write: MSTATUS | MPP, set: MSTATUS, keep: UXL | SXL, never: LEGAL_MPP, reset: 0n },
  medeleg: { write: 0xf0b5ffn, reset: 0n },
  mideleg: { write: 0x222n, reset: 0n },
  mie: { write: 0x1eeen, reset: 0n },
  mip: { write: 0x226n, reset: 0n },
  mtvec: { set: 1n },
  stvec: { set: 1n },
  vstvec: { set: 1n },
  mcounteren: { write: COUNTERS, reset: 0n },
  minstret: address,
  mscratch: address,
  mepc: address,
  mcause: { choices: CAUSES, reset: 0n },
  mtval: address,
  mtval2: address,
  mtinst: address,
  menvcfg: ENVCFG,

  sstatus: { write: SSTATUS, keep: UXL },
  sie: HANDLED(0x222n),
  sip: HANDLED(2n),
  scounteren: HANDLED(COUNTERS),
  senvcfg: { write: 0xf1n, never: LEGAL_CBIE, reset: 0n },
  sscratch: address,
  sepc: address,
  scause: { choices: CAUSES, reset: 0n },
  stval: address,
  stimecmp: { choices: [ALL, 0n], reset: ALL },
  satp: { apart: true, reset: 0n },

  hstatus: { write: 0x7003c0n, keep: UXL, reset: UXL },
  hedeleg: HANDLED(0xb1ffn),
  hideleg: HANDLED(0x444n),
  hie: HANDLED(0x1444n),
  hip: HANDLED(4n),
  hvip: HANDLED(0x444n),
  htimedelta: address,
  hcounteren: HANDLED(COUNTERS),
  hgeie: { choices: [0n], reset: 0n },
  henvcfg: ENVCFG,
  htval: address,
  htinst: address,
  hgatp: { apart: true, reset: 0n },

  vsstatus: { write: SSTATUS, keep: UXL, reset: UXL },
  vsie: HANDLED(0x222n),
  vsip: HANDLED(2n),
  vsscratch: address,
  vsepc: address,
  vscause: { choices: CAUSES, reset: 0n },
  vstval: address,
  vstimecmp: { choices: [ALL, 0n], reset: ALL },
  vsatp: { apart: true, reset: 0n },

  pmpaddr15: { apart: true, reset: ALL },
  pmpcfg2: { apart: true, reset: 0x1fn << 56n },
  pmpcfg0: { apart: true, reset: 0n },
};

/** Not comparable by nature: time, identity, and what an implementation may choose. */
const NEVER_COMPARED =
  /^(cycle|time|mcycle|hpmcounter\d+|mhpmcounter\d+|mhpmevent\d+|mcountinhibit|misa|mvendorid|marchid|mimpid|mconfigptr|pmpaddr.*)$/;

/** Counters whose reading only shows whether it is allowed: the result goes to x0. */
export const BLIND = ['cycle', 'time', 'hpmcounter3', 'hpmcounter18', 'hpmcounter31', 'mhpmcounter3'] as const;
const COUNTED = ['instret', 'minstret'] as const;

const isCounted = (name: string) => (COUNTED as readonly string[]).includes(name);

/** CSRs that the dump reads. */
export const comparedCsrs = (limits: Limits): string[] =>
  CSRS.map((row) => row.name).filter(
    (name) => !NEVER_COMPARED.test(name) && !limits.absent.has(name) && !(limits.noInstret && isCounted(name)),
  );

/** What is decided once for a program. */
export interface Variant {
  /** STCE, where it is steady. */
  readonly sstc: boolean;
  /** ADUE of menvcfg. */
  readonly adue: boolean;
}
export const envcfgOf = ({ sstc, adue }: Variant): bigint => (sstc ? STCE : 0n) | (adue ? ADUE : 0n);

/** The rules for a program, as the limits have them. */
export function rulesFor(limits: Limits, { sstc, adue }: Variant): Rules {
  const rules: Record<string, CsrRule> = { ...RULES };
  const kept = ADUE | (limits.steadySstc ? STCE : 0n);
  const value = (adue ? ADUE : 0n) | (limits.steadySstc && sstc ? STCE : 0n);
  const set = (ENVCFG.write ?? 0n) & ~kept & (limits.noFiom ? ~1n : ALL);
  const envcfg: CsrRule = { write: set, set: set & ~CBIE, keep: value, never: LEGAL_CBIE };
  Object.assign(rules, { menvcfg: envcfg, henvcfg: envcfg });
  if (adue && !limits.alwaysAdue)
    rules.henvcfg = { ...envcfg, write: set | ADUE, set: (set & ~CBIE) | ADUE, keep: value & ~ADUE };
  rules.senvcfg = { ...rules.senvcfg, write: limits.noFiom ? 0xf0n : 0xf1n, set: limits.noFiom ? 0xc0n : 0xc1n };
  if (limits.steadySstc) {
    // Without Sstc its registers are left alone; with it, the injected bit has to share its place with the comparison.
    if (sstc && limits.shareVstip) rules.hvip = HANDLED(0x404n);
    if (!sstc) Object.assign(rules, { stimecmp: {}, vstimecmp: {} });
  }
  if (limits.oneTimer) rules.stimecmp = {};
  if (limits.dirtyFs) {
    const noFs = SSTATUS & ~FS;
    rules.sstatus = { ...rules.sstatus, set: noFs, never: LEGAL_FS };
    rules.vsstatus = { ...rules.vsstatus, set: noFs, never: LEGAL_FS };
    rules.mstatus = { ...rules.mstatus, set: MSTATUS & ~FS, never: [...LEGAL_MPP, ...LEGAL_FS] };
  }
  if (limits.mipByBits) rules.mip = { set: 0x226n, reset: 0n };
  if (limits.noVirtualM) {
    rules.mstatus = { ...rules.mstatus, set: (rules.mstatus?.set ?? MSTATUS) & ~MPV, together: [MPP, MPV] };
  }
  if (limits.noFetchMisaligned) {
    rules.medeleg = HANDLED(0xf0b5fen);
    rules.hedeleg = HANDLED(0xb1fen);
  }
  if (limits.keptHtinst) rules.htinst = {};
  if (limits.cleanHedeleg) rules.hedeleg = HANDLED(0xb1bbn);
  if (limits.evenEpc) for (const name of ['mepc', 'sepc', 'vsepc']) rules[name] = HANDLED(ALL & ~1n);
  return rules;
}

/** What a program starts from. Sstc is on, so that both comparisons can be put far away. */
export const RESETS: readonly (readonly [string, bigint])[] = [
  ['menvcfg', ADUE | STCE],
  ['henvcfg', ADUE | STCE],
  ...Object.entries(RULES).flatMap(([name, rule]) => (rule.reset === undefined ? [] : [[name, rule.reset] as const])),
];
