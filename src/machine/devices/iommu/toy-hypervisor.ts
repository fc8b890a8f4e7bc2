// For tests: an IOMMU over a little RAM, and what a hypervisor writes there and to its registers.

import { Clock } from '../../clock.ts';
import { ToyRam } from '../virtio/toy-driver.ts';
import { Iommu } from './iommu.ts';
import { COMMAND_CSR, DDTP_MODE, IOMMU, QUEUE_CSR } from './registers.ts';

/** Where it keeps things. */
export const AT = {
  DIRECTORY: 0x8000_1000,
  COMMANDS: 0x8000_2000,
  FAULTS: 0x8000_3000,
  ROOT: 0x8000_4000,
  MIDDLE: 0x8000_8000,
  LEAVES: 0x8000_9000,
  FLAG: 0x8000_a000,
  DATA: 0x8020_0000,
} as const;

/** Bits of a page table entry. */
export const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n, N: 1n << 63n } as const;
export const READ_WRITE = PTE.V | PTE.R | PTE.W | PTE.U | PTE.A | PTE.D;
export const pte = (paddr: number, flags: bigint): bigint => (BigInt(paddr >>> 12) << 10n) | flags;

export const DEVICE = 5;
export const GSCID = 7;
/** A guest-physical page that `mapPage()` maps. */
export const GPA = 0x4567_8000;
/** Entries of either queue: a page of commands is more. */
export const ENTRIES = 16;

const SV39X4 = 8n;
export const iohgatp = (root: number, gscid: number, mode = SV39X4): bigint =>
  (mode << 60n) | (BigInt(gscid) << 44n) | BigInt(root >>> 12);

export interface FaultRecord {
  readonly cause: number;
  readonly type: number;
  readonly device: number;
  readonly iotval: bigint;
  readonly iotval2: bigint;
}

export class ToyHypervisor {
  readonly clock = new Clock();
  readonly ram = new ToyRam();
  pin = false;
  readonly iommu = new Iommu({
    ram: this.ram,
    clock: this.clock,
    line: {
      set: (high) => {
        this.pin = high;
      },
    },
  });

  get(offset: number): number {
    return this.iommu.read(offset, 4, -1);
  }

  set(offset: number, value: number): void {
    this.iommu.write(offset, 4, value >>> 0, -1);
  }

  set64(offset: number, value: bigint): void {
    this.set(offset, Number(value & 0xffff_ffffn));
    this.set(offset + 4, Number(value >> 32n));
  }

  store(paddr: number, ...doublewords: readonly bigint[]): void {
    doublewords.forEach((value, index) => {
      this.ram.view.setBigUint64(paddr - 0x8000_0000 + 8 * index, value, true);
    });
  }

  load(paddr: number): bigint {
    return this.ram.view.getBigUint64(paddr - 0x8000_0000, true);
  }

  /** "Guidelines for initialization": both queues on, interrupts by wire, a one-level directory. */
  start(mode: number = DDTP_MODE.LEVELS_1): void {
    this.queuesOn();
    this.set64(IOMMU.DDTP, (BigInt(AT.DIRECTORY >>> 12) << 10n) | BigInt(mode));
  }

  queuesOn(): void {
    const size = BigInt(Math.log2(ENTRIES) - 1);
    this.set64(IOMMU.CQB, (BigInt(AT.COMMANDS >>> 12) << 10n) | size);
    this.set(IOMMU.CQT, 0);
    this.set(IOMMU.CQCSR, QUEUE_CSR.ENABLE | QUEUE_CSR.INTERRUPT_ENABLE);
    this.set64(IOMMU.FQB, (BigInt(AT.FAULTS >>> 12) << 10n) | size);
    this.set(IOMMU.FQH, 0);
    this.set(IOMMU.FQCSR, QUEUE_CSR.ENABLE | QUEUE_CSR.INTERRUPT_ENABLE);
  }

  context(tc: bigint, hgatp: bigint, ta = 0n, fsc = 0n, device = DEVICE): void {
    this.store(AT.DIRECTORY + 32 * device, tc, hgatp, ta, fsc);
  }

  /** A device whose guest has one page of 4 KiB. */
  mapPage(flags: bigint = READ_WRITE): void {
    this.context(1n, iohgatp(AT.ROOT, GSCID));
    this.store(AT.ROOT + 8 * Math.floor(GPA / 2 ** 30), pte(AT.MIDDLE, PTE.V));
    this.store(AT.MIDDLE + 8 * (Math.floor(GPA / 2 ** 21) % 512), pte(AT.LEAVES, PTE.V));
    this.store(this.leafEntry, pte(AT.DATA, flags));
  }

  get leafEntry(): number {
    return AT.LEAVES + 8 * (Math.floor(GPA / 4096) % 512);
  }

  /** The physical address that an access arrives at, or the cause that refuses it. */
  access(iova: number, write = false, device = DEVICE): number {
    const { result } = this.iommu.translate({ device, iova, write });
    return result.kind === 'fault' ? result.cause : result.paddr;
  }

  /** Puts a command into the queue and waits. */
  command(first: bigint, second = 0n): void {
    const tail = this.get(IOMMU.CQT);
    this.store(AT.COMMANDS + 16 * tail, first, second);
    this.set(IOMMU.CQT, (tail + 1) % ENTRIES);
    this.wait();
  }

  /** Until all commands are done, or one failed. */
  wait(): void {
    for (let next = this.clock.nextCycle(); next !== Number.POSITIVE_INFINITY; next = this.clock.nextCycle()) {
      this.clock.now = next;
      this.clock.runDue();
    }
  }

  /** Forgets what it cached. */
  forget(): void {
    this.command(COMMAND.IODIR_INVAL_DDT);
    this.command(COMMAND.IOTINVAL_GVMA);
  }

  get isIllegal(): boolean {
    return (this.get(IOMMU.CQCSR) & COMMAND_CSR.ILLEGAL) !== 0;
  }

  /** Takes what is in the fault queue. */
  faults(): FaultRecord[] {
    const records: FaultRecord[] = [];
    for (let head = this.get(IOMMU.FQH); head !== this.get(IOMMU.FQT); head = (head + 1) % ENTRIES) {
      const at = AT.FAULTS + 32 * head;
      const first = this.load(at);
      records.push({
        cause: Number(first & 0xfffn),
        type: Number((first >> 34n) & 0x3fn),
        device: Number(first >> 40n),
        iotval: this.load(at + 16),
        iotval2: this.load(at + 24),
      });
      this.set(IOMMU.FQH, (head + 1) % ENTRIES);
    }
    return records;
  }
}

/** Commands, as the specification draws them. */
export const COMMAND = {
  IOTINVAL_VMA: 1n,
  IOTINVAL_GVMA: 1n | (1n << 7n),
  IOFENCE_C: 2n,
  IODIR_INVAL_DDT: 3n,
  IODIR_INVAL_PDT: 3n | (1n << 7n),
  ATS_INVAL: 4n,
  AV: 1n << 10n,
  WSI: 1n << 11n,
  PSCV: 1n << 32n,
  GV: 1n << 33n,
  NL: 1n << 34n,
  DV: 1n << 33n,
  gscid: (id: number): bigint => BigInt(id) << 44n,
  device: (id: number): bigint => BigInt(id) << 40n,
  /** ADDR[63:12] of IOTINVAL. */
  page: (address: number): bigint => BigInt(Math.floor(address / 4096)) << 10n,
} as const;
