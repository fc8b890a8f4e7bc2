import { expect } from 'vitest';
import { ACCESS_FAULT, ACCESSES, type Access, causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, record, recordCsr, run, setCsr, VA } from './program.ts';
import { atp, PTE, RWX, Tables } from './tables.ts';

const OFF = 0;
const TOR = 1 << 3;
const NA4 = 2 << 3;
const NAPOT = 3 << 3;
const LOCK = 0x80;
const R = 1;
const W = 2;
const X = 4;

/** pmpaddr of a naturally aligned region. */
const napot = (base: number, size: number): number => base / 4 + size / 8 - 1;
/** Sets the first rows: addresses, then the configurations of rows 0 to 7. */
const rows = (...list: readonly { readonly config: number; readonly address: number }[]): string =>
  list.map(({ address }, i) => setCsr(`pmpaddr${i}`, address)).join('') +
  setCsr(
    'pmpcfg0',
    list.reduce((bits, { config }, i) => bits | (BigInt(config) << BigInt(8 * i)), 0n),
  );

/** One access to a word; the region may end with it. */
function access(mode: Mode, kind: Access, address: number): string {
  const use = { load: 'lw a1, 0(a0)', store: 'li a1, 0x73\n sw a1, 0(a0)', fetch: 'li a7, 0x600d\n jr a0' }[kind];
  return attempt(mode, `li a0, ${address}\n ${use}`);
}
const each = (mode: Mode, address: number) => ACCESSES.map((kind) => access(mode, kind, address)).join('');
const content = (...addresses: readonly number[]) => new Map(addresses.map((address) => [address, 0x73n] as const));

export function pmp({ engine, it }: Suite): void {
  it('a region grants exactly what its row says, to S and U alike; M is free', () => {
    const permissions = [0, R, R | W, X, R | X, R | W | X];
    const { traps } = run(
      engine(),
      permissions
        .map(
          (granted) =>
            `${rows({ config: NAPOT | granted, address: napot(DATA, 0x1000) })} ${each('S', DATA)} ${each('U', DATA)} ${each('M', DATA)}`,
        )
        .join(''),
      content(DATA),
    );
    const want = permissions.flatMap((granted) => {
      const causes = [R, W, X].map((bit, i) => (granted & bit ? 0 : ACCESS_FAULT[ACCESSES[i] ?? 'load']));
      return [...causes, ...causes, 0, 0, 0];
    });
    expect(traps.map(causeOf)).toEqual(want);
    for (const trap of traps) if (trap.level === 'M') expect(trap.tval).toBe(BigInt(DATA));
  });

  it('naturally aligned regions end where they end', () => {
    for (const size of [0x1000, 0x2000, 0x10000, 0x100000]) {
      const places = [DATA - 4, DATA, DATA + size - 4, DATA + size];
      const { traps } = run(
        engine(),
        `${rows({ config: NAPOT, address: napot(DATA, size) })} ${places.map((place) => access('S', 'load', place)).join('')}`,
      );
      expect(traps.map(causeOf), `size ${size}`).toEqual([0, 5, 5, 0]);
    }
  });

  it('top-of-range regions lie between the address below and their own', () => {
    const places = [DATA - 4, DATA, DATA + 0x2ffc, DATA + 0x3000];
    const use = places.map((place) => access('S', 'load', place)).join('');
    const { traps } = run(
      engine(),
      `${rows({ config: OFF, address: DATA / 4 }, { config: TOR, address: (DATA + 0x3000) / 4 })} ${use}
       ${rows({ config: OFF, address: DATA / 4 }, { config: TOR, address: DATA / 4 })} ${use}
       ${rows({ config: TOR | R | W | X, address: DATA / 4 }, { config: TOR, address: (DATA + 0x3000) / 4 })} ${use}`,
    );
    expect(traps.map(causeOf)).toEqual([0, 5, 5, 0, 0, 0, 0, 0, 0, 5, 5, 0]);
  });

  it('the first row that matches decides, for and against', () => {
    const small = napot(DATA, 0x1000);
    const large = napot(DATA, 0x4000);
    const { traps } = run(
      engine(),
      `${rows({ config: NAPOT | R, address: small }, { config: NAPOT, address: large })}
       ${access('S', 'load', DATA)} ${access('S', 'store', DATA)} ${access('S', 'load', DATA + 0x1000)}
       ${rows({ config: NAPOT, address: large }, { config: NAPOT | R | W | X, address: small })}
       ${access('S', 'load', DATA)}`,
    );
    expect(traps.map(causeOf)).toEqual([0, 7, 5, 5]);
  });

  it('where no row matches, M may and the others may not', () => {
    const open = napot(0x80000000, 0x200000);
    const { traps } = run(
      engine(),
      `${rows({ config: NAPOT | R | W | X, address: open })} csrw pmpcfg2, zero
       ${access('S', 'load', DATA)} ${access('U', 'store', DATA)} ${access('M', 'load', DATA)}
       csrw pmpcfg0, zero
       ${attempt('S', 'nop')} ${attempt('M', 'nop')}`,
    );
    expect(traps.map(causeOf)).toEqual([5, 7, 0, 1, 0]);
  });

  it('a locked row binds M too, and does not change until reset', () => {
    const { traps, values } = run(
      engine(),
      `${rows({ config: NAPOT | R | LOCK, address: napot(DATA, 0x1000) }, { config: OFF, address: (DATA + 0x2000) / 4 }, { config: TOR | R | W | LOCK, address: (DATA + 0x3000) / 4 })}
       ${each('M', DATA)}
       csrw pmpcfg0, zero
       csrw pmpaddr0, zero
       csrw pmpaddr1, zero        # lower bound of a locked top-of-range row
       csrw pmpaddr2, zero
       ${recordCsr('pmpcfg0')}
       csrr a0, pmpaddr0
       csrr a2, pmpaddr2
       ${record('a0', 'a2')}
       ${each('M', DATA)}
       ${setCsr('pmpaddr3', 0x1234567)} csrr a3, pmpaddr3
       ${record('a3')}`,
      content(DATA),
    );
    expect(traps.map(causeOf)).toEqual([0, 7, 1, 0, 7, 1]);
    expect(values).toEqual([
      BigInt(NAPOT | R | LOCK) | (BigInt(TOR | R | W | LOCK) << 16n),
      BigInt(napot(DATA, 0x1000)),
      BigInt((DATA + 0x3000) / 4),
      // Grain 4 KiB: without a mode, the bits below it read zero.
      0x1234400n,
    ]);
  });

  it('the lower bound of a locked top-of-range row is locked with it', () => {
    const { traps } = run(
      engine(),
      `${rows({ config: OFF, address: DATA / 4 }, { config: TOR | LOCK, address: (DATA + 0x1000) / 4 })}
       ${setCsr('pmpaddr0', (DATA + 0x1000) / 4)}
       ${access('M', 'load', DATA)} ${access('M', 'load', DATA - 4)}`,
    );
    expect(traps.map(causeOf)).toEqual([5, 0]);
  });

  it('the grain of 4 KiB shows in pmpaddr, 54 bits wide', () => {
    const { values } = run(
      engine(),
      `${setCsr('pmpaddr0', -1)} ${recordCsr('pmpaddr0')}
       ${setCsr('pmpcfg0', NAPOT)} ${recordCsr('pmpaddr0')}
       csrw pmpaddr0, zero
       ${recordCsr('pmpaddr0')}
       ${setCsr('pmpcfg0', TOR)} ${recordCsr('pmpaddr0')}
       ${setCsr('pmpaddr0', 0x7ff)} ${recordCsr('pmpaddr0')}`,
    );
    expect(values).toEqual([0x3ffffffffffc00n, 0x3fffffffffffffn, 0x1ffn, 0n, 0x400n]);
  });

  it('NA4 cannot be chosen at this grain, W without R and the reserved bits neither', () => {
    const { values } = run(
      engine(),
      `${setCsr('pmpcfg0', 0x1f)} ${setCsr('pmpcfg0', NA4 | R)} ${recordCsr('pmpcfg0')}
       ${setCsr('pmpcfg0', NAPOT | W)} ${recordCsr('pmpcfg0')}
       ${setCsr('pmpcfg0', 0x7f)} ${recordCsr('pmpcfg0')}
       ${setCsr('pmpcfg0', 0x1f0b)} ${recordCsr('pmpcfg0')}`,
    );
    expect((values[0] ?? 0n) & 0x18n).not.toBe(BigInt(NA4));
    expect((values[0] ?? 0n) & 7n).toBe(BigInt(R));
    expect((values[1] ?? 0n) & 3n).not.toBe(2n);
    expect(values.slice(2)).toEqual([0x1fn, 0x1f0bn]);
  });

  it('an access that leaves the region it may use faults', () => {
    const { traps } = run(
      engine(),
      `${rows({ config: NAPOT, address: napot(DATA + 0x1000, 0x1000) })}
       ${attempt('S', `li a0, ${DATA + 0xffc}\n ld a1, 0(a0)`)}
       ${attempt('S', `li a0, ${DATA + 0xffe}\n li a1, -1\n sw a1, 0(a0)`)}
       ${attempt('S', `li a0, ${DATA + 0x1ffe}\n lw a1, 0(a0)`)}
       li a0, ${DATA + 0xff8}
       ld a2, 0(a0)
       ${record('a2')}`,
    );
    expect(traps.map(causeOf)).toEqual([5, 7, 5]);
  });

  it('atomics need both: a page that may only be read refuses amo as a store', () => {
    const { traps } = run(
      engine(),
      `${rows({ config: NAPOT | R, address: napot(DATA, 0x1000) })} li a0, ${DATA}
       ${attempt('S', 'amoadd.w a1, a1, (a0)')}
       ${attempt('S', 'lr.w a1, (a0)')}
       ${attempt('S', 'sc.w a1, a1, (a0)')}`,
    );
    expect(traps.map(causeOf)).toEqual([7, 0, 7]);
  });

  it('page tables are read with S-mode rights: refused ones give access faults of the original kind', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const slot = tables.map(root, VA, DATA, RWX);
    const denied = slot - (slot % 0x1000);
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${rows({ config: NAPOT | X, address: napot(denied, 0x1000) })}
       sfence.vma
       ${each('S', VA)}
       ${rows({ config: NAPOT | R, address: napot(denied, 0x1000) })}
       sfence.vma
       ${each('S', VA)}`,
      new Map([...tables.words, ...content(DATA)]),
    );
    expect(traps.map(causeOf)).toEqual([5, 7, 1, 0, 0, 0]);
  });

  it('setting A or D needs the right to write the table', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const slot = tables.map(root, VA, DATA, PTE.V | PTE.R | PTE.W | PTE.X);
    const table = slot - (slot % 0x1000);
    const { traps, values } = run(
      engine(),
      `${setCsr('menvcfg', 1n << 61n)} ${setCsr('satp', atp(root))} ${rows({ config: NAPOT | R, address: napot(table, 0x1000) })}
       sfence.vma
       ${each('S', VA)}
       li a0, ${slot}
       lbu a1, 0(a0)
       ${record('a1')}`,
      new Map([...tables.words, ...content(DATA)]),
    );
    expect(traps.map(causeOf)).toEqual([5, 7, 1]);
    expect(values).toEqual([15n]);
  });

  it('is checked after translation, on the physical address', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RWX);
    tables.map(root, DATA, DATA + 0x1000, RWX);
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${rows({ config: NAPOT, address: napot(DATA, 0x1000) })}
       sfence.vma
       ${each('S', VA)} ${access('S', 'load', DATA)}`,
      tables.words,
    );
    expect(traps.map((trap) => [causeOf(trap), trap.tval])).toEqual([
      [5, BigInt(VA)],
      [7, BigInt(VA)],
      [1, BigInt(VA)],
      [0, 0n],
    ]);
  });

  it('MPRV lends the rights of MPP', () => {
    const { traps } = run(
      engine(),
      `${rows({ config: NAPOT, address: napot(DATA, 0x1000) })} li a0, ${DATA}
       ${attempt('M', 'li t0, 3 << 11\n csrc mstatus, t0\n li t0, (1 << 11) | (1 << 17)\n csrs mstatus, t0\n lw a1, 0(a0)')}
       ${attempt('M', 'li t0, 3 << 11\n csrs mstatus, t0\n li t0, 1 << 17\n csrs mstatus, t0\n lw a1, 0(a0)')}`,
    );
    expect(traps.map(causeOf)).toEqual([5, 0]);
  });

  it('a new row acts at once where nothing is translated', () => {
    const { traps } = run(
      engine(),
      `${access('S', 'load', DATA)} ${access('M', 'load', DATA)}
       ${rows({ config: NAPOT, address: napot(DATA, 0x1000) })} ${access('S', 'load', DATA)}
       csrw pmpcfg0, zero
       ${access('S', 'load', DATA)}
       ${rows({ config: NAPOT | LOCK, address: napot(DATA, 0x1000) })} ${access('M', 'load', DATA)}`,
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 5, 0, 5]);
  });
}
