import { expect } from 'vitest';
import { ACCESS_FAULT, ACCESSES, access, causeOf, each, GUEST_FAULT, PAGE_FAULT } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, CODE, DATA, NOWHERE, record, run, setCsr, VA } from './program.ts';
import { atp, levelSize, PTE, RW, RWX, Tables } from './tables.ts';
import { GPA, on, twoStages, withData } from './two-stages.ts';

const U = PTE.U;
const MXR = 1 << 19;
/** Not where a direct-mapped cache would put the pages of code or log. */
const PAGES = VA + 0x35000;
const SUM = 1 << 18;

export function hypervisorMemory({ engine, it }: Suite): void {
  it('an access goes through both stages', () => {
    const { tables, root, guest } = twoStages();
    const { traps, values } = run(
      engine(),
      `${on(root, guest)} ${each('VS', VA)} ${attempt('VS', `li a0, ${VA}\n li a1, 99\n sd a1, 8(a0)`)}
       li a0, ${DATA}
       ld a2, 8(a0)
       ${record('a2')}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 0, 0]);
    expect(values).toEqual([99n]);
  });

  it('with vsatp Bare the G-stage alone translates; with hgatp Bare the VS-stage alone', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const guest = tables.withGuest();
    tables.map(root, VA, DATA, RWX);
    tables.map(guest, GPA, DATA, RWX | U);
    const { traps } = run(
      engine(),
      `${setCsr('hgatp', atp(guest))} ${each('VS', GPA)} ${access('VS', 'load', VA)}
       csrw hgatp, zero
       ${setCsr('vsatp', atp(root))} ${each('VS', VA)} ${access('VS', 'load', GPA)}
       csrw vsatp, zero
       ${access('VS', 'load', DATA)}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 0, 21, 0, 0, 0, 13, 0]);
    expect(traps[3]).toMatchObject({ tval: BigInt(VA), tval2: BigInt(VA / 4), tinst: 0n });
  });

  it('V = 0 does not use vsatp or hgatp', () => {
    const { tables, root, guest } = twoStages();
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${attempt('S', `li a0, ${DATA}\n ld a1, 0(a0)`)} ${attempt('U', `li a0, ${DATA}\n ld a1, 0(a0)`)} ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)`)}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 5]);
  });

  it('a refusal of the first stage is a page fault, of the second a guest page fault with its address', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX); // no second stage
    tables.map(root, VA + 0x2000, GPA, 0); // no first stage
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${each('VS', VA + 0x1008)} ${each('VS', VA + 0x2008)}`,
      withData(tables),
    );
    expect(traps.slice(0, 3).map((trap) => [trap.cause, trap.tval, trap.tval2, trap.tinst])).toEqual(
      ACCESSES.map((kind) => [GUEST_FAULT[kind], BigInt(VA + 0x1008), BigInt((GPA + 0x1008) / 4), 0n]),
    );
    expect(traps.slice(3).map((trap) => [trap.cause, trap.tval, trap.tval2, trap.tinst])).toEqual(
      ACCESSES.map((kind) => [PAGE_FAULT[kind], BigInt(VA + 0x2008), 0n, 0n]),
    );
    expect(traps.every(({ status }) => ((status >> 38n) & 1n) === 1n)).toBe(true);
  });

  it('guest page faults go to HS-mode by medeleg, with htval, htinst and GVA, never to VS-mode', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${setCsr('medeleg', 0xf0b1ff)} ${setCsr('hedeleg', -1)}
       la t0, _vs_trap
       csrw vstvec, t0
       ${each('VS', VA + 0x1010)} ${access('VS', 'load', VA + 0x5000)}`,
      withData(tables),
    );
    expect(traps.slice(0, 3).map((trap) => [trap.level, trap.cause, trap.tval, trap.tval2, trap.tinst])).toEqual(
      ACCESSES.map((kind) => ['HS', GUEST_FAULT[kind], BigInt(VA + 0x1010), BigInt((GPA + 0x1010) / 4), 0n]),
    );
    for (const { hstatus } of traps.slice(0, 3)) expect(hstatus & 0x1c0n).toBe(0x1c0n);
    expect(traps[3]).toMatchObject({ level: 'VS', cause: 13, tval: BigInt(VA + 0x5000) });
  });

  it('permissions: both stages must grant; a G-stage leaf must be a user page', () => {
    const seconds = [
      RWX | U,
      RW | U,
      PTE.V | PTE.R | U | PTE.A | PTE.D,
      PTE.V | PTE.X | U | PTE.A | PTE.D,
      RWX,
      PTE.V | PTE.W | U | PTE.A | PTE.D,
      0,
    ];
    const tables = new Tables();
    const root = tables.withCode();
    const guest = tables.withGuest();
    seconds.forEach((flags, i) => {
      tables.map(root, VA + i * 0x1000, GPA + i * 0x1000, RWX);
      tables.map(guest, GPA + i * 0x1000, DATA, flags);
    });
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${seconds.map((_, i) => each('VS', VA + i * 0x1000)).join('')}`,
      withData(tables),
    );
    const want = seconds.flatMap((flags) => {
      const valid = (flags & U) !== 0 && !(flags & PTE.W && !(flags & PTE.R));
      return [PTE.R, PTE.W, PTE.X].map((bit, i) => (valid && flags & bit ? 0 : GUEST_FAULT[ACCESSES[i] ?? 'load']));
    });
    expect(traps.map(causeOf)).toEqual(want);
  });

  it('MXR of the guest opens the first stage, MXR of the host both', () => {
    const X = PTE.V | PTE.X | PTE.A | PTE.D;
    const tables = new Tables();
    const root = tables.withCode();
    const guest = tables.withGuest();
    tables.map(root, VA, GPA, X);
    tables.map(guest, GPA, DATA, RWX | U);
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX);
    tables.map(guest, GPA + 0x1000, DATA, X | U);
    const both = `${access('VS', 'load', VA)} ${access('VS', 'load', VA + 0x1000)}`;
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${both}
       ${setCsr('vsstatus', MXR)} ${both}
       ${setCsr('vsstatus', 0)} li t0, ${MXR}
       csrs mstatus, t0
       ${both}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([13, 21, 0, 21, 0, 0]);
  });

  it('SUM of the guest decides for the guest, SUM of the host does not', () => {
    const { tables, root, guest } = twoStages(RW | U);
    const { traps } = run(
      engine(),
      `${on(root, guest)} li t0, ${SUM}
       csrs mstatus, t0
       ${access('VS', 'load', VA)}
       csrc mstatus, t0
       ${setCsr('vsstatus', SUM)}
       ${access('VS', 'load', VA)} ${access('VU', 'load', VA)}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([13, 0, 0]);
  });

  it('SUM and MXR of a guest act at once, in both directions', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const guest = tables.withGuest();
    tables.map(root, PAGES, GPA, RW | U);
    tables.map(root, PAGES + 0x1000, GPA, PTE.V | PTE.X | PTE.A | PTE.D);
    tables.map(guest, GPA, DATA, RW | U);
    const both = `${access('VS', 'load', PAGES)} ${access('VS', 'load', PAGES + 0x1000)}`;
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${[SUM, 0, MXR, 0].map((status) => setCsr('vsstatus', status) + both).join('')}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 13, 13, 13, 0, 13, 13]);
  });

  it('guest-physical addresses have 41 bits: the root of the G-stage is four pages', () => {
    const tables = new Tables();
    const guest = tables.withGuest();
    const high = 0x1ff_ffff_f000;
    tables.map(guest, high, DATA, RWX | U);
    tables.map(guest, 0x80_0000_0000, DATA, RWX | U);
    const { traps } = run(
      engine(),
      `${setCsr('hgatp', atp(guest))} ${each('VS', high)} ${access('VS', 'load', 0x80_0000_0000)} ${access('VS', 'load', 1n << 41n)} ${access('VS', 'store', -8n & 0xffffffffffffffffn)}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 0, 0, 21, 23]);
    expect(traps[4]).toMatchObject({ tval: 1n << 41n, tval2: 1n << 39n });
  });

  it('guest virtual addresses must be canonical before anything else', () => {
    const { tables, root, guest } = twoStages();
    const { traps } = run(engine(), `${on(root, guest)} ${access('VS', 'load', 1n << 39n)}`, withData(tables));
    expect(traps[0]).toMatchObject({ cause: 13, tval: 1n << 39n });
  });

  it('superpages of both stages combine, misaligned ones of the second are guest page faults', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const guest = tables.withGuest();
    const big = 0x140000000;
    // 1 GiB over 4 KiB pages, 4 KiB over 2 MiB, 2 MiB over 1 GiB, and a misaligned 2 MiB page.
    tables.map(root, 0x40000000 * 3, big, RW, 2);
    tables.map(guest, big + 0x5000, DATA + 0x1000, RW | U);
    tables.map(root, VA, 0x60001000, RW);
    tables.map(guest, 0x60000000, DATA, RW | U, 1);
    tables.map(root, 0x20000000, 0x1c0000000, RW, 1);
    tables.map(guest, 0x1c0000000, 0x80000000, RW | U, 2);
    tables.map(root, VA + 0x1000, 0x70000000, RW);
    tables.map(guest, 0x70000000, DATA + 0x1000, RW | U, 1);
    const { traps, values } = run(
      engine(),
      `${on(root, guest)}
       ${attempt('VS', `li a0, ${0x40000000 * 3 + 0x5018}\n ld a1, 0(a0)\n li a0, ${VA + 0x18}\n ld a2, 0(a0)\n li a0, ${0x20000000 + 0x18}\n lwu a3, 0(a0)`)}
       ${access('VS', 'load', 0x40000000 * 3 + 0x6000)}
       ${access('VS', 'load', VA + 0x1000)}
       li a4, ${CODE + 0x18}
       lwu a4, 0(a4)
       ${record('a1', 'a2', 'a3', 'a4')}`,
      new Map([[DATA + 0x1018, 55n], ...tables.words]),
    );
    expect(traps.map(causeOf)).toEqual([0, 21, 21]);
    expect(values.slice(0, 2)).toEqual([55n, 55n]);
    expect(values[2]).toBe(values[3]);
    expect(levelSize(1)).toBe(0x200000);
  });

  it('an access over a page boundary names the page and the guest-physical address that failed', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x7000, RWX);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${attempt('VS', `li a0, ${VA + 0xffc}\n ld a1, 0(a0)`)} ${attempt('VS', `li a0, ${VA + 0xffe}\n jr a0`)}`,
      new Map([[DATA + 0xff8, 0x0013n << 48n], ...tables.words]),
    );
    const want = { tval: BigInt(VA + 0x1000), tval2: BigInt((GPA + 0x7000) / 4) };
    expect(traps).toMatchObject([
      { cause: 21, ...want },
      { cause: 20, ...want, epc: BigInt(VA + 0xffe) },
    ]);
  });

  it('PMP and absent memory behind both stages are access faults with the guest’s address', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x1000, RWX);
    tables.map(guest, GPA + 0x1000, NOWHERE, RWX | U);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${setCsr('pmpaddr0', DATA / 4 + 0x1ff)} ${setCsr('pmpcfg0', 0x18)}
       hfence.gvma
       ${each('VS', VA)} ${each('VS', VA + 0x1000)}`,
      withData(tables),
    );
    expect(traps.map((trap) => [trap.cause, trap.tval, trap.tval2])).toEqual(
      [VA, VA + 0x1000].flatMap((va) => ACCESSES.map((kind) => [ACCESS_FAULT[kind], BigInt(va), 0n])),
    );
    expect(traps.every(({ status }) => ((status >> 38n) & 1n) === 1n)).toBe(true);
  });

  it('the host’s MPRV with MPV reads as the guest would', () => {
    const { tables, root, guest } = twoStages();
    const use = (va: number) =>
      attempt(
        'M',
        `li t0, 3 << 11\n csrc mstatus, t0\n li t0, (1 << 11) | (1 << 17) | (1 << 39)\n csrs mstatus, t0\n li a0, ${va}\n ld a1, 0(a0)`,
      );
    const { traps } = run(engine(), `${on(root, guest)} ${use(VA)} ${use(VA + 0x1000)} ${use(GPA)}`, withData(tables));
    expect(traps.map(causeOf)).toEqual([0, 13, 13]);
    expect(traps.slice(1).map(({ status }) => (status >> 38n) & 3n)).toEqual([1n, 1n]);
  });
}
