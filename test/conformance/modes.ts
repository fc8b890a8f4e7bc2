import { expect } from 'vitest';
import { type Access, access, causeOf, ECALL } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, NOWHERE, recordCsr, run, setCsr, VA } from './program.ts';
import { atp, PTE, RW, RWX, Tables } from './tables.ts';
import { GPA } from './two-stages.ts';

const U = PTE.U;
const MIE = 1n << 3n;
const MPIE = 1n << 7n;
const S_STACK = (1n << 1n) | (1n << 5n) | (1n << 8n); // SIE, SPIE, SPP
const MPP = 3n << 11n;
const MPRV = 1n << 17n;
const SUM = 1n << 18n;
const TVM = 1n << 20n;
const TSR = 1n << 22n;
const GVA = 1n << 38n;
const MPV = 1n << 39n;
const ONES = 0xffffffffffffffffn;
/** Not where a direct-mapped cache would put the pages of code or log. */
const PAGES = VA + 0x35000;
const SRET = 'la t0, 7f\n csrw sepc, t0\n sret\n 7: .half 0';

/** In M-mode, loads and stores lent by MPRV to a mode. */
const lent = (mpp: number, use: string, more = 0n) =>
  attempt(
    'M',
    `li t0, ${MPP}\n csrc mstatus, t0\n li t0, ${(BigInt(mpp) << 11n) | MPRV | more}\n csrs mstatus, t0\n ${use}`,
  );

interface Step {
  readonly mode: Mode;
  readonly kind: Access;
  readonly page: 'own' | 'user';
  readonly sum: boolean;
  readonly cause: number;
}
/** Each use by one mode, then at once by the other, which may not: nothing that a cache keeps may be lent between them. */
const alternating = (supervisor: Mode, user: Mode): Step[] => [
  ...(['load', 'store', 'fetch'] as const).flatMap((kind): Step[] => {
    const refused = { load: 13, store: 15, fetch: 12 }[kind];
    const withSum = kind === 'fetch' ? refused : 0;
    return [
      { mode: supervisor, kind, page: 'own', sum: false, cause: 0 },
      { mode: user, kind, page: 'own', sum: false, cause: refused },
      { mode: user, kind, page: 'user', sum: false, cause: 0 },
      { mode: supervisor, kind, page: 'user', sum: false, cause: refused },
      { mode: supervisor, kind, page: 'user', sum: true, cause: withSum },
      { mode: user, kind, page: 'own', sum: true, cause: refused },
      { mode: supervisor, kind, page: 'user', sum: false, cause: refused },
    ];
  }),
];
const use = ({ mode, kind, page }: Step) => access(mode, kind, page === 'own' ? PAGES : PAGES + 0x1000);
const page = new Map([[DATA, ECALL]]);

/** What is of one mode and what is of another. "Privileged ISA" 3.1.6, 12.1.1, 15.2.3. */
export function modes({ engine, it }: Suite): void {
  it('mret changes MIE, MPIE, MPP, MPV and MPRV, and no other bit', () => {
    for (const before of [ONES & ~MPRV, 0n]) {
      const { traps, values } = run(
        engine(),
        `${setCsr('mstatus', before)} ${recordCsr('mstatus')} ${attempt('S', '.half 0')}`,
      );
      const kept = ONES & ~(MIE | MPIE | MPP | MPV | GVA | MPRV);
      expect((traps[0]?.status ?? 0n) & kept).toBe((values[0] ?? 0n) & kept);
    }
  });

  it('sret changes SIE, SPIE, SPP and MPRV, and no other bit, for the host and for a guest', () => {
    for (const before of [ONES & ~MPRV & ~TSR, 0n]) {
      const { traps, values } = run(
        engine(),
        `${setCsr('mstatus', before)} ${recordCsr('mstatus')} ${attempt('S', SRET)}
         ${setCsr('mstatus', 0)} ${setCsr('vsstatus', before)} ${recordCsr('vsstatus')} ${attempt('VS', SRET)} ${recordCsr('vsstatus')}`,
      );
      const [host = 0n, guest = 0n, after = 0n] = values;
      const kept = ONES & ~(S_STACK | MIE | MPIE | MPP | MPV | GVA | MPRV);
      expect((traps[0]?.status ?? 0n) & kept).toBe(host & kept);
      expect(after & ~S_STACK).toBe(guest & ~S_STACK);
      // SIE = SPIE, SPIE = 1, SPP = U.
      const stack = before === 0n ? 0x20n : 0x22n;
      expect([(traps[0]?.status ?? 0n) & S_STACK, after & S_STACK]).toEqual([stack, stack]);
    }
  });

  it('MPRV lends loads and stores, atomic ones too, and nothing else', () => {
    const uses = [
      'csrr a1, mscratch',
      'csrr a1, satp',
      'csrr a1, hgatp',
      'sfence.vma',
      'hfence.gvma',
      'hfence.vvma',
      'la t0, 7f\n csrw sepc, t0\n sret\n 7: nop',
    ];
    const refused = ['ld a1, (a0)', 'sd a1, (a0)', 'lr.d a1, (a0)', 'amoadd.d a1, a2, (a0)'];
    for (const mpp of [0, 1]) {
      const { traps } = run(
        engine(),
        `${setCsr('mstatus', TVM | TSR)}
         ${uses.map((text) => lent(mpp, text)).join('')}
         ${lent(mpp, 'li a7, 0\n ecall')}
         ${setCsr('pmpaddr0', DATA / 4 + 0x1ff)} ${setCsr('pmpcfg0', 0x18)} li a0, ${DATA}
         ${refused.map((text) => lent(mpp, text)).join('')} ${lent(3, 'ld a1, (a0)')}
         ${setCsr('pmpcfg0', 0x19)} ${refused.map((text) => lent(mpp, text)).join('')}`,
      );
      expect(traps.map(causeOf), `MPP ${mpp}`).toEqual([...uses.map(() => 0), 11, 5, 7, 5, 7, 0, 0, 7, 0, 7]);
    }
  });

  it('GVA: what MPRV and MPV make of a guest’s addresses, not the fetches of M-mode; no ecall has one', () => {
    const at = `li a0, ${NOWHERE}\n`;
    const { traps } = run(
      engine(),
      `${[`${at} ld a1, (a0)`, `${at} sd a1, (a0)`, `${at} jr a0`, 'ebreak', '.half 0'].map((text) => lent(1, text, MPV)).join('')}
       ${lent(1, `${at} ld a1, (a0)`)}
       ${(['VS', 'VU', 'U', 'S'] as const).map((mode) => attempt(mode, 'li a7, 0\n ecall')).join('')}`,
    );
    expect(traps.map(({ cause, status }) => [cause, (status & GVA) !== 0n])).toEqual([
      [5, true],
      [7, true],
      [1, false],
      [3, false],
      [2, false],
      [5, false],
      [10, false],
      [8, false],
      [8, false],
      [9, false],
    ]);
  });

  it('an interrupt has no GVA, even behind an exception that had one', () => {
    const { traps } = run(
      engine(),
      `${lent(1, `li a0, ${NOWHERE}\n ld a1, (a0)`, MPV)}
       ${setCsr('mie', 2)} ${setCsr('mip', 2)} ${attempt('S', 'nop')}`,
    );
    expect(traps.map(({ interrupt, status }) => [interrupt, (status & GVA) !== 0n])).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  it('S-mode and U-mode share no permission, one after the other', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, PAGES, DATA, RWX);
    tables.map(root, PAGES + 0x1000, DATA, RWX | U);
    const steps = alternating('S', 'U');
    const text = steps.map((step) => `li t0, ${SUM}\n ${step.sum ? 'csrs' : 'csrc'} mstatus, t0\n ${use(step)}`);
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${text.join('')}`,
      new Map([...page, ...tables.words]),
    );
    expect(traps.map(causeOf)).toEqual(steps.map(({ cause }) => cause));
  });

  it('VS-mode and VU-mode share none either, and none with the host, whose SUM is another', () => {
    const tables = new Tables();
    const host = tables.withCode();
    const root = tables.withCode();
    const guest = tables.withGuest();
    tables.map(root, PAGES, GPA, RWX);
    tables.map(root, PAGES + 0x1000, GPA, RWX | U);
    tables.map(guest, GPA, DATA, RWX | U);
    const steps = alternating('VS', 'VU');
    for (const i of steps.keys()) tables.map(host, VA + i * 0x1000, DATA, RW | U);
    const text = steps.map((step, i) => {
      const status = setCsr('vsstatus', step.sum ? SUM : 0n);
      return `${access('S', 'load', VA + i * 0x1000)} ${status} ${use(step)}`;
    });
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(host))} ${setCsr('vsatp', atp(root))} ${setCsr('hgatp', atp(guest))}
       li t0, ${SUM}\n csrs mstatus, t0\n ${text.join('')}`,
      new Map([...page, ...tables.words]),
    );
    expect(traps.map(causeOf)).toEqual(steps.flatMap(({ cause }) => [0, cause]));
  });
}
