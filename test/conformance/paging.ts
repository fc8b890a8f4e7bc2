import { expect } from 'vitest';
import { ACCESS_FAULT, ACCESSES, type Access, access, causeOf, ECALL, PAGE_FAULT } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, run, setCsr, VA } from './program.ts';
import { atp, entry, levelSize, PTE, RW, RWX, Tables } from './tables.ts';

/** Not where a direct-mapped cache would put the pages of code or log. */
const PAGES = VA + 0x35000;
const SUM = 1 << 18;
const MXR = 1 << 19;
const MPRV = 1 << 17;
const ADUE = 1n << 61n;
/** What the manual says of a leaf with A and D set (12.3.2 steps 3 to 7). */
function allowed(flags: number, mode: 'S' | 'U', kind: Access, sum: boolean, mxr: boolean): boolean {
  const has = (bit: number) => (flags & bit) !== 0;
  if (!has(PTE.V) || (!has(PTE.R) && has(PTE.W)) || (!has(PTE.R) && !has(PTE.X))) return false;
  if (mode === 'U' && !has(PTE.U)) return false;
  if (mode === 'S' && has(PTE.U) && (kind === 'fetch' || !sum)) return false;
  if (kind === 'fetch') return has(PTE.X);
  if (kind === 'store') return has(PTE.W);
  return has(PTE.R) || (mxr && has(PTE.X));
}

const page = new Map([[DATA, ECALL]]);
const merged = (tables: Tables, more: ReadonlyMap<number, bigint> = page) => new Map([...more, ...tables.words]);

export function paging({ engine, it }: Suite): void {
  for (const mode of ['S', 'U'] as const) {
    for (const [sum, mxr] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      it(`permissions in ${mode}-mode, SUM = ${Number(sum)}, MXR = ${Number(mxr)}`, () => {
        const tables = new Tables();
        const root = tables.withCode();
        const all = Array.from({ length: 32 }, (_, flags) => flags);
        for (const flags of all) tables.map(root, VA + flags * 0x1000, DATA, flags | PTE.A | PTE.D);
        const cases = all.flatMap((flags) => ACCESSES.map((kind) => ({ flags, kind, va: VA + flags * 0x1000 })));
        const { traps } = run(
          engine(),
          `${setCsr('satp', atp(root))} sfence.vma
           li a0, ${(sum ? SUM : 0) | (mxr ? MXR : 0)}
           csrs mstatus, a0
           ${cases.map(({ kind, va }) => access(mode, kind, va)).join('')}`,
          merged(tables),
        );
        const got = cases.map(({ flags, kind, va }, i) => {
          const trap = traps[i];
          const faulted = trap?.level === 'M' && trap.cause === PAGE_FAULT[kind] && trap.tval === BigInt(va);
          return { flags, kind, allowed: trap?.level === 'none' ? true : faulted ? false : causeOf(trap) };
        });
        expect(got).toEqual(
          cases.map(({ flags, kind }) => ({ flags, kind, allowed: allowed(flags, mode, kind, sum, mxr) })),
        );
      });
    }
  }

  it('SUM and MPRV act on the next instruction, in both directions', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, PAGES, DATA, RW | PTE.U);
    const twice = (name: string) => `csrs ${name}, a2\n ld a0, 0(a1)\n csrc ${name}, a2\n ld a0, 0(a1)`;
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} li a1, ${PAGES}\n li a2, ${SUM}
       ${attempt('S', twice('sstatus'))}
       li a2, ${MPRV}
       ${attempt('M', `li a0, 0x1800\n csrc mstatus, a0\n ${twice('mstatus')}`)}`,
      merged(tables),
    );
    expect(traps.map(({ cause, offset }) => [cause, offset])).toEqual([
      [PAGE_FAULT.load, 3 * 4],
      [ACCESS_FAULT.load, 6 * 4],
    ]);
  });

  it('SUM and MXR act at once, in both directions', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, PAGES, DATA, RW | PTE.U);
    tables.map(root, PAGES + 0x1000, DATA, PTE.V | PTE.X | PTE.A | PTE.D);
    const both = `${access('S', 'load', PAGES)} ${access('S', 'load', PAGES + 0x1000)}`;
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} li a2, ${SUM}\n li a3, ${MXR}
       csrs mstatus, a2
       ${both}
       csrc mstatus, a2
       ${both}
       csrs mstatus, a3
       ${both}
       csrc mstatus, a3
       ${both}`,
      merged(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 13, 13, 13, 0, 13, 13]);
  });

  it('M-mode is not translated, S-mode with satp Bare neither', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const { values, traps } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       li a0, ${DATA}
       ld a1, 0(a0)
       csrw satp, zero
       ${attempt('S', `ld a2, 0(a0)`)}
       ${record('a1', 'a2')}`,
      merged(tables),
    );
    expect(values).toEqual([ECALL, ECALL]);
    expect(traps.map(causeOf)).toEqual([0]);
  });

  it('superpages of 2 MiB and 1 GiB translate the lower bits; misaligned ones fault', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const two = 0x20000000;
    const one = 0x100000000;
    tables.map(root, two, 0x80200000, RW, 1);
    tables.map(root, two + levelSize(1), DATA + 0x1000, RW, 1);
    tables.map(root, one, 0x80000000, RW, 2);
    tables.map(root, one + levelSize(2), 0x80200000, RW, 2);
    const { values, traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} li a2, 0
       ${attempt('S', `li a0, ${two + 0x123458}\n ld a1, 0(a0)\n li a0, ${one + 0x323458}\n ld a2, 0(a0)\n sd zero, 0(a0)`)}
       ${access('S', 'load', two + levelSize(1))}
       ${access('S', 'load', one + levelSize(2))}
       li a3, ${0x80323458}
       ld a3, 0(a3)
       ${record('a1', 'a2', 'a3')}`,
      merged(tables, new Map([[0x80323458, 77n]])),
    );
    expect(values.slice(1)).toEqual([77n, 0n]);
    expect(traps.map(causeOf)).toEqual([0, 13, 13]);
  });

  it('addresses must be canonical: bits 63 to 39 as bit 38', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const high = 0xffffffc000000000n;
    tables.map(root, high, DATA, RWX);
    tables.map(root, 0xfffffffffffff000n, DATA, RWX);
    tables.map(root, 0, DATA, RWX);
    const wrong = [1n << 39n, 1n << 63n, 0x800000000n, 0xffffff8000000000n, 0x7fffffc000000000n];
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${[high, 0xfffffffffffff000n, 0n].flatMap((va) => ACCESSES.map((kind) => access('S', kind, va))).join('')}
       ${wrong.flatMap((va) => ACCESSES.map((kind) => access('S', kind, va))).join('')}`,
      merged(tables),
    );
    expect(traps.slice(0, 9).map(causeOf)).toEqual(Array.from({ length: 9 }, () => 0));
    expect(traps.slice(9).map((trap) => [causeOf(trap), trap.tval])).toEqual(
      wrong.flatMap((va) => ACCESSES.map((kind) => [PAGE_FAULT[kind], va])),
    );
  });

  it('reserved bits and reserved pointers fault; RSW is software’s', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const leaf = (i: number) => tables.map(root, VA + i * 0x1000, DATA, RW);
    const place = [54, 60, 61, 63].map((bit, i): [number, bigint] => [leaf(i), entry(DATA, RW) | (1n << BigInt(bit))]);
    place.push([leaf(4), entry(DATA, RW) | (3n << 8n)]);
    place.push([leaf(5), entry(DATA, PTE.V)]);
    // Pointers with A, D or U, and one without, to tables that map a page.
    const flags = [0, PTE.A, PTE.D, PTE.U];
    const pointed = flags.map((_, i) => 0x30000000 + i * levelSize(1));
    flags.forEach((flag, i) => {
      const va = pointed[i] ?? 0;
      const table = tables.map(root, va, DATA, RW);
      const pointer = tables.map(root, va, 0, 0, 1);
      place.push([pointer, entry(table - (table % 0x1000), PTE.V | flag)]);
    });
    const vas = [0, 1, 2, 3, 4, 5].map((i) => VA + i * 0x1000).concat(pointed);
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${vas.map((va) => access('S', 'load', va)).join('')}`,
      new Map([...merged(tables), ...place]),
    );
    expect(traps.map(causeOf)).toEqual([13, 13, 13, 13, 0, 13, 0, 13, 13, 13]);
  });

  it('A and D clear fault, unless ADUE lets the hardware set them', () => {
    const none = PTE.V | PTE.R | PTE.W | PTE.X;
    for (const adue of [false, true]) {
      const tables = new Tables();
      const root = tables.withCode();
      const slots = [0, 1, 2, 3, 4].map((i) => tables.map(root, VA + i * 0x1000, DATA, none | (i === 3 ? PTE.A : 0)));
      const uses: [Access, number][] = [
        ['load', 0],
        ['store', 1],
        ['fetch', 2],
        ['load', 3],
        ['store', 3],
        ['load', 4],
        ['store', 4],
      ];
      const { traps, values } = run(
        engine(),
        `${setCsr('menvcfg', adue ? ADUE : 0n)} ${setCsr('satp', atp(root))}
         ${uses.map(([kind, i]) => access('S', kind, VA + i * 0x1000)).join('')}
         ${slots.map((slot) => `li a0, ${slot}\n lbu a1, 0(a0)\n ${record('a1')}`).join('')}`,
        merged(tables),
      );
      const bits = values.map((pte) => Number(pte) & (PTE.A | PTE.D));
      expect(traps.map(causeOf), `ADUE ${adue}`).toEqual(adue ? [0, 0, 0, 0, 0, 0, 0] : [13, 15, 12, 0, 15, 13, 15]);
      expect(bits, `ADUE ${adue}`).toEqual(adue ? [64, 192, 64, 192, 192] : [0, 0, 0, 64, 0]);
    }
  });

  it('an access that faults for permission does not set A or D', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const slot = tables.map(root, VA, DATA, PTE.V | PTE.R);
    const { traps, values } = run(
      engine(),
      `${setCsr('menvcfg', ADUE)} ${setCsr('satp', atp(root))}
       ${access('S', 'store', VA)} ${access('S', 'fetch', VA)} ${access('U', 'load', VA)}
       li a0, ${slot}
       lbu a1, 0(a0)
       ${record('a1')}`,
      merged(tables),
    );
    expect(traps.map(causeOf)).toEqual([15, 12, 13]);
    expect(values).toEqual([BigInt(PTE.V | PTE.R)]);
  });

  it('tables or pages in absent memory are access faults of the original kind', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, 0x8000000, RWX);
    tables.map(root, VA + 0x1000, 0x800000000, RWX);
    const nowhere = 0x30000000;
    tables.map(root, nowhere, 0, 0, 1);
    const slot = tables.map(root, nowhere, 0x8000000, PTE.V, 1);
    expect(tables.words.get(slot)).toBe(entry(0x8000000, PTE.V));
    const vas = [VA + 8, VA + 0x1008, nowhere];
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${vas.flatMap((va) => ACCESSES.map((kind) => access('S', kind, va))).join('')}
       ${setCsr('satp', atp(0x8000000))} sfence.vma
       ${attempt('S', 'nop')}`,
      merged(tables),
    );
    expect(traps.slice(0, 9).map((trap) => [causeOf(trap), trap.tval])).toEqual(
      vas.flatMap((va) => ACCESSES.map((kind) => [ACCESS_FAULT[kind], BigInt(va)])),
    );
    expect(traps[9]).toMatchObject({ cause: 1, offset: 0 });
  });

  it('an access that crosses into a page that faults names that page, and stores nothing', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RWX);
    tables.map(root, VA + 0x2000, DATA, RWX);
    tables.map(root, VA + 0x3000, DATA + 0x1000, RWX);
    const { traps, values } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${attempt('S', `li a0, ${VA + 0xffc}\n ld a1, 0(a0)`)}
       ${attempt('S', `li a0, ${VA + 0xffd}\n li a1, -1\n sw a1, 0(a0)`)}
       ${attempt('S', `li a0, ${VA + 0x1ffc}\n ld a1, 0(a0)`)}
       ${attempt('S', `li a0, ${VA + 0xffe}\n jr a0`)}
       ${attempt('S', `li a0, ${VA + 0x2ffc}\n ld a1, 0(a0)`)}
       li a0, ${DATA + 0xff8}
       ld a2, 0(a0)
       ${record('a1', 'a2')}`,
      merged(
        tables,
        new Map([
          [DATA + 0xff8, 0x00130000_44332211n],
          [DATA + 0x1000, 0x88776655n],
        ]),
      ),
    );
    expect(traps.map((trap) => [causeOf(trap), trap.tval])).toEqual([
      [13, BigInt(VA + 0x1000)],
      [15, BigInt(VA + 0x1000)],
      [13, BigInt(VA + 0x1ffc)],
      [12, BigInt(VA + 0x1000)],
      [0, 0n],
    ]);
    expect(traps[3]?.epc).toBe(BigInt(VA + 0xffe));
    expect(values).toEqual([0x88776655_00130000n, 0x00130000_44332211n]);
  });

  it('an instruction may cross into a page that lies elsewhere', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RWX);
    tables.map(root, VA + 0x1000, DATA + 0x8000, RWX);
    const { values } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${attempt('S', `li a1, 0\n li a0, ${VA + 0xffe}\n jalr ra, a0, 0`)}
       ${record('a1')}`,
      // addi a1, a1, 0x55 over the boundary, then ret.
      merged(
        tables,
        new Map([
          [DATA + 0xff8, 0x8593n << 48n],
          [DATA + 0x8000, 0x8082_0555n],
        ]),
      ),
    );
    expect(values).toEqual([0x55n]);
  });

  it('MPRV lends loads and stores of M-mode the privilege and translation of MPP, never fetches', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, PAGES, DATA, RW);
    tables.map(root, PAGES + 0x1000, DATA, RW | PTE.U);
    const use = (mpp: number, va: number, sum = 0) =>
      attempt(
        'M',
        `li t0, (3 << 11) | ${SUM}\n csrc mstatus, t0\n li t0, ${(mpp << 11) | MPRV | sum}\n li a0, ${va}\n csrs mstatus, t0\n ld a1, 0(a0)`,
      );
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${use(1, PAGES)} ${use(0, PAGES)} ${use(1, PAGES + 0x1000)} ${use(1, PAGES + 0x1000, SUM)} ${use(0, PAGES + 0x1000)} ${use(3, PAGES)} ${use(3, DATA)}`,
      merged(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 13, 0, 0, 5, 0]);
  });

  it('MPRV page faults are reported with MPP = M, from which they were made', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${attempt('M', `li t0, ${(1 << 11) | MPRV}\n csrc mstatus, t0\n li t0, 2 << 11\n csrc mstatus, t0\n li t0, ${(1 << 11) | MPRV}\n csrs mstatus, t0\n lw a1, 16(zero)`)}`,
      tables.words,
    );
    expect(traps[0]).toMatchObject({ level: 'M', cause: 13, tval: 16n });
    expect((traps[0]?.status ?? 0n) & (3n << 11n)).toBe(3n << 11n);
  });

  it('code seen through two addresses is the same code, also when it is written through one of them', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RWX);
    tables.map(root, VA + 0x5000, DATA, RWX);
    const { values } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${attempt(
         'S',
         `li a2, 0
          li a0, ${VA}
          li a1, ${VA + 0x5000}
          li a3, 0x00160613      # addi a2, a2, 1
          sw a3, 0(a0)
          li a3, 0x8082
          sh a3, 4(a0)
          fence.i
          jalr ra, a0, 0
          jalr ra, a1, 0
          li a3, 0x01060613      # addi a2, a2, 16
          sw a3, 0(a1)
          fence.i
          jalr ra, a0, 0
          jalr ra, a1, 0`,
       )}
       ${record('a2')}`,
      tables.words,
    );
    expect(values).toEqual([34n]);
  });

  it('the satp that S-mode itself writes holds from the next instruction on', () => {
    const tables = new Tables();
    const first = tables.withCode();
    const second = tables.withCode();
    tables.map(first, VA, DATA, RW);
    tables.map(second, VA, DATA + 0x1000, RW);
    const { values } = run(
      engine(),
      `${setCsr('satp', atp(first, 1))} li a3, ${atp(second, 2)}
       ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)\n csrw satp, a3\n ld a2, 0(a0)`)}
       ${record('a1', 'a2')}`,
      merged(
        tables,
        new Map([
          [DATA, 1n],
          [DATA + 0x1000, 2n],
        ]),
      ),
    );
    expect(values).toEqual([1n, 2n]);
  });
}
