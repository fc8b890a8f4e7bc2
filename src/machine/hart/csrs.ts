/**
 * Control and status registers, one row each. `read` is an expression, `write` statements over `value`; where `write` is
 * absent, writes are ignored. `denied` gives 0 allowed, 1 illegal instruction, 2 virtual instruction, beyond what the number
 * itself says. With V = 1 an S-level number whose VS twin (number + 0x100) has a row means the twin: said once, in csr_access.
 */
export interface Csr {
  readonly number: number;
  readonly name: string;
  readonly read: string;
  readonly write?: string;
  readonly denied?: string;
  /** A write changes nothing that the loop keeps or that decides on interrupts: it can go straight on. */
  readonly quiet?: true;
}

const csr = (number: number, name: string, read: string, write?: string, denied?: string): Csr => ({
  number,
  name,
  read,
  ...(write === undefined ? {} : { write }),
  ...(denied === undefined ? {} : { denied }),
});
const quiet = (row: Csr): Csr => ({ ...row, quiet: true });
/** A register that holds whatever is written. */
const plain = (number: number, name: string, denied?: string) =>
  quiet(csr(number, name, name, `${name} = value;`, denied));

const NEEDS_H = '(misa & MISA_H) == 0';
const h = (row: Csr): Csr => ({
  ...row,
  denied: row.denied === undefined ? NEEDS_H : `${NEEDS_H} ? 1 : ${row.denied}`,
});
const FP = 'fp_off()';
// Ignored with V = 1, where it does not decide between illegal and virtual instruction (15.6.1).
const TVM = '!virt && priv == 1 && (mstatus & TVM) != 0';

const FLOATING: Csr[] = [
  quiet(csr(0x001, 'fflags', 'u64(fcsr & 31)', 'fcsr = (fcsr & 0xe0) | (i32(value) & 31); fp_dirty();', FP)),
  quiet(csr(0x002, 'frm', 'u64(fcsr >>> 5)', 'fcsr = (fcsr & 31) | ((i32(value) & 7) << 5); fp_dirty();', FP)),
  quiet(csr(0x003, 'fcsr', 'u64(fcsr)', 'fcsr = i32(value) & 0xff; fp_dirty();', FP)),
];

const MCYCLE = 'counted(0, now_cycles(), mcycle_delta)';
const MINSTRET = 'counted(2, now_instret(), minstret_delta)';
const COUNTERS: Csr[] = [
  csr(0xc00, 'cycle', MCYCLE, undefined, 'counter_denied(0)'),
  csr(0xc01, 'time', 'virt ? now_ticks() + htimedelta : now_ticks()', undefined, 'counter_denied(1)'),
  csr(0xc02, 'instret', MINSTRET, undefined, 'counter_denied(2)'),
  csr(0xb00, 'mcycle', MCYCLE, 'mcycle_delta = uncounted(0, now_cycles(), value);'),
  csr(0xb02, 'minstret', MINSTRET, 'minstret_delta = uncounted(2, completed(), value);'),
];

const SUPERVISOR: Csr[] = [
  csr(0x100, 'sstatus', 'status_view(mstatus & SSTATUS_WRITE)', 'set_mstatus(value, SSTATUS_WRITE);'),
  csr(0x104, 'sie', 'mie & mideleg & S_BITS', 'let m = mideleg & S_BITS; mie = (mie & ~m) | (value & m);'),
  quiet(csr(0x105, 'stvec', 'stvec', 'stvec = value & ~2;')),
  quiet(csr(0x106, 'scounteren', 'scounteren', 'scounteren = value & COUNTERS_OPEN;')),
  quiet(csr(0x10a, 'senvcfg', 'senvcfg', 'senvcfg = legal_envcfg(value) & ENVCFG_OPEN;')),
  plain(0x140, 'sscratch'),
  quiet(csr(0x141, 'sepc', 'sepc', 'sepc = value & ~1;')),
  plain(0x142, 'scause'),
  plain(0x143, 'stval'),
  csr(0x144, 'sip', 'mip_now() & mideleg & S_BITS', 'let m = mideleg & SSIP; mip = (mip & ~m) | (value & m);'),
  csr(0x14d, 'stimecmp', 'stimecmp', 'stimecmp = value;', 'stimecmp_denied()'),
  csr(0x180, 'satp', 'satp', 'if (translation_mode_exists(value)) { satp = value; note_own(); moved_tables(); }', TVM),
];

const HYPERVISOR: Csr[] = [
  h(quiet(csr(0x600, 'hstatus', 'hstatus | UXL64', 'hstatus = value & HSTATUS_WRITE;'))),
  h(quiet(csr(0x602, 'hedeleg', 'hedeleg', 'hedeleg = value & HEDELEG_WRITE;'))),
  h(csr(0x603, 'hideleg', 'hideleg', 'hideleg = value & VS_BITS;')),
  h(csr(0x604, 'hie', 'mie & H_BITS', 'mie = (mie & ~H_BITS) | (value & H_BITS);')),
  h(csr(0x605, 'htimedelta', 'htimedelta', 'htimedelta = value;')),
  h(quiet(csr(0x606, 'hcounteren', 'hcounteren', 'hcounteren = value & COUNTERS_OPEN;'))),
  h(csr(0x607, 'hgeie', 'hgeie', 'hgeie = 0;')), // GEILEN is 0
  h(
    csr(
      0x60a,
      'henvcfg',
      'henvcfg & (menvcfg | ENVCFG_OPEN)',
      `
    henvcfg = legal_envcfg(value) & ENVCFG_WRITE & (menvcfg | ENVCFG_OPEN);`,
    ),
  ),
  h(plain(0x643, 'htval')),
  h(csr(0x644, 'hip', 'mip_now() & H_BITS', 'hvip = (hvip & ~VSSIP) | (value & VSSIP);')),
  h(csr(0x645, 'hvip', 'hvip', 'hvip = value & VS_BITS;')),
  h(plain(0x64a, 'htinst')),
  h(
    csr(
      0x680,
      'hgatp',
      'hgatp',
      `
    let mode = translation_mode_exists(value) ? value : hgatp;
    hgatp = ((mode >>> 60) << 60) | (value & 0x03fffffffffffffc);
    moved_tables();`,
      TVM,
    ),
  ),
  h(csr(0xe12, 'hgeip', '0')),
  h(csr(0x200, 'vsstatus', 'status_view(vsstatus)', 'set_vsstatus(value);')),
  h(
    csr(
      0x204,
      'vsie',
      '(mie & hideleg & VS_BITS) >>> 1',
      `
    let m = hideleg & VS_BITS; mie = (mie & ~m) | ((value << 1) & m);`,
    ),
  ),
  h(quiet(csr(0x205, 'vstvec', 'vstvec', 'vstvec = value & ~2;'))),
  h(plain(0x240, 'vsscratch')),
  h(quiet(csr(0x241, 'vsepc', 'vsepc', 'vsepc = value & ~1;'))),
  h(plain(0x242, 'vscause')),
  h(plain(0x243, 'vstval')),
  h(
    csr(
      0x244,
      'vsip',
      '(mip_now() & hideleg & VS_BITS) >>> 1',
      `
    let m = hideleg & VSSIP; hvip = (hvip & ~m) | ((value << 1) & m);`,
    ),
  ),
  h(csr(0x24d, 'vstimecmp', 'vstimecmp', 'vstimecmp = value;', 'stimecmp_denied()')),
  h(
    csr(
      0x280,
      'vsatp',
      'vsatp',
      'if (translation_mode_exists(value)) { vsatp = value; moved_tables(); }',
      `
    virt && (hstatus & VTVM) != 0 ? 2 : 0`,
    ),
  ),
];

const MACHINE: Csr[] = [
  csr(
    0x300,
    'mstatus',
    'status_view(mstatus) | SXL64',
    `
    set_mstatus(value, (misa & MISA_H) != 0 ? MSTATUS_WRITE | MSTATUS_WRITE_H : MSTATUS_WRITE);`,
  ),
  csr(0x301, 'misa', 'misa', 'set_misa(value);'),
  quiet(csr(0x302, 'medeleg', 'medeleg', 'medeleg = value & MEDELEG_WRITE;')),
  csr(0x303, 'mideleg', 'mideleg | ((misa & MISA_H) != 0 ? H_BITS : 0)', 'mideleg = value & S_BITS;'),
  csr(0x304, 'mie', 'mie', 'mie = value & (M_BITS | S_BITS | ((misa & MISA_H) != 0 ? H_BITS : 0));'),
  quiet(csr(0x305, 'mtvec', 'mtvec', 'mtvec = value & ~2;')),
  quiet(csr(0x306, 'mcounteren', 'mcounteren', 'mcounteren = value & COUNTERS_OPEN;')),
  csr(0x30a, 'menvcfg', 'menvcfg', 'menvcfg = legal_envcfg(value) & ENVCFG_WRITE; flush_soft();'),
  csr(0x320, 'mcountinhibit', 'mcountinhibit', 'set_mcountinhibit(value);'),
  plain(0x340, 'mscratch'),
  quiet(csr(0x341, 'mepc', 'mepc', 'mepc = value & ~1;')),
  plain(0x342, 'mcause'),
  plain(0x343, 'mtval'),
  csr(
    0x344,
    'mip',
    'mip_now()',
    `
    let w = SSIP | SEIP | ((menvcfg & STCE) != 0 ? 0 : STIP);
    mip = (mip & ~w) | (value & w);
    if ((misa & MISA_H) != 0) { hvip = (hvip & ~VSSIP) | (value & VSSIP); }`,
  ),
  h(plain(0x34a, 'mtinst')),
  h(plain(0x34b, 'mtval2')),
  csr(0xf11, 'mvendorid', '0'),
  csr(0xf12, 'marchid', '0'),
  csr(0xf13, 'mimpid', '0'),
  csr(0xf14, 'mhartid', 'u64(hartid)'),
  csr(0xf15, 'mconfigptr', '0'),
];

const PMP: Csr[] = [
  csr(0x3a0, 'pmpcfg0', 'raw64(&pmpcfg)', 'set_pmpcfg(0, value);'),
  csr(0x3a2, 'pmpcfg2', 'raw64(&pmpcfg + 8)', 'set_pmpcfg(8, value);'),
  ...Array.from({ length: 16 }, (_, i) =>
    csr(0x3b0 + i, `pmpaddr${i}`, `get_pmpaddr(${i})`, `set_pmpaddr(${i}, value);`),
  ),
];

/**
 * Event counters are there and count nothing, which the manual permits (3.1.10): counter, event, and shadow, which the
 * enable registers open as they do the others.
 */
const EVENTS: Csr[] = Array.from({ length: 29 }, (_, i) => [
  csr(0xb03 + i, `mhpmcounter${i + 3}`, '0', ''),
  csr(0x323 + i, `mhpmevent${i + 3}`, '0', ''),
  csr(0xc03 + i, `hpmcounter${i + 3}`, '0', undefined, `counter_denied(${i + 3})`),
]).flat();

/**
 * No Smstateen: its sstateen0 could hold nothing here (no Zfinx, no Zcmt, no state of our own: bits for absent state are
 * zero), so what a layer may forget to switch is scounteren and senvcfg. OpenSBI 1.6 tries to read mstateen0 and goes on
 * without; Linux goes by the isa string. All stateen numbers are illegal instructions.
 */
const ALL: readonly Csr[] = [...FLOATING, ...COUNTERS, ...SUPERVISOR, ...HYPERVISOR, ...MACHINE, ...PMP, ...EVENTS];
/** Those come first whose writes are quiet. */
export const CSRS: readonly Csr[] = [...ALL.filter((row) => row.quiet), ...ALL.filter((row) => !row.quiet)];
export const QUIET_ROWS = CSRS.filter((row) => row.quiet).length;

const numbers = new Map(CSRS.map((row) => [row.name, row.number]));
const names = new Map(CSRS.map((row) => [row.number, row.name]));
export const csrNumber = (name: string): number | undefined => numbers.get(name);
export const csrName = (number: number): string | undefined => names.get(number);
