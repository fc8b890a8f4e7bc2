// Sentences of "RISC-V IOMMU Architecture Specification" 1.0, by the titles of their sections.

import { describe, expect, it } from 'vitest';
import { DDTP_MODE, IOMMU } from './registers.ts';
import { AT, DEVICE, GPA, GSCID, iohgatp, PTE, pte, READ_WRITE, ToyHypervisor } from './toy-hypervisor.ts';

const READ_ACCESS = 5;
const WRITE_ACCESS = 7;
const READ_GUEST_PAGE = 21;
const WRITE_GUEST_PAGE = 23;

function started(): ToyHypervisor {
  const h = new ToyHypervisor();
  h.mapPage();
  h.start();
  return h;
}

describe('"Device-directory-table pointer"', () => {
  it('Bare: "No translation or protection. All inbound memory accesses are passed through."', () => {
    const h = new ToyHypervisor();
    expect(h.get(IOMMU.DDTP), 'after reset').toBe(DDTP_MODE.BARE);
    expect(h.access(0x1234_5678, true)).toBe(0x1234_5678);
  });

  it('Off: "No inbound memory transactions are allowed by the IOMMU."', () => {
    const h = new ToyHypervisor();
    h.start(DDTP_MODE.OFF);
    expect(h.access(AT.DATA)).toBe(256);
    expect(h.faults()).toEqual([{ cause: 256, type: 2, device: DEVICE, iotval: BigInt(AT.DATA), iotval2: 0n }]);
  });

  it('iommu_mode is WARL: reserved and custom encodings are not taken', () => {
    const h = new ToyHypervisor();
    for (let mode = 0; mode < 16; mode++) {
      h.set(IOMMU.DDTP, DDTP_MODE.LEVELS_2);
      h.set(IOMMU.DDTP, mode);
      expect(h.get(IOMMU.DDTP)).toBe(mode <= DDTP_MODE.LEVELS_3 ? mode : DDTP_MODE.LEVELS_2);
    }
  });

  it('its PPN has 44 bits, its reserved bits and busy read zero', () => {
    const h = new ToyHypervisor();
    h.set64(IOMMU.DDTP, 0xffff_ffff_ffff_fff2n);
    expect([h.get(IOMMU.DDTP), h.get(IOMMU.DDTP + 4)]).toEqual([0xffff_fc02, 0x003f_ffff]);
  });
});

describe('"Process to translate an IOVA"', () => {
  it('5: a device id wider than the mode supports is cause 260', () => {
    const h = started();
    for (const [mode, last] of [
      [DDTP_MODE.LEVELS_1, 2 ** 7 - 1],
      [DDTP_MODE.LEVELS_2, 2 ** 16 - 1],
    ] as const) {
      h.start(mode);
      expect(h.access(GPA, false, last + 1)).toBe(260);
      expect(h.access(GPA, false, last), 'it looks for a context').toBe(258);
    }
  });

  it('1LVL: the context of DDI[0] leads through the second stage to the page', () => {
    const h = started();
    expect(h.access(GPA + 0x123)).toBe(AT.DATA + 0x123);
    expect(h.access(GPA + 0xff8, true)).toBe(AT.DATA + 0xff8);
    expect(h.faults()).toEqual([]);
  });

  it('2LVL and 3LVL: DDI[2] has 8 bits, DDI[1] 9, DDI[0] 7', () => {
    const device = (0x81 << 16) | (0x1fe << 7) | 0x55;
    const h = new ToyHypervisor();
    h.mapPage();
    h.store(AT.DIRECTORY + 8 * 0x81, (BigInt((AT.FLAG + 0x1000) >>> 12) << 10n) | 1n);
    h.store(AT.FLAG + 0x1000 + 8 * 0x1fe, (BigInt((AT.FLAG + 0x2000) >>> 12) << 10n) | 1n);
    h.store(AT.FLAG + 0x2000 + 32 * 0x55, 1n, iohgatp(AT.ROOT, GSCID));
    h.start(DDTP_MODE.LEVELS_3);
    expect(h.access(GPA, false, device)).toBe(AT.DATA);

    const two = new ToyHypervisor();
    two.mapPage();
    two.store(AT.DIRECTORY + 8 * 0x1fe, (BigInt((AT.FLAG + 0x2000) >>> 12) << 10n) | 1n);
    two.store(AT.FLAG + 0x2000 + 32 * 0x55, 1n, iohgatp(AT.ROOT, GSCID));
    two.start(DDTP_MODE.LEVELS_2);
    expect(two.access(GPA, false, device & 0xffff)).toBe(AT.DATA);
  });

  it('iohgatp.MODE Bare: "No translation or protection."', () => {
    const h = new ToyHypervisor();
    h.context(1n, 0n);
    h.start();
    expect(h.access(AT.DATA + 5, true)).toBe(AT.DATA + 5);
  });
});

describe('"Process to locate the Device-context"', () => {
  it('3, 8: what is not in RAM is cause 257', () => {
    const h = new ToyHypervisor();
    for (const mode of [DDTP_MODE.LEVELS_1, DDTP_MODE.LEVELS_3]) {
      h.set64(IOMMU.DDTP, BigInt(mode));
      expect(h.access(GPA)).toBe(257);
    }
    h.start(DDTP_MODE.LEVELS_2);
    h.store(AT.DIRECTORY, 1n);
    expect(h.access(GPA), 'a pointer to page 0').toBe(257);
  });

  it('5, 9: an entry that is not valid is cause 258', () => {
    const h = new ToyHypervisor();
    h.start(DDTP_MODE.LEVELS_2);
    expect(h.access(GPA)).toBe(258);
    h.start(DDTP_MODE.LEVELS_1);
    h.context(~1n & 0xffff_ffff_ffff_ffffn, iohgatp(AT.ROOT, GSCID));
    expect(h.access(GPA), '"if it is 0, all other bits in DC are don\'t-care"').toBe(258);
  });

  it('6: reserved bits of a non-leaf entry are cause 259', () => {
    const h = new ToyHypervisor();
    h.start(DDTP_MODE.LEVELS_2);
    for (const reserved of [
      ...Array.from({ length: 9 }, (_, i) => i + 1),
      ...Array.from({ length: 10 }, (_, i) => i + 54),
    ]) {
      h.store(AT.DIRECTORY, (BigInt(AT.FLAG >>> 12) << 10n) | 1n | (1n << BigInt(reserved)));
      expect(h.access(GPA), `bit ${reserved}`).toBe(259);
    }
  });

  it('"Device-context configuration checks": what is reserved, or not supported here, is cause 259', () => {
    const sound = iohgatp(AT.ROOT, GSCID);
    const each = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, i) => 1n << BigInt(low + i));
    // EN_ATS, EN_PRI, T2GPA, PRPR, GADE, SADE, SBE, SXL; reserved bits of tc.
    const tc = [...each(1, 3), ...each(6, 8), ...each(10, 23), ...each(32, 63)];
    const wrong: (readonly [bigint, bigint, bigint, bigint])[] = [
      ...tc.map((bit) => [1n | bit, sound, 0n, 0n] as const),
      [1n | (1n << 9n), sound, 0n, 0n], // 12: DPE without PDTV
      ...[1n, 7n, 10n, 11n, 15n].map((mode) => [1n, iohgatp(AT.ROOT, GSCID, mode), 0n, 0n] as const),
      ...each(0, 1).map((bit) => [1n, sound | bit, 0n, 0n] as const), // root not on 16 KiB
      ...[...each(0, 11), ...each(32, 63)].map((bit) => [1n, sound, bit, 0n] as const),
      ...each(44, 63).map((bit) => [1n, sound, 0n, bit] as const),
    ];
    const h = started();
    for (const words of wrong) {
      h.context(...words);
      expect(h.access(GPA), words.map((word) => word.toString(16)).join(' ')).toBe(259);
    }
    // DTF, custom bits, PDTV with a bare directory and its default process, PSCID.
    for (const tc of [1n << 4n, 0xffn << 24n, 1n << 5n, (1n << 5n) | (1n << 9n)]) {
      const other = new ToyHypervisor();
      other.mapPage();
      other.context(1n | tc, sound, 0xfffff000n);
      other.start();
      expect(other.access(GPA)).toBe(AT.DATA);
    }
  });
});

describe('the second stage, by "Two-Stage Address Translation" of the privileged specification', () => {
  const shared = started();
  /** What an IOMMU that knows of nothing answers when the leaf for GPA is that. */
  const answer = (leaf: bigint, write: boolean): number => {
    shared.forget();
    shared.store(shared.leafEntry, leaf);
    return shared.access(GPA, write);
  };

  it('permits what R, W, U, A and D permit', () => {
    for (let flags = 0n; flags < 256n; flags++) {
      const has = (...wanted: readonly bigint[]) => wanted.every((flag) => (flags & flag) !== 0n);
      const isReserved = has(PTE.W) && !has(PTE.R);
      const reads = has(PTE.V, PTE.R, PTE.U, PTE.A) && !isReserved;
      expect(answer(pte(AT.DATA, flags), false), `read, ${flags}`).toBe(reads ? AT.DATA : READ_GUEST_PAGE);
      const writes = reads && has(PTE.W, PTE.D);
      expect(answer(pte(AT.DATA, flags), true), `write, ${flags}`).toBe(writes ? AT.DATA : WRITE_GUEST_PAGE);
    }
  });

  it('reserves bits 54 to 62', () => {
    for (let bit = 54n; bit < 63n; bit++) {
      expect(answer(pte(AT.DATA, READ_WRITE) | (1n << bit), false)).toBe(READ_GUEST_PAGE);
    }
  });

  it('"must support the Svnapot standard extension": 64 KiB where PPN ends in 1000, reserved otherwise', () => {
    const h = started();
    const base = GPA - (GPA % 0x1_0000);
    h.store(h.leafEntry, pte(AT.DATA + 0x8000, READ_WRITE) | PTE.N);
    expect(h.access(GPA + 4)).toBe(AT.DATA + (GPA - base) + 4);
    expect(h.access(base), 'one leaf for all of it').toBe(AT.DATA);
    for (let low = 0; low < 16; low++) {
      if (low !== 8) expect(answer(pte(AT.DATA + 0x1000 * low, READ_WRITE) | PTE.N, true)).toBe(WRITE_GUEST_PAGE);
    }
  });

  it('maps superpages, and faults on misaligned ones', () => {
    const h = started();
    const middle = AT.MIDDLE + 8 * (Math.floor(GPA / 2 ** 21) % 512);
    h.store(middle, pte(AT.DATA, READ_WRITE));
    expect(h.access(GPA)).toBe(AT.DATA + (GPA % 2 ** 21));
    const other = started();
    other.store(middle, pte(AT.DATA + 0x1000, READ_WRITE));
    expect(other.access(GPA)).toBe(READ_GUEST_PAGE);
    const giga = started();
    giga.store(AT.ROOT + 8 * Math.floor(GPA / 2 ** 30), pte(0x8000_0000, READ_WRITE));
    expect(giga.access(GPA, true)).toBe(0x8000_0000 + (GPA % 2 ** 30));
  });

  it('D, A, U and N are reserved in pointers; a pointer in the last table is none', () => {
    const middle = AT.MIDDLE + 8 * (Math.floor(GPA / 2 ** 21) % 512);
    for (const flag of [PTE.D, PTE.A, PTE.U, PTE.N]) {
      const h = started();
      h.store(middle, pte(AT.LEAVES, PTE.V | flag));
      expect(h.access(GPA)).toBe(READ_GUEST_PAGE);
    }
    expect(answer(pte(AT.LEAVES, PTE.V), false)).toBe(READ_GUEST_PAGE);
  });

  it('Sv39x4 has 41 bits and a root of 2048 entries; Sv48x4 has 50', () => {
    const h = started();
    const last = 2 ** 41 - 2 ** 30;
    h.store(AT.ROOT + 8 * 2047, pte(0x8000_0000, READ_WRITE));
    expect(h.access(last)).toBe(0x8000_0000);
    expect(h.access(2 ** 41)).toBe(READ_GUEST_PAGE);
    expect(h.access(2 ** 64, true), 'no number is too large').toBe(WRITE_GUEST_PAGE);
    const wide = started();
    wide.context(1n, iohgatp(AT.ROOT, GSCID, 9n));
    wide.store(AT.ROOT + 8 * 2047, pte(AT.MIDDLE, PTE.V));
    wide.store(AT.MIDDLE + 8 * 511, pte(0x8000_0000, READ_WRITE));
    expect(wide.access(2 ** 50 - 2 ** 30)).toBe(0x8000_0000);
    expect(wide.access(2 ** 50)).toBe(READ_GUEST_PAGE);
  });

  it('a table that is not in RAM is an access fault of the original access', () => {
    const h = started();
    h.store(AT.ROOT + 8 * Math.floor(GPA / 2 ** 30), pte(0x1000, PTE.V));
    expect([h.access(GPA), h.access(GPA, true)]).toEqual([READ_ACCESS, WRITE_ACCESS]);
  });
});
