import { expect } from 'vitest';
import { access, causeOf, each } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, CODE, DATA, record, recordCsr, run, setCsr, VA } from './program.ts';
import { atp, entry, PTE, RW, RWX, Tables } from './tables.ts';
import { GPA, on, twoStages, withData } from './two-stages.ts';

const U = PTE.U;
const SUM = 1 << 18;
const MXR = 1 << 19;
const ADUE = 1n << 61n;
const SPVP = 1 << 8;
const X_ONLY = PTE.V | PTE.X | PTE.A;
/** In RAM, and a guest-physical address: what is there where nothing translates. */
const SAME = DATA + 0x8000;
const field = (mode: bigint, id: bigint, root: bigint) => (mode << 60n) | (id << 44n) | root;

/**
 * A G-stage root of four or five levels that maps code and log in place and its highest page to DATA: pointers above two
 * tables of three levels.
 */
function deepGuest(tables: Tables, levels: 4 | 5): { root: number; highest: bigint } {
  let low = tables.root();
  let high = tables.root();
  tables.map(low, CODE, CODE, RWX | U, 1);
  tables.map(high, 2 ** 39 - 0x1000, DATA, RWX | U);
  if (levels === 5) {
    const [lower, upper] = [tables.root(), tables.root()];
    tables.words.set(lower, entry(low, PTE.V));
    tables.words.set(upper + 8 * 511, entry(high, PTE.V));
    [low, high] = [lower, upper];
  }
  const root = tables.root(true);
  tables.words.set(root, entry(low, PTE.V));
  tables.words.set(root + 8 * 2047, entry(high, PTE.V));
  return { root, highest: (1n << BigInt(9 * levels + 14)) - 0x1000n };
}

/** The roots and the two stages. "Privileged ISA" 15.2.10, 15.2.18, 15.4.1, 15.5. */
export function hypervisorStages({ engine, it }: Suite): void {
  it('hgatp: an unknown mode is not taken, the other fields are', () => {
    const { values } = run(
      engine(),
      `${setCsr('hgatp', field(8n, 5n, 0x80300n))} ${setCsr('hgatp', field(1n, 9n, 0x80304n))} ${recordCsr('hgatp')}
       ${setCsr('hgatp', field(10n, 0n, 0n))} ${setCsr('hgatp', field(11n, 3n, 0x80307n))} ${recordCsr('hgatp')}`,
    );
    expect(values).toEqual([field(8n, 9n, 0x80304n), field(10n, 3n, 0x80304n)]);
  });

  it('vsatp: an unknown mode changes nothing, whoever writes; ASID has 16 bits, the root 44', () => {
    const every = [8n, 9n, 10n].map((mode) => field(mode, 0xffffn, (1n << 44n) - 1n));
    const all = every[2] ?? 0n;
    const { traps, values } = run(
      engine(),
      `${every.map((value) => setCsr('vsatp', value) + recordCsr('vsatp')).join('')} ${setCsr('vsatp', field(1n, 2n, 3n))} ${recordCsr('vsatp')}
       csrw vsatp, zero
       ${attempt('VS', `li a0, ${field(11n, 2n, 3n)}\n csrw satp, a0`)} ${recordCsr('vsatp')}
       ${attempt('VS', 'li a0, 6\n csrw satp, a0')} ${recordCsr('vsatp')}`,
    );
    expect(traps.map(causeOf)).toEqual([0, 0]);
    expect(values).toEqual([...every, all, 0n, 6n]);
  });

  for (const [name, mode, levels] of [
    ['Sv48x4', 9n, 4],
    ['Sv57x4', 10n, 5],
  ] as const) {
    it(`${name} translates ${9 * levels + 14} bits of guest-physical address through ${levels} levels, and no more`, () => {
      const tables = new Tables();
      const { root, highest } = deepGuest(tables, levels);
      // Its lower bits alone would be mapped.
      const beyond = highest | (highest + 0x1000n);
      const { traps } = run(
        engine(),
        `${setCsr('hgatp', field(mode, 0n, BigInt(root) >> 12n))} ${each('VS', highest)}
         ${access('VS', 'load', highest - 0x1000n)} ${access('VS', 'load', beyond)}`,
        withData(tables),
      );
      expect(traps.map(causeOf)).toEqual([0, 0, 0, 21, 21]);
      expect(traps.slice(3).map(({ tval2 }) => tval2)).toEqual([(highest - 0x1000n) >> 2n, beyond >> 2n]);
    });
  }

  it('the G bit of a G-stage entry means nothing: it is neither refused nor shared between VMIDs or ASIDs', () => {
    const tables = new Tables();
    const pages = [0, 0x1000];
    const spaces = pages.map((page) => {
      const root = tables.withCode();
      tables.map(root, VA, GPA + page, RW);
      return root;
    });
    const guests = pages.map((page) => {
      const root = tables.withGuest();
      for (const at of pages) tables.map(root, GPA + at, DATA + 2 * page + at, RW | U | PTE.G);
      return root;
    });
    // Each VMID and ASID, each twice.
    const worlds = [0, 1, 2, 3, 0, 1, 2, 3].map((i) => ({ i, asid: i & 1, vmid: i >> 1 }));
    const { values } = run(
      engine(),
      worlds
        .map(
          ({ asid, vmid }) =>
            `${setCsr('vsatp', atp(spaces[asid] ?? 0, asid + 1))} ${setCsr('hgatp', atp(guests[vmid] ?? 0, vmid + 1))}
             ${attempt('VS', `li a0, ${VA}\n ld a1, 0(a0)`)} ${record('a1')}`,
        )
        .join(''),
      new Map([...tables.words, ...[0, 1, 2, 3].map((i) => [DATA + i * 0x1000, BigInt(i)] as const)]),
    );
    expect(values.map(Number)).toEqual(worlds.map(({ i }) => i));
  });

  it('a change of MODE is seen after hfence.gvma, from and to Bare too', () => {
    const tables = new Tables();
    const guest = tables.withGuest();
    tables.map(guest, SAME, DATA + 0x1000, RW | U);
    const { root: deep } = deepGuest(tables, 4);
    const load = `hfence.gvma\n li a1, 0\n ${attempt('VS', `li a0, ${SAME}\n ld a1, 0(a0)`)} ${record('a1')}`;
    const sv39 = setCsr('hgatp', atp(guest));
    const { traps, values } = run(
      engine(),
      `${sv39} ${load} csrw hgatp, zero\n ${load} ${sv39} ${load} ${setCsr('hgatp', field(9n, 0n, BigInt(deep) >> 12n))} ${load}`,
      new Map([...tables.words, [SAME, 1n], [DATA + 0x1000, 2n]]),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 0, 21]);
    expect(values).toEqual([2n, 1n, 2n, 0n]);
  });

  it('to HS-mode too, an access over a page boundary names page and guest-physical address that failed', () => {
    const { tables, root, guest } = twoStages();
    tables.map(root, VA + 0x1000, GPA + 0x7000, RWX);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${setCsr('medeleg', 0xf00000)}
       ${attempt('VS', `li a0, ${VA + 0xffc}\n ld a1, 0(a0)`)} ${attempt('VS', `li a0, ${VA + 0xffc}\n sd a1, 0(a0)`)}
       ${attempt('VS', `li a0, ${VA + 0xffe}\n jr a0`)}`,
      new Map([[DATA + 0xff8, 0x0013n << 48n], ...tables.words]),
    );
    const want = { level: 'HS', tval: BigInt(VA + 0x1000), tval2: BigInt((GPA + 0x7000) / 4), tinst: 0n };
    expect(traps).toMatchObject([21, 23, 20].map((cause) => ({ ...want, cause })));
  });

  it('MPRV: MPV and MPP together say whose access it is, with SUM and MXR of the guest', () => {
    const { tables, root, guest } = twoStages(RW | U, RWX | U);
    tables.map(root, VA + 0x1000, GPA, RW);
    tables.map(root, VA + 0x2000, GPA, X_ONLY);
    tables.map(root, VA + 0x3000, GPA + 0x1000, RW);
    tables.map(guest, GPA + 0x1000, DATA, X_ONLY | U);
    /** The causes of loads from those four pages and from DATA, by an access of MPV and MPP. */
    const causes = (mpv: number, mpp: number, setup: string) => {
      const use = (address: number) =>
        attempt(
          'M',
          `li t0, (3 << 11) | (1 << 39)
           csrc mstatus, t0
           li t0, (1 << 17) | (${mpp} << 11) | (${mpv} << 39)
           csrs mstatus, t0
           li a0, ${address}
           ld a1, 0(a0)`,
        );
      const addresses = [VA, VA + 0x1000, VA + 0x2000, VA + 0x3000, DATA];
      return run(engine(), `${on(root, guest)} ${setup} ${addresses.map(use).join('')}`, withData(tables)).traps.map(
        causeOf,
      );
    };
    const host = (bits: number) => `li t0, ${bits}\n csrs mstatus, t0\n`;
    const plain = [5, 5, 5, 5, 0];
    expect([causes(0, 0, ''), causes(0, 1, ''), causes(0, 3, ''), causes(1, 3, '')]).toEqual(Array(4).fill(plain));
    expect(causes(1, 0, '')).toEqual([0, 13, 13, 13, 13]);
    expect(causes(1, 1, '')).toEqual([13, 0, 13, 21, 13]);
    expect(causes(1, 1, setCsr('vsstatus', SUM))).toEqual([0, 0, 13, 21, 13]);
    expect(causes(1, 1, host(SUM))).toEqual([13, 0, 13, 21, 13]);
    expect(causes(1, 1, setCsr('vsstatus', MXR))).toEqual([13, 0, 0, 21, 13]);
    expect(causes(1, 1, host(MXR))).toEqual([13, 0, 0, 0, 13]);
  });

  it('a virtual-machine load that is jumped over sets no A bit in the guest’s tables', () => {
    const { tables, root, guest, leaf } = twoStages(PTE.V | PTE.R | PTE.W, RW | U);
    const { values } = run(
      engine(),
      `${on(root, guest)} ${setCsr('menvcfg', ADUE)} ${setCsr('henvcfg', ADUE)} ${setCsr('hstatus', SPVP)}
       li a2, ${leaf}
       ${attempt('S', `li a0, ${VA}\n li a3, 50\n 1: addi a3, a3, -1\n bnez a3, 2f\n j 3f\n 2: bnez a3, 1b\n hlv.d a1, (a0)\n 3: nop`)}
       lbu a4, 0(a2)
       ${attempt('S', `li a0, ${VA}\n hlv.d a1, (a0)`)}
       lbu a5, 0(a2)
       ${record('a4', 'a5')}`,
      withData(tables),
    );
    expect(values.map((bits) => Number(bits) & PTE.A)).toEqual([0, PTE.A]);
  });
}
