import { disassemble } from '../../src/machine/isa/disassemble.ts';
import type { After, Difference, LogEntry, LogField } from './compare.ts';
import { type Limits, NO_LIMITS } from './csr-rules.ts';
import { LEVELS } from './handlers.ts';
import { WINDOW_FAR } from './layout.ts';
import type { Oracle } from './run.ts';
import { FAR_ENTRY } from './tables.ts';

/**
 * How differences from Debian's QEMU 7.2 that are no errors of ours are kept apart; known.yaml says for each, by its id, which
 * sentence of the manual decides. Best is that programs avoid one, then that a field is not compared, and where neither can
 * be, the trap in which it shows is recognised: what the program did after it counts as not compared.
 */
export const AVOIDED = {
  'no-hlvx': ['hlvx.hu', 'hlvx.wu'],
  'no-cbo': ['cbo.zero', 'cbo.clean', 'cbo.flush', 'cbo.inval'],
  'ctzw-wide': ['ctzw'],
  'svinval-user': ['sfence.w.inval', 'sfence.inval.ir'],
  'sstc-stale': 'steadySstc',
  'hvip-vstip': 'shareVstip',
  'epc-odd': 'evenEpc',
  'mprv-kept': 'plainReturns',
  'mip-clears-vs': 'mipByBits',
  'mprv-mpv-m': 'noVirtualM',
  'fs-imprecise': 'dirtyFs',
  'no-adue': 'alwaysAdue',
  'pmp-guest': 'noPmp',
  'no-instret': 'noInstret',
  'walk-access-fault': 'tablesInMemory',
  'mxr-two-stage': 'readableCode',
  'hedeleg-cause': 'cleanHedeleg',
  'htinst-fixed': 'keptHtinst',
  'gpa-signed': 'lowGuestAddresses',
} as const satisfies Readonly<Record<string, readonly string[] | keyof Limits>>;

/** What the recognised errors would end too often is made rare, so that programs get on. */
const RARE = 'shyAccesses' satisfies keyof Limits;

const has = (entry: LogEntry, ...causes: number[]) => causes.some((cause) => entry.cause === BigInt(cause));
const same = (a: bigint, b: bigint, except: bigint) => ((a ^ b) & ~except) === 0n;
const GVA = 1n << 38n;
const H_GVA = 1n << 6n;
const SD = 1n << 63n;
const ENVCFG = (1n << 63n) | (1n << 61n);
/** Pseudoinstructions of mtinst and htinst. */
const IMPLICIT_READ = 0x3000n;
const IMPLICIT_WRITE = 0x3020n;
/** STI and SEI. */
const VS_HIGH = 0x220n;
const GUEST_PAGE_FAULTS = [20, 21, 23];
const isMachine = (entry: LogEntry) => entry.level === BigInt(LEVELS.machine);

interface Mask {
  /** Fields of a trap that count as equal. */
  readonly trap?: (field: LogField, ours: LogEntry, theirs: LogEntry) => boolean;
  readonly state?: (name: string, ours: bigint, theirs: bigint, after: After) => boolean;
  /** CSRs that programs may not look at, for the same reason. */
  readonly unread?: readonly string[];
}

export const MASKED: Readonly<Record<string, Mask>> = {
  'gva-kept': {
    trap: (field, ours, theirs) => field === 'status' && isMachine(ours) && same(ours.status, theirs.status, GVA),
    state: (name, ours, theirs) => name === 'mstatus' && same(ours, theirs, GVA),
    unread: ['mstatus'],
  },
  'tval-optional': {
    // With a tval of 0 goes that it is no guest virtual address.
    trap: (field, ours, theirs) =>
      (field === 'tval' && (has(ours, 2, 22) || (has(ours, 3) && theirs.tval === 0n))) ||
      (field === 'hstatus' && has(ours, 3) && theirs.tval === 0n && same(ours.hstatus, theirs.hstatus, H_GVA)),
    state: (name, _ours, _theirs, { left }) => left && /^(m|s|vs)tval$/.test(name),
    unread: ['mtval', 'stval', 'vstval'],
  },
  'tval-aligned': {
    trap: (field, ours, theirs) => field === 'tval' && has(ours, 1, 5, 7) && same(ours.tval, theirs.tval, 7n),
  },
  'no-retired': { state: (name) => name === 'retired' },
  'tval2-stale': {
    trap: (field, ours) => field === 'tval2' && !has(ours, ...GUEST_PAGE_FAULTS),
    state: (name, ours, _, { left }) => left && ours === 0n && (name === 'mtval2' || name === 'htval'),
    unread: ['mtval2', 'htval'],
  },
  'envcfg-bits': {
    state: (name, ours, theirs) => /^[mh]envcfg$/.test(name) && same(ours, theirs, ENVCFG),
    unread: ['menvcfg', 'henvcfg'],
  },
  'vsstatus-sd': {
    state: (name, ours, theirs) => name === 'vsstatus' && same(ours, theirs, SD),
    unread: ['vsstatus'],
  },
  'htinst-fixed': {
    state: (name, ours, theirs, { hostTrap }) =>
      name === 'htinst' && !hostTrap && ours === 0n && [IMPLICIT_READ, IMPLICIT_WRITE].includes(theirs),
    unread: ['htinst'],
  },
  'htval-by-vs': {
    state: (name, _, theirs, { guestTrap }) =>
      guestTrap && ((name === 'htval' && theirs === 0n) || (name === 'htinst' && [0n, IMPLICIT_READ].includes(theirs))),
    unread: ['htval', 'htinst'],
  },
  'hstatus-gva': {
    state: (name, ours, theirs) => name === 'hstatus' && same(ours, theirs, H_GVA),
    unread: ['hstatus'],
  },
  // VS-mode reads them as sip and sie.
  'vsip-partly': {
    state: (name, ours, theirs) => name === 'vsip' && (theirs & ~ours) === 0n && same(ours, theirs, VS_HIGH),
    unread: ['vsip', 'sip'],
  },
  'vsie-masked': { unread: ['sie'] },
};

const causes = (ours: LogEntry, theirs: LogEntry, ...pairs: (readonly [number, number])[]) =>
  ours.epc === theirs.epc && pairs.some(([a, b]) => has(ours, a) && has(theirs, b));
/** The trapping access was made by M-mode with MPRV. */
const underMprv = (entry: LogEntry) => isMachine(entry) && ((entry.status >> 17n) & 1n) === 1n;

/** The trap came from VU-mode. */
const fromVu = (entry: LogEntry) =>
  isMachine(entry)
    ? ((entry.status >> 39n) & 1n) === 1n && ((entry.status >> 11n) & 3n) === 0n
    : ((entry.hstatus >> 7n) & 1n) === 1n && ((entry.status >> 8n) & 1n) === 0n;

const fromGuest = (entry: LogEntry) =>
  ((isMachine(entry) ? entry.status >> 39n : entry.hstatus >> 7n) & 1n) === 1n || entry.level === BigInt(LEVELS.guest);

/** `text` is the instruction at our epc, `theirText` that at theirs. */
type Recogniser = (ours: LogEntry, theirs: LogEntry, text: string, theirText: string) => boolean;

export const RECOGNISED: Readonly<Record<string, Recogniser>> = {
  'amo-access-fault': (ours, theirs, text) => /^(amo|sc)/.test(text) && causes(ours, theirs, [7, 5]),
  'vs-fault-by-satp': (ours, theirs, text) =>
    (/^h[ls]v/.test(text) || underMprv(ours)) && causes(ours, theirs, [13, 5], [15, 7]),
  'mprv-guest-fault': (ours, theirs) => underMprv(ours) && causes(ours, theirs, [21, 13], [23, 15]),
  'vu-illegal': (ours, theirs, text) =>
    fromVu(ours) && /^(csr|sret|sfence|sinval|hfence|hinval|h[ls]v)/.test(text) && causes(ours, theirs, [22, 2]),
  'tvm-in-guest': (ours, theirs, _, theirText) =>
    fromGuest(theirs) &&
    has(theirs, 2) &&
    /^(sret|sfence|sinval|csr\w+ \w+, satp)/.test(theirText) &&
    !causes(ours, theirs, [2, 2]),
  'tvm-hgatp': (ours, theirs, text) => has(ours, 2) && /^csr\w+ \w+, hgatp/.test(text) && ours.epc !== theirs.epc,
  'vtvm-satp': (ours, theirs, text) => has(ours, 22) && /^csr\w+ \w+, satp/.test(text) && ours.epc !== theirs.epc,
  'walk-without-memory': (ours, theirs) =>
    ours.tval >> 21n === BigInt(WINDOW_FAR >>> 21) && causes(ours, theirs, [1, 12], [5, 13], [7, 15]),
  'implicit-as-load': (ours, theirs) => ours.tinst === IMPLICIT_READ && causes(ours, theirs, [23, 21], [20, 21]),
  'tw-in-vu': (ours, theirs, text) => text === 'wfi' && causes(ours, theirs, [2, 22]),
  'implicit-write': (ours) => ours.tinst === IMPLICIT_WRITE,
  'hlv-sum': (ours, theirs, text) =>
    (/^h[ls]v/.test(text) || underMprv(ours)) &&
    has(ours, 13, 15) &&
    (ours.epc !== theirs.epc || ours.tval !== theirs.tval || has(theirs, 21, 23)),
};

/** What it says when an instruction reaches into a page where no memory is. */
const FETCH_ABORT = /^qemu: [^;]*translator_access: Assertion `phys_page != -1' failed/;

export const RECOGNISED_IDS: readonly string[] = [...Object.keys(RECOGNISED), 'fetch-abort'];

const FAR_NAME = `tables+0x${FAR_ENTRY.toString(16)}`;

/** What programs leave out for it, and what is known of the differences; all but one error, or all. */
export function knownOfQemu(except?: string): Pick<Oracle, 'limits' | 'tolerance' | 'recognise'> {
  const others = <T>(errors: Readonly<Record<string, T>>) =>
    Object.entries(errors).flatMap(([id, error]) => (id === except ? [] : [error]));
  const avoided = others<string | readonly string[]>(AVOIDED);
  const masks = others(MASKED);
  const flags = [...avoided, RARE].filter((limit) => typeof limit === 'string');
  return {
    limits: {
      ...NO_LIMITS,
      ...Object.fromEntries(flags.map((limit) => [limit, true])),
      absent: new Set(avoided.flatMap((limit) => (typeof limit === 'string' ? [] : limit))),
      unread: new Set(masks.flatMap((mask) => mask.unread ?? [])),
    },
    tolerance: {
      trap: (field, ours, theirs) => masks.some((mask) => mask.trap?.(field, ours, theirs) === true),
      state: (name, ours, theirs, after) => masks.some((mask) => mask.state?.(name, ours, theirs, after) === true),
    },
    recognise: (difference) => {
      const id = recognise(difference);
      return id === except ? undefined : id;
    },
  };
}

/** The id of the known error that a difference comes from. */
function recognise(difference: Difference): string | undefined {
  if (difference.kind === 'stuck') return FETCH_ABORT.test(difference.why) ? 'fetch-abort' : undefined;
  if (difference.kind === 'memory') {
    // The dirty bit that the update of a page-table entry leaves in the G-stage.
    const far = difference.words.every(({ name, ours, theirs }) => name === FAR_NAME && (ours ^ theirs) === 0x80n);
    return far ? 'implicit-write' : undefined;
  }
  if (difference.kind !== 'trap' || difference.ours === undefined || difference.theirs === undefined) return undefined;
  const { ours, theirs, word, theirWord } = difference;
  const text = disassemble(word);
  const theirText = disassemble(theirWord);
  return Object.entries(RECOGNISED).find(([, recogniser]) => recogniser(ours, theirs, text, theirText))?.[0];
}
