// What is built from C, in one table. A guest is linked at 0 and carries a table of the words it must relocate itself; a
// layer is linked where it runs.

import { HART_LIMIT } from '../../src/machine/board.ts';

export interface ImageRow {
  readonly name: string;
  /** Folders whose .c and .S files all belong to the image. */
  readonly folders: readonly string[];
  /** Folders from which the linker takes what is referred to. */
  readonly libraries: readonly string[];
  readonly script: string;
  /** Flags beyond those of every image. */
  readonly flags?: readonly string[];
  /** Its entry for whatever runs above it does: a layer's guests, a kernel's processes. */
  readonly entrance?: string;
  /** Where it runs and the first address it may not reach, or 'slot': relocates itself to its guest's slot. */
  readonly place: { readonly base: number; readonly limit: number } | 'slot';
}

/** Layer RAM as in the scenario: M-mode image, configuration block, hypervisor. */
const MACHINE_MODE = { base: 0x8000_0000, limit: 0x8018_0000 };
const HYPERVISOR_MODE = { base: 0x8020_0000, limit: 0x8030_0000 };

function layer(
  name: string,
  folder: string,
  place: ImageRow['place'],
  entrance: string,
  flags: readonly string[] = [],
): ImageRow {
  return {
    name,
    flags,
    folders: [folder],
    libraries: ['src/onboard'],
    script: 'tools/images/layer.ld',
    place,
    entrance,
  };
}

/** The same source with as many harts as the board can have; those without pay nothing for it. */
const HARTS = [`-DHARTS=${HART_LIMIT}`];

function guest(name: string, flags: readonly string[] = []): ImageRow {
  return {
    name,
    flags,
    folders: [`src/guests/${name}`],
    libraries: ['src/guests/common', 'src/guests/saboteur'],
    script: 'src/guests/common/guest.ld',
    place: 'slot',
    entrance: 'trap_entry',
  };
}

/** How the callers of what crashed are found in its stack. Layers and the measuring kernel do without: it costs 3 % of their
 * instructions, and those are what is measured. */
const FRAME_POINTER = ['-fno-omit-frame-pointer'];

/** The bare programs of bench/: no guest and no layer, so nothing is measured of them but speed. */
const PROGRAMS: ImageRow = {
  name: 'programs',
  folders: ['src/guests/programs'],
  libraries: [],
  script: 'tools/images/layer.ld',
  flags: ['-march=rv64gc', '-mabi=lp64d', '-fno-math-errno', '-fno-tree-vectorize'],
  place: { base: 0x8000_0000, limit: 0x8040_0000 },
};

export const imageTable: readonly ImageRow[] = [
  layer('firmware', 'src/firmware', MACHINE_MODE, 'trap_entry'),
  layer('nanokernel', 'src/colocation/onboard', MACHINE_MODE, 'trap_entry'),
  layer('nanokernel-harts', 'src/colocation/onboard', MACHINE_MODE, 'trap_entry', HARTS),
  layer('hypervisor', 'src/vmm/onboard', HYPERVISOR_MODE, 'guest_exit'),
  layer('hypervisor-harts', 'src/vmm/onboard', HYPERVISOR_MODE, 'guest_exit', HARTS),
  guest('rtos', FRAME_POINTER),
  // The rtos, which then serves peers too: its own folder comes first where headers are looked for.
  { ...guest('modem', FRAME_POINTER), folders: ['src/guests/modem', 'src/guests/rtos'] },
  guest('unix', FRAME_POINTER),
  guest('bench'),
  PROGRAMS,
];

/** Headers whose structs, enums and constants TypeScript needs; see structs.ts. */
export const sharedHeaders: readonly string[] = [
  'src/onboard/config.h',
  'src/onboard/scheduler.h',
  'src/guests/saboteur/saboteur.h',
  'src/onboard/services.h',
  'src/guests/common/frame.h',
  'src/guests/programs/programs.h',
  'src/guests/unix/fs-format.h',
];

// medany without PIC makes every access relative to the pc; what stays absolute are pointers in data, which the
// relocation table names. FP is saved and restored by assembly that asks for the extension itself.
export const compileFlags: readonly string[] = [
  '-std=gnu17',
  '-march=rv64imac_zicsr_zifencei',
  '-mabi=lp64',
  '-mcmodel=medany',
  '-O2',
  '-ffreestanding',
  '-fno-pie',
  '-fno-common',
  '-ffunction-sections',
  '-fdata-sections',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-fno-tree-loop-distribute-patterns',
  '-Wall',
  '-Wextra',
  '-Werror',
];

const linkFlags: readonly string[] = [
  '-nostdlib',
  '-static',
  '-Wl,--build-id=none',
  '-Wl,--gc-sections',
  '-Wl,--fatal-warnings',
  '-Wl,--discard-locals',
  '-Wl,-z,max-page-size=4096',
];

export function flagsOf(row: ImageRow): { compile: readonly string[]; link: readonly string[] } {
  const includes = [...row.folders, ...row.libraries].map((folder) => `-I${folder}`);
  const compile = [...compileFlags, ...includes, '-Isrc/onboard', '-Isrc', ...(row.flags ?? [])];
  const link = [...linkFlags, `-Wl,-T,${row.script}`];
  if (row.place === 'slot') {
    // Relaxation would turn references to the first 2 KiB of an image linked at 0 into absolute ones.
    return { compile: [...compile, '-mno-relax'], link: [...link, '-Wl,--no-relax'] };
  }
  const { base, limit } = row.place;
  return {
    compile,
    link: [...link, `-Wl,--defsym,IMAGE_BASE=0x${base.toString(16)},--defsym,IMAGE_LIMIT=0x${limit.toString(16)}`],
  };
}
