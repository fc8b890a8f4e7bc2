// From a stranger's files to a machine that is ready to run, laid out as QEMU's `virt` does it: firmware at the start of
// RAM, kernel 2 MiB above, and at the top what the firmware hands on: initial file system, device tree.
import { constants } from '../../images/index.ts';
import { RAM_BASE } from '../machine/board.ts';
import { machineDeviceTree } from '../machine/device-tree.ts';
import { ElfError, parseElf } from '../machine/elf.ts';
import type { VirtioDevice, VirtioSlot } from '../machine/index.ts';
import type { BootMachine, Load, MachineFactory } from './boot.ts';
import { encodeConfig } from './config-block.ts';
import type { Path, SourceDocument } from './document.ts';
import { readLinuxImage, SEED } from './linux-image.ts';
import { formatAddress } from './quantities.ts';
import { OWN_FIRMWARE, type SlotContent, type Stranger } from './stranger.ts';

/** A file of a scenario by its path; undefined if there is none. */
export type StrangerFiles = (path: string) => Uint8Array | undefined;

export interface StrangerPlan {
  readonly name: string;
  readonly machine: {
    readonly ram: number;
    readonly timing: Stranger['machine']['timing'];
    readonly harts: number;
    readonly virtio: readonly VirtioSlot[];
  };
  readonly loads: readonly Load[];
  readonly entry: number;
  /** What firmware finds in a1: the device tree, or the configuration block where it is ours. */
  readonly argument: number;
  /** Where OpenSBI's fw_dynamic reads what comes after it; other firmware does not look. */
  readonly dynamicInfo: number;
}

/** Where firmware that does not ask enters its next stage. */
const KERNEL_BASE = RAM_BASE + 0x20_0000;
/** The last 2 MiB of RAM hold the device tree, which Linux maps by itself. */
const TABLES_SIZE = 0x20_0000;
const DEVICE_TREE_OFFSET = 0x1000;
const PAGE = 0x1000;

/** All that the harts have and a kernel may use. */
const ISA = 'rv64imafdch_zicbom_zicboz_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbs_sstc_svadu_svinval';
const MMU = 'riscv,sv57';
/** CBIE, CBCFE and CBZE of menvcfg: what ISA says of cache blocks, without which they are illegal instructions. */
const CACHE_BLOCKS = 0xf0;
const OWNER = 0;

const ELF_MAGIC = 0x464c_457f;

/** `struct fw_dynamic_info` of OpenSBI, version 2: six words of 64 bits. */
const DYNAMIC_MAGIC = 0x4942_534fn;
const DYNAMIC_VERSION = 2n;
const SUPERVISOR_MODE = 1n;
/** Any hart may boot the others. */
const ANY_HART = -1n;

interface Placed {
  readonly loads: readonly Load[];
  readonly entry: number;
  /** One past the last byte that it takes, also without having it in its file. */
  readonly end: number;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An ELF file goes where it says, or where one linked below RAM is moved to; a raw image to `base`. */
function place(name: string, bytes: Uint8Array, base: number): Placed {
  const view = viewOf(bytes);
  if (bytes.length >= 4 && view.getUint32(0, true) === ELF_MAGIC) {
    const { entry, segments } = parseElf(bytes);
    const bias = segments.some(({ physicalAddress }) => physicalAddress < RAM_BASE) ? base : 0;
    const loads = segments.map((segment) => ({ name, base: segment.physicalAddress + bias, bytes: segment.bytes }));
    return {
      loads: loads.filter((load) => load.bytes.length > 0),
      entry: entry + bias,
      end: Math.max(base, ...segments.map((segment) => segment.physicalAddress + bias + segment.memorySize)),
    };
  }
  const { textOffset, size } = readLinuxImage(bytes) ?? { textOffset: 0, size: bytes.length };
  const at = textOffset > 0 ? RAM_BASE + textOffset : base;
  return { loads: [{ name, base: at, bytes }], entry: at, end: at + size };
}

function dynamicInfo(next: number): Uint8Array {
  const words = [DYNAMIC_MAGIC, DYNAMIC_VERSION, BigInt(next), SUPERVISOR_MODE, 0n, ANY_HART];
  return new Uint8Array(BigInt64Array.from(words).buffer);
}

/** What our own firmware is told: there is one kernel, it has all harts, all memory behind the firmware, and H. */
function ownConfig(ramSize: number, harts: number, entry: number, deviceTree: number): Uint8Array {
  const kernel = { ram_base: KERNEL_BASE, ram_size: RAM_BASE + ramSize - KERNEL_BASE, entry, uart: OWNER };
  return encodeConfig({
    magic: constants.CONFIG_MAGIC,
    next_entry: entry,
    next_arg: deviceTree,
    keep_h: 1,
    hart_count: harts,
    envcfg: CACHE_BLOCKS,
    guest_count: 1,
    reset_policy: constants.RESET_MACHINE,
    guests: [kernel],
  });
}

/** Throws InputError where a file is missing, is none of those formats, or has no room. */
export function planStranger(stranger: Stranger, source: SourceDocument, files: StrangerFiles): StrangerPlan {
  const { ramSize, timing, harts } = stranger.machine;
  const top = RAM_BASE + ramSize;
  const tables = top - TABLES_SIZE;
  const read = (field: Path, path: string): Uint8Array => {
    const found = path === OWN_FIRMWARE ? 'build it with `npm run images`' : 'check its path';
    const remedy = path.startsWith('guests/') ? 'fetch it with `npm run guests:debian`' : found;
    return files(path) ?? source.fail(field, `${path} cannot be read`, remedy);
  };
  const content = (slot: SlotContent, index: number): VirtioDevice => {
    if (slot.kind === 'net') return { ...slot, port: `virtio${index}` };
    if (slot.kind !== 'block') return slot;
    const { kind, image, readOnly } = slot;
    const bytes = image === undefined ? new Uint8Array(slot.size) : read(['virtio', index, 'image'], image);
    return { kind, image: bytes, readOnly };
  };
  const placed = (field: 'firmware' | 'kernel', base: number, limit: number): Placed => {
    const path = stranger[field];
    try {
      const result = place(path, read([field], path), base);
      if (result.loads.every((load) => load.base >= base) && result.end <= limit) return result;
    } catch (error) {
      if (!(error instanceof ElfError)) throw error;
      source.fail([field], error.message, 'give an ELF file for RV64, or a raw image');
    }
    const room = `${formatAddress(base)} to ${formatAddress(limit)}`;
    return source.fail([field], `${path} does not fit in ${room}`, 'raise machine.ram, or give another file');
  };
  const initrd = stranger.initrd === undefined ? undefined : read(['initrd'], stranger.initrd);
  const initrdBase = tables - Math.ceil((initrd?.length ?? 0) / PAGE) * PAGE;
  const firmware = placed('firmware', RAM_BASE, KERNEL_BASE);
  const kernel = placed('kernel', KERNEL_BASE, initrdBase);
  const own = stranger.firmware === OWN_FIRMWARE;
  const deviceTreeBase = tables + DEVICE_TREE_OFFSET;
  const deviceTree = machineDeviceTree({
    ramBytes: ramSize,
    harts,
    isa: ISA,
    mmu: MMU,
    bootargs: stranger.bootargs,
    rngSeed: SEED,
    ...(own && { reserved: { base: RAM_BASE, size: KERNEL_BASE - RAM_BASE } }),
    ...(initrd && { initrd: { start: initrdBase, end: initrdBase + initrd.length } }),
  });
  const virtio = stranger.virtio.map((slot, index) => ({ ...content(slot, index), slot: index, owner: OWNER }));
  return {
    name: stranger.name,
    machine: { ram: ramSize, timing, harts, virtio },
    loads: [
      ...firmware.loads,
      ...kernel.loads,
      ...(initrd ? [{ name: stranger.initrd ?? '', base: initrdBase, bytes: initrd }] : []),
      own
        ? {
            name: 'config',
            base: constants.CONFIG_BASE,
            bytes: ownConfig(ramSize, harts, kernel.entry, deviceTreeBase),
          }
        : { name: 'dynamic info', base: tables, bytes: dynamicInfo(kernel.entry) },
      { name: 'device tree', base: deviceTreeBase, bytes: deviceTree },
    ],
    entry: firmware.entry,
    argument: own ? constants.CONFIG_BASE : deviceTreeBase,
    dynamicInfo: tables,
  };
}

/** A machine at its reset vector. All RAM is the stranger's: nobody shares it with him. */
export function bootStranger<M extends BootMachine>(createMachine: MachineFactory<M>, plan: StrangerPlan): M {
  const machine = createMachine({ ...plan.machine, guests: 1 });
  for (const { base, bytes } of plan.loads) machine.write(base, bytes);
  machine.ownership([{ base: RAM_BASE, size: plan.machine.ram, owner: OWNER }]);
  machine.worlds({ machineMode: 'firmware', supervisorMode: 'guest', only: OWNER });
  machine.start(plan.entry, 0, plan.argument, plan.dynamicInfo);
  return machine;
}
