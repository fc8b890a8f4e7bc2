// Sentences of "RISC-V IOMMU Architecture Specification" 1.0, by the titles of their sections.

import { describe, expect, it } from 'vitest';
import { REFUSED } from '../device.ts';
import { COMMAND_CSR, DDTP_MODE, FAULT_CSR, INTERRUPT, IOMMU, QUEUE_CSR } from './registers.ts';
import {
  AT,
  COMMAND,
  DEVICE,
  ENTRIES,
  GPA,
  GSCID,
  iohgatp,
  PTE,
  pte,
  READ_WRITE,
  ToyHypervisor,
} from './toy-hypervisor.ts';

const READ_GUEST_PAGE = 21;
const OTHER_PAGE = AT.DATA + 0x1000;

function started(): ToyHypervisor {
  const h = new ToyHypervisor();
  h.mapPage();
  h.start();
  return h;
}

describe('registers', () => {
  it('"Capabilities": version 1.0, Sv39x4 and Sv48x4, interrupts by wire, 56 address bits, and nothing else', () => {
    const h = new ToyHypervisor();
    expect([h.get(IOMMU.CAPABILITIES), h.get(IOMMU.CAPABILITIES + 4)]).toEqual([0x1006_0010, 56]);
    expect(h.get(IOMMU.FCTL), 'little-endian, WSI, no Sv32x4').toBe(2);
    h.set(IOMMU.FCTL, 5);
    expect(h.get(IOMMU.FCTL)).toBe(2);
  });

  it('"a read from the memory-mapped register offset of the [absent] register returns 0 and writes are ignored"', () => {
    const h = new ToyHypervisor();
    const known = new Set<number>(Object.values(IOMMU).flatMap((at) => [at, at + 4]));
    for (let at = 0; at < h.iommu.size; at += 4) {
      if (known.has(at)) continue;
      h.set(at, 0xffff_ffff);
      expect(h.get(at), `offset ${at}`).toBe(0);
      expect(h.iommu.registerName(at)).toBe('unimplemented');
    }
    expect(h.iommu.registerName(IOMMU.DDTP + 4)).toBe('ddtp+4');
    expect([h.iommu.read(0, 2, -1), h.iommu.write(IOMMU.DDTP, 1, 0, -1)], 'other widths').toEqual([REFUSED, false]);
  });

  it('"Only LOG2SZ-1:0 bits are writable" in cqt and fqh; cqh and fqt are read-only', () => {
    const h = new ToyHypervisor();
    h.queuesOn();
    for (const [at, expected] of [
      [IOMMU.CQT, ENTRIES - 1],
      [IOMMU.FQH, ENTRIES - 1],
      [IOMMU.CQH, 0],
      [IOMMU.FQT, 0],
    ] as const) {
      h.set(at, 0xffff_ffff);
      expect(h.get(at)).toBe(expected);
    }
  });

  it('a queue is as long as cqb says, at most 4096 entries', () => {
    const h = new ToyHypervisor();
    for (const [field, last] of [
      [0, 1],
      [7, 255],
      [11, 4095],
      [31, 4095],
    ] as const) {
      h.set(IOMMU.CQB, field);
      h.set(IOMMU.CQT, 0xffff_ffff);
      expect(h.get(IOMMU.CQT)).toBe(last);
    }
  });
});

describe('"Caching in-memory data structures": entries stay until their command', () => {
  it('IOTINVAL.GVMA takes a changed leaf; others leave it', () => {
    const h = started();
    expect(h.access(GPA)).toBe(AT.DATA);
    h.store(h.leafEntry, pte(OTHER_PAGE, READ_WRITE));
    expect(h.access(GPA), 'the IOATC does "not observe modifications"').toBe(AT.DATA);
    for (const other of [
      COMMAND.IOTINVAL_VMA,
      COMMAND.IOTINVAL_VMA | COMMAND.GV | COMMAND.gscid(GSCID),
      COMMAND.IOTINVAL_GVMA | COMMAND.GV | COMMAND.gscid(GSCID + 1),
      COMMAND.IODIR_INVAL_DDT,
      COMMAND.IOFENCE_C,
    ]) {
      h.command(other);
      expect(h.access(GPA)).toBe(AT.DATA);
    }
    h.command(COMMAND.IOTINVAL_GVMA | COMMAND.GV | COMMAND.AV | COMMAND.gscid(GSCID), COMMAND.page(GPA + 0x1000));
    expect(h.access(GPA), 'another address').toBe(AT.DATA);
    h.command(COMMAND.IOTINVAL_GVMA | COMMAND.GV | COMMAND.AV | COMMAND.gscid(GSCID), COMMAND.page(GPA));
    expect(h.access(GPA)).toBe(OTHER_PAGE);
    h.store(h.leafEntry, pte(AT.DATA, READ_WRITE));
    h.command(COMMAND.IOTINVAL_GVMA | COMMAND.GV | COMMAND.gscid(GSCID));
    expect(h.access(GPA), 'all of a guest').toBe(AT.DATA);
    h.store(h.leafEntry, pte(OTHER_PAGE, READ_WRITE));
    h.command(COMMAND.IOTINVAL_GVMA | COMMAND.AV, COMMAND.page(0));
    expect(h.access(GPA), 'GV = 0: all guests, "AV ignored"').toBe(OTHER_PAGE);
  });

  it('a leaf that is taken away still serves, and one that was granted more still refuses', () => {
    const h = started();
    h.store(h.leafEntry, pte(AT.DATA, READ_WRITE & ~PTE.W));
    expect([h.access(GPA), h.access(GPA, true)]).toEqual([AT.DATA, 23]);
    h.store(h.leafEntry, pte(AT.DATA, READ_WRITE));
    expect(h.access(GPA, true)).toBe(23);
    h.store(h.leafEntry, 0n);
    expect(h.access(GPA)).toBe(AT.DATA);
  });

  it('"does not allow the caching of [what] V bit is clear"', () => {
    const h = started();
    h.store(h.leafEntry, 0n);
    expect(h.access(GPA)).toBe(READ_GUEST_PAGE);
    h.store(h.leafEntry, pte(AT.DATA, READ_WRITE));
    expect(h.access(GPA)).toBe(AT.DATA);
    const empty = new ToyHypervisor();
    empty.start();
    expect(empty.access(GPA)).toBe(258);
    empty.mapPage();
    expect(empty.access(GPA)).toBe(AT.DATA);
  });

  it('IODIR.INVAL_DDT takes a changed device context, of one device or all', () => {
    const h = started();
    h.access(GPA);
    for (const taking of [COMMAND.IODIR_INVAL_DDT, COMMAND.IODIR_INVAL_DDT | COMMAND.DV | COMMAND.device(DEVICE)]) {
      h.context(1n, 0n);
      h.command(COMMAND.IODIR_INVAL_DDT | COMMAND.DV | COMMAND.device(DEVICE + 1));
      h.command(COMMAND.IOTINVAL_GVMA);
      expect(h.access(GPA), '"The IOTINVAL command has no effect on the IOMMU directory caches."').toBe(AT.DATA);
      h.command(taking);
      expect(h.access(GPA), 'bare now').toBe(GPA);
      h.context(1n, iohgatp(AT.ROOT, GSCID));
      h.command(taking);
      expect(h.access(GPA)).toBe(AT.DATA);
    }
  });

  it('keeps a bounded number of translations, the oldest leave first', () => {
    const h = started();
    const leaves = 512;
    for (let page = 0; page < leaves; page++) h.store(AT.LEAVES + 8 * page, pte(AT.DATA, READ_WRITE));
    const base = GPA - (GPA % 2 ** 21);
    for (let page = 0; page < leaves; page++) h.access(base + 4096 * page);
    h.ram.accesses = 0;
    h.access(base + 4096 * (leaves - 1));
    expect(h.ram.accesses, 'the last is kept').toBe(0);
    h.access(base);
    expect(h.ram.accesses, 'the first is walked for').toBe(3);
  });
});

describe('"Command-Queue"', () => {
  it('IOFENCE.C stores DATA at ADDR when it completes, after those before it', () => {
    const h = started();
    h.store(AT.COMMANDS, COMMAND.IOTINVAL_GVMA, 0n);
    h.store(AT.COMMANDS + 16, COMMAND.IOFENCE_C | COMMAND.AV | (0xfeed_beefn << 32n), BigInt(AT.FLAG) >> 2n);
    h.set(IOMMU.CQT, 2);
    expect(h.load(AT.FLAG), 'not at once').toBe(0n);
    h.wait();
    expect(h.load(AT.FLAG)).toBe(0xfeed_beefn);
    expect([h.get(IOMMU.CQH), h.pin]).toEqual([2, false]);
  });

  it('IOFENCE.C with WSI sets fence_w_ip, and cip where cie is set', () => {
    const h = started();
    h.command(COMMAND.IOFENCE_C | COMMAND.WSI);
    expect(h.get(IOMMU.CQCSR) & COMMAND_CSR.FENCE_INTERRUPT).not.toBe(0);
    expect([h.get(IOMMU.IPSR), h.pin]).toEqual([INTERRUPT.COMMAND, true]);
    h.set(IOMMU.IPSR, INTERRUPT.COMMAND);
    expect(h.pin, 'as long as fence_w_ip is 1').toBe(true);
    h.set(IOMMU.CQCSR, h.get(IOMMU.CQCSR));
    h.set(IOMMU.IPSR, INTERRUPT.COMMAND);
    expect(h.pin).toBe(false);
  });

  it('a fence that cannot store sets cqmf, and "the command-queue stalls until this bit is cleared"', () => {
    const h = started();
    h.command(COMMAND.IOFENCE_C | COMMAND.AV, 0x1000n >> 2n);
    expect(h.get(IOMMU.CQCSR) & QUEUE_CSR.MEMORY_FAULT).not.toBe(0);
    expect(h.get(IOMMU.CQH), '"the cqh holds the index of the IOFENCE.C that encountered such a memory fault"').toBe(0);
    h.store(AT.COMMANDS, COMMAND.IOFENCE_C);
    h.wait();
    expect(h.get(IOMMU.CQH)).toBe(0);
    h.set(IOMMU.CQCSR, h.get(IOMMU.CQCSR));
    h.wait();
    expect([h.get(IOMMU.CQH), h.get(IOMMU.CQCSR) & QUEUE_CSR.MEMORY_FAULT]).toEqual([1, 0]);
  });

  it('a queue that is not in RAM sets cqmf', () => {
    const h = new ToyHypervisor();
    h.set(IOMMU.CQCSR, QUEUE_CSR.ENABLE);
    h.set(IOMMU.CQT, 1);
    h.wait();
    expect(h.get(IOMMU.CQCSR)).toBe(QUEUE_CSR.ENABLE | QUEUE_CSR.ON | QUEUE_CSR.MEMORY_FAULT);
    expect(h.pin, 'cie is 0').toBe(false);
  });

  it('what is reserved or not supported sets cmd_ill, and cqh stays on it', () => {
    const bit = (at: number) => 1n << BigInt(at);
    const range = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, i) => bit(low + i));
    const first = (command: bigint) => (reserved: bigint) => [command | reserved, 0n] as const;
    const second = (command: bigint) => (reserved: bigint) => [command, reserved] as const;
    const illegal: (readonly [bigint, bigint])[] = [
      ...[0n, 5n, 63n, 64n, 127n].map((opcode) => [opcode, 0n] as const),
      [COMMAND.ATS_INVAL, 0n],
      [COMMAND.IOTINVAL_GVMA | COMMAND.PSCV, 0n],
      [COMMAND.IOTINVAL_VMA | (2n << 7n), 0n],
      ...[bit(11), COMMAND.NL, ...range(35, 43), ...range(60, 63)].map(first(COMMAND.IOTINVAL_GVMA)),
      ...[...range(0, 9), ...range(62, 63)].map(second(COMMAND.IOTINVAL_VMA)),
      ...[...range(7, 9), ...range(14, 31)].map(first(COMMAND.IOFENCE_C)),
      ...range(62, 63).map(second(COMMAND.IOFENCE_C)),
      [COMMAND.IODIR_INVAL_PDT | COMMAND.DV, 0n],
      ...[...range(7, 9), ...range(10, 32), ...range(34, 39)].map(first(COMMAND.IODIR_INVAL_DDT)),
      ...range(0, 63).map(second(COMMAND.IODIR_INVAL_DDT)),
      [COMMAND.IODIR_INVAL_DDT | COMMAND.DV | COMMAND.device(128), 0n],
    ];
    const h = started();
    for (const words of illegal) {
      h.set(IOMMU.CQCSR, 0);
      h.set(IOMMU.IPSR, INTERRUPT.COMMAND);
      h.queuesOn();
      h.command(COMMAND.IOFENCE_C);
      h.command(...words);
      expect([h.isIllegal, h.get(IOMMU.CQH), h.pin], words.map((word) => word.toString(16)).join(' ')).toEqual([
        true,
        1,
        true,
      ]);
      h.store(AT.COMMANDS + 16, COMMAND.IOFENCE_C, 0n);
      h.wait();
      expect(h.get(IOMMU.CQH), 'it "stops processing"').toBe(1);
      h.set(IOMMU.CQCSR, h.get(IOMMU.CQCSR));
      h.wait();
      expect([h.isIllegal, h.get(IOMMU.CQH)]).toEqual([false, 2]);
    }
  });

  it('"Changing cqen from 0 to 1 sets the cqh register and the cqcsr bits ... to 0"', () => {
    const h = started();
    h.command(COMMAND.IOFENCE_C);
    h.command(0n);
    expect([h.get(IOMMU.CQH), h.isIllegal]).toEqual([1, true]);
    h.set(IOMMU.CQCSR, 0);
    expect(h.get(IOMMU.CQCSR) & QUEUE_CSR.ON, 'cqon').toBe(0);
    h.set(IOMMU.CQT, 0);
    h.set(IOMMU.CQCSR, QUEUE_CSR.ENABLE);
    expect([h.get(IOMMU.CQH), h.get(IOMMU.CQCSR)]).toEqual([0, QUEUE_CSR.ENABLE | QUEUE_CSR.ON]);
  });

  it('a queue that is switched off does nothing more', () => {
    const h = started();
    h.access(GPA);
    h.store(h.leafEntry, 0n);
    h.store(AT.COMMANDS, COMMAND.IOTINVAL_GVMA, 0n);
    h.set(IOMMU.CQT, 1);
    h.set(IOMMU.CQCSR, 0);
    h.wait();
    expect([h.get(IOMMU.CQH), h.access(GPA)]).toEqual([0, AT.DATA]);
    h.set(IOMMU.CQCSR, QUEUE_CSR.ENABLE);
    h.wait();
    expect([h.get(IOMMU.CQH), h.access(GPA)]).toEqual([1, READ_GUEST_PAGE]);
  });
});

describe('"Fault/Event-Queue"', () => {
  it('a record says cause, transaction type, device, IOVA and guest-physical address', () => {
    const h = started();
    h.access(GPA + 0x1003, true);
    h.access(GPA + 0x2000);
    expect(h.pin).toBe(true);
    expect(h.faults()).toEqual([
      { cause: 23, type: 3, device: DEVICE, iotval: BigInt(GPA + 0x1003), iotval2: BigInt(GPA + 0x1000) },
      { cause: 21, type: 2, device: DEVICE, iotval: BigInt(GPA + 0x2000), iotval2: BigInt(GPA + 0x2000) },
    ]);
    h.set(IOMMU.IPSR, INTERRUPT.FAULT);
    expect([h.get(IOMMU.IPSR), h.pin], 'no new record').toEqual([0, false]);
  });

  it('iotval2 is zero where no guest page fault occurred', () => {
    const h = started();
    h.access(GPA, false, DEVICE + 1);
    expect(h.faults()).toEqual([{ cause: 258, type: 2, device: DEVICE + 1, iotval: BigInt(GPA), iotval2: 0n }]);
  });

  it('DTF "disables reporting of faults encountered in the address translation process", and of no others', () => {
    const h = started();
    h.context(1n | (1n << 4n), iohgatp(AT.ROOT, GSCID));
    expect(h.access(GPA + 0x1000)).toBe(READ_GUEST_PAGE);
    expect([h.faults(), h.pin]).toEqual([[], false]);
    h.context(0n, 0n);
    h.command(COMMAND.IODIR_INVAL_DDT);
    h.access(GPA);
    expect(h.faults()).toHaveLength(1);
  });

  it('a full queue sets fqof; records are lost until it is cleared', () => {
    const h = started();
    for (let count = 0; count < ENTRIES + 5; count++) h.access(0x1000 * count);
    expect(h.get(IOMMU.FQCSR) & FAULT_CSR.OVERFLOW).not.toBe(0);
    expect(h.get(IOMMU.FQT), 'fqt == fqh - 1').toBe(ENTRIES - 1);
    expect(h.faults().map(({ iotval }) => iotval)).toEqual(
      Array.from({ length: ENTRIES - 1 }, (_, count) => BigInt(0x1000 * count)),
    );
    h.access(0);
    expect(h.faults(), '"no more fault records are generated until software clears fqof"').toEqual([]);
    h.set(IOMMU.IPSR, INTERRUPT.FAULT);
    expect(h.pin, 'while fqof is 1').toBe(true);
    h.set(IOMMU.FQCSR, h.get(IOMMU.FQCSR));
    h.set(IOMMU.IPSR, INTERRUPT.FAULT);
    expect(h.pin).toBe(false);
    h.access(0x5000);
    expect(h.faults().map(({ iotval }) => iotval)).toEqual([0x5000n]);
  });

  it('a queue that is not in RAM sets fqmf, one that is off says nothing', () => {
    const h = new ToyHypervisor();
    h.set(IOMMU.DDTP, DDTP_MODE.OFF);
    h.access(0);
    expect([h.get(IOMMU.FQCSR), h.get(IOMMU.FQT)]).toEqual([0, 0]);
    h.set(IOMMU.FQCSR, QUEUE_CSR.ENABLE);
    h.access(0);
    expect(h.get(IOMMU.FQCSR)).toBe(QUEUE_CSR.ENABLE | QUEUE_CSR.ON | QUEUE_CSR.MEMORY_FAULT);
    expect([h.get(IOMMU.FQT), h.pin]).toEqual([0, false]);
  });

  it('"Changing fqen from 0 to 1 sets the fqt register and the fqcsr bits fqof and fqmf to 0"', () => {
    const h = started();
    for (let count = 0; count <= ENTRIES; count++) h.access(0);
    h.set(IOMMU.FQCSR, 0);
    h.set(IOMMU.FQH, 0);
    h.set(IOMMU.FQCSR, QUEUE_CSR.ENABLE);
    expect([h.get(IOMMU.FQT), h.get(IOMMU.FQCSR)]).toEqual([0, QUEUE_CSR.ENABLE | QUEUE_CSR.ON]);
  });
});

describe('its state', () => {
  it('is all there after a restore: caches, queues, a command on its way', () => {
    const h = started();
    h.access(GPA);
    h.store(h.leafEntry, 0n);
    h.access(0x1000);
    h.store(AT.COMMANDS, COMMAND.IOFENCE_C | COMMAND.AV | (1n << 32n), BigInt(AT.FLAG) >> 2n);
    h.set(IOMMU.CQT, 1);
    const state = structuredClone({ iommu: h.iommu.save(), clock: h.clock.save() });
    const other = new ToyHypervisor();
    other.ram.bytes.set(h.ram.bytes);
    other.iommu.restore(state.iommu);
    other.clock.restore(state.clock);
    expect(other.iommu.save()).toEqual(h.iommu.save());
    expect(other.access(GPA), 'from the cache').toBe(AT.DATA);
    other.wait();
    expect([other.load(AT.FLAG), other.get(IOMMU.CQH)]).toEqual([1n, 1]);
    expect(other.faults()).toHaveLength(1);
    h.command(COMMAND.IOTINVAL_GVMA);
    expect(state.iommu.caches.leaves, 'the state shares nothing').toHaveLength(1);
  });
});
