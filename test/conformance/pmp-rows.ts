import { expect } from 'vitest';
import { Random } from '../../src/faults/random.ts';
import { ACCESS_FAULT, ACCESSES, access, causeOf, ECALL } from './access.ts';
import type { Suite } from './engine.ts';
import { CODE, DATA, recordCsr, run, setCsr } from './program.ts';

const ROWS = 16;
const PAGES = 16;
const TOR = 1;
const NAPOT = 3;
/** R, W, X in that order, W never without R. */
const PERMISSIONS = [0, 1, 3, 4, 5, 7];
const BIT = { load: 1, store: 2, fetch: 4 } as const;

interface Row {
  readonly config: number;
  readonly address: bigint;
}

/** A row over some pages of data, or off. The ten lowest bits of an address mean nothing at a grain of 4 KiB. */
function randomRow(random: Random): Row {
  const mode = [0, TOR, NAPOT][random.below(3)] ?? 0;
  const first = DATA / 0x1000 + random.below(PAGES);
  const size = 2 ** random.below(3);
  const noise = BigInt(random.below(1024));
  const spread = mode === NAPOT ? BigInt(size * 512 - 1) : noise;
  const page = mode === NAPOT ? first - (first % size) : first;
  return {
    config: (mode << 3) | (PERMISSIONS[random.below(PERMISSIONS.length)] ?? 0),
    address: (BigInt(page) << 10n) | spread,
  };
}

/** "Privileged ISA" 3.7.1: the permissions of the first row that matches, none where no row does. */
function granted(rows: readonly Row[], address: number): number {
  const word = BigInt(address) >> 2n;
  for (const [i, row] of rows.entries()) {
    const mode = row.config >> 3;
    const mask = row.address | 0x1ffn;
    const size = (mask ^ (mask + 1n)) + 1n;
    const low = (rows[i - 1]?.address ?? 0n) >> 10n;
    const inside =
      mode === NAPOT
        ? word / size === row.address / size
        : mode === TOR && word >> 10n >= low && word >> 10n < row.address >> 10n;
    if (inside) return row.config & 7;
  }
  return 0;
}

const config = (rows: readonly Row[]) =>
  rows.reduce((bits, row, i) => bits | (BigInt(row.config) << BigInt(8 * i)), 0n);

export function pmpRows({ engine, it }: Suite): void {
  it('all sixteen rows hold an address, but for what the grain hides, and a configuration of their own', () => {
    const numbers = Array.from({ length: ROWS }, (_, i) => i);
    const addresses = numbers.map((i) => BigInt(i + 1) << 10n);
    const configs = (first: number) =>
      config(Array.from({ length: 8 }, (_, i) => ({ config: PERMISSIONS[(first + i) % 6] ?? 0, address: 0n })));
    const { values } = run(
      engine(),
      `${numbers.map((i) => setCsr(`pmpaddr${i}`, (addresses[i] ?? 0n) | 0x88n)).join('')}
       ${setCsr('pmpcfg0', configs(0))} ${setCsr('pmpcfg2', configs(3))}
       ${recordCsr(...numbers.map((i) => `pmpaddr${i}`), 'pmpcfg0', 'pmpcfg2')}`,
    );
    expect(values).toEqual([...addresses, configs(0), configs(3)]);
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`any rows decide as the first that matches says (${seed})`, () => {
      const random = Random.seeded(seed);
      // It opens code and log, so that the others decide about data alone.
      const open: Row = { config: (NAPOT << 3) | 7, address: BigInt(CODE / 4 + 0x200000 / 8 - 1) };
      const rows = [open, ...Array.from({ length: ROWS - 1 }, () => randomRow(random))];
      const places = Array.from({ length: PAGES + 4 }, (_, i) => DATA + i * 0x1000);
      const { traps } = run(
        engine(),
        `${rows.map(({ address }, i) => setCsr(`pmpaddr${i}`, address)).join('')}
         ${setCsr('pmpcfg0', config(rows.slice(0, 8)))} ${setCsr('pmpcfg2', config(rows.slice(8)))}
         ${places.map((place) => ACCESSES.map((kind) => access('S', kind, place)).join('')).join('')}`,
        new Map(places.map((place) => [place, ECALL])),
      );
      const want = places.flatMap((place) =>
        ACCESSES.map((kind) => (granted(rows, place) & BIT[kind] ? 0 : ACCESS_FAULT[kind])),
      );
      expect(traps.map(causeOf)).toEqual(want);
    });
  }
}
