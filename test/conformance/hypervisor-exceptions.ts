import { expect } from 'vitest';
import { causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, NOWHERE, run, setCsr, VA } from './program.ts';
import { PTE, RW, RWX } from './tables.ts';
import { GPA, on, twoStages, withData } from './two-stages.ts';

const ILLEGAL = 2;
const VIRTUAL = 22;
const TVM = 1 << 20;
const HU = 1 << 9;
/** The bit of time in the counter enables. */
const TM = 2;
const STCE = 1n << 63n;
const GUESTS: readonly Mode[] = ['VS', 'VU'];
const SUPERVISOR = [
  'sstatus',
  'sie',
  'stvec',
  'scounteren',
  'senvcfg',
  'sscratch',
  'sepc',
  'scause',
  'stval',
  'sip',
  'stimecmp',
  'satp',
];
/** High halves of counters, time, comparisons, delegation, delta and environment. */
const HIGH = [0xc80, 0xc81, 0xc82, 0xc83, 0x15d, 0x25d, 0x612, 0x615, 0x61a];
const INSTRUCTIONS = [
  'hfence.vvma',
  'hfence.gvma',
  'hinval.vvma zero, zero',
  'hinval.gvma zero, zero',
  'hlv.w a1, (a0)',
  'hlvx.wu a1, (a0)',
  'hsv.w a1, (a0)',
];

/** Which exception, where several could be. "Privileged ISA" 15.6.1. */
export function hypervisorExceptions({ engine, it }: Suite): void {
  it('each counter: illegal without mcounteren, virtual without hcounteren, in VU without scounteren too', () => {
    const counters = ['cycle', 'time', 'instret'];
    const cases = counters.flatMap((name, index) =>
      GUESTS.flatMap((mode) =>
        Array.from({ length: 8 }, (_, enables) => {
          // Where the counter is open it alone is, where it is closed all others are open.
          const set = (csr: string, place: number) =>
            setCsr(csr, (enables >> place) & 1 ? 1 << index : 7 & ~(1 << index));
          const text = set('mcounteren', 0) + set('hcounteren', 1) + set('scounteren', 2);
          const open = mode === 'VS' ? 2 : 6;
          const want = !(enables & 1) ? ILLEGAL : (enables & open) !== open ? VIRTUAL : 0;
          return { text: text + attempt(mode, `csrr a0, ${name}`), want };
        }),
      ),
    );
    const { traps } = run(engine(), cases.map(({ text }) => text).join(''));
    expect(traps.map(causeOf)).toEqual(cases.map(({ want }) => want));
  });

  it('stimecmp of a guest: illegal without menvcfg and mcounteren, virtual without henvcfg or hcounteren or in VU', () => {
    const cases = GUESTS.flatMap((mode) =>
      Array.from({ length: 16 }, (_, enables) => {
        const has = (place: number) => ((enables >> place) & 1) === 1;
        const text = ['menvcfg', 'mcounteren', 'henvcfg', 'hcounteren']
          // henvcfg holds no more than menvcfg grants, and so comes later.
          .map((name, i) => setCsr(name, i % 2 === 0 ? (has(i) ? STCE : 0n) : has(i) ? TM : ~TM))
          .join('');
        const machine = has(0) && has(1);
        const want = !machine ? ILLEGAL : mode === 'VS' && has(2) && has(3) ? 0 : VIRTUAL;
        return { text: text + attempt(mode, 'csrr a0, stimecmp') + attempt(mode, 'csrw stimecmp, a0'), want };
      }),
    );
    const { traps } = run(engine(), cases.map(({ text }) => text).join(''));
    expect(traps.map(causeOf)).toEqual(cases.flatMap(({ want }) => [want, want]));
  });

  it('supervisor CSRs are virtual in VU-mode, to read and to write, whatever TVM says', () => {
    const uses = SUPERVISOR.flatMap((name) => [`csrr a0, ${name}`, `csrw ${name}, a0`]);
    for (const status of [0, TVM]) {
      const { traps } = run(
        engine(),
        `li t0, ${status}
         csrs mstatus, t0
         ${setCsr('menvcfg', STCE)} ${setCsr('mcounteren', 7)}
         ${uses.map((use) => attempt('VU', use)).join('')}`,
      );
      expect(uses.filter((_, i) => causeOf(traps[i]) !== VIRTUAL)).toEqual([]);
    }
  });

  it('high halves of CSRs do not exist with 64 bits: illegal in every mode, guests included', () => {
    const modes: readonly Mode[] = ['M', 'S', 'VS', 'VU'];
    const uses = modes.flatMap((mode) => HIGH.map((number) => ({ mode, number })));
    const { traps } = run(
      engine(),
      `${setCsr('mcounteren', -1)} ${setCsr('hcounteren', -1)} ${setCsr('scounteren', -1)} ${setCsr('menvcfg', STCE)}
       ${uses.map(({ mode, number }) => attempt(mode, `csrr a0, ${number}`)).join('')}`,
    );
    expect(uses.filter((_, i) => causeOf(traps[i]) !== ILLEGAL)).toEqual([]);
  });

  it('hypervisor instructions are virtual for guests, illegal in U-mode, TVM or not', () => {
    for (const status of [0, TVM]) {
      const { traps } = run(
        engine(),
        `li t0, ${status}
         csrs mstatus, t0
         ${(['VS', 'VU', 'U'] as const).map((mode) => INSTRUCTIONS.map((use) => attempt(mode, use)).join('')).join('')}`,
      );
      expect(traps.map(causeOf)).toEqual([VIRTUAL, VIRTUAL, ILLEGAL].flatMap((cause) => INSTRUCTIONS.map(() => cause)));
    }
  });

  it('HU opens loads and stores of guests to U-mode, not the fences', () => {
    const { traps } = run(
      engine(),
      `${setCsr('hstatus', HU)} li a0, ${DATA}
       ${INSTRUCTIONS.map((use) => attempt('U', use)).join('')}`,
    );
    expect(traps.map(causeOf)).toEqual([ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, 0, 0, 0]);
  });

  it('an instruction that may not be executed does not access memory first', () => {
    const { tables, root, guest } = twoStages();
    const nowhere = VA + 0x5000;
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${setCsr('vsstatus', 0)}
       ${attempt('VS', `li a0, ${nowhere}\n fld fa0, 0(a0)`)}
       ${attempt('VS', `li a0, ${nowhere}\n hlv.d a1, (a0)`)}
       ${attempt('VS', `li a0, ${nowhere}\n cbo.zero (a0)`)}
       ${attempt('VS', `li a0, ${nowhere}\n ld a1, 0(a0)`)}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([ILLEGAL, VIRTUAL, ILLEGAL, 13]);
  });

  it('of the faults of a translation the first met is reported', () => {
    // Offsets from VA and GPA. Both stages would refuse; then a first-stage table in each kind of bad place.
    const { tables, root, guest } = twoStages();
    const [both, absentTable, closedTable] = [0x1000, 0x40000000, 0x80000000];
    tables.map(root, VA + both, GPA + both, 0);
    tables.words.set(root + 8 * 1, ((BigInt(GPA + absentTable) >> 12n) << 10n) | 1n);
    tables.words.set(root + 8 * 3, ((BigInt(GPA + closedTable) >> 12n) << 10n) | 1n);
    tables.map(guest, GPA + absentTable, NOWHERE, RW | PTE.U);
    tables.map(guest, GPA + 0x2000, NOWHERE, RWX | PTE.U);
    tables.map(root, VA + 0x2000, GPA + 0x2000, RWX);
    const load = (address: number) => attempt('VS', `li a0, ${address}\n ld a1, 0(a0)`);
    const { traps } = run(
      engine(),
      `${on(root, guest)}
       ${load(VA + both)} ${load(0x40000000)} ${load(0xc0000000)} ${load(VA + 0x2000)}`,
      withData(tables),
    );
    expect(traps.map(({ cause, tval2 }) => [cause, tval2])).toEqual([
      [13, 0n],
      [5, 0n],
      [21, BigInt(GPA + closedTable) >> 2n],
      [5, 0n],
    ]);
  });

  it('a fetch that faults comes before what the instruction would do', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX);
    const run_ = (address: number) => attempt('VS', `li a0, ${address}\n jr a0`);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${run_(VA + 8)} ${run_(VA + 0x1000)} ${run_(VA + 0x2000)}`,
      withData(tables),
    );
    // The page of data has an illegal instruction behind its first word.
    expect(traps.map(causeOf)).toEqual([ILLEGAL, 20, 12]);
  });

  it('exceptions that are not of an implicit access leave zero in mtinst and htinst', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX);
    tables.map(root, VA + 0x2000, GPA + 0x2000, RWX);
    tables.map(guest, GPA + 0x2000, NOWHERE, RWX | PTE.U);
    // A guest page fault, an access fault and a page fault.
    const places = [VA + 0x1000, VA + 0x2000, VA + 0x3000];
    const uses = [
      '.half 0',
      'ebreak',
      'csrr a0, hstatus',
      `li a0, ${VA + 1}\n amoadd.w a1, a1, (a0)`,
      ...places.flatMap((at) => ['ld a1, 0(a0)', 'sd a1, 0(a0)', 'jr a0'].map((use) => `li a0, ${at}\n ${use}`)),
    ];
    const { traps } = run(
      engine(),
      `${on(root, guest)}
       ${[0, 0xf0b1ff].map((delegated) => setCsr('medeleg', delegated) + uses.map((use) => setCsr('mtinst', -1) + setCsr('htinst', -1) + attempt('VS', use)).join('')).join('')}`,
      withData(tables),
    );
    const causes = [2, 3, 22, 6, 21, 23, 20, 5, 7, 1, 13, 15, 12];
    expect(traps.map(({ level, cause, tinst }) => [level, cause, tinst])).toEqual(
      ['M', 'HS'].flatMap((level) => causes.map((cause) => [level, cause, 0n])),
    );
  });
}
