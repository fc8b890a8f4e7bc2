import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layouts } from '../../images/index.ts';
import { assembleProgram, createMachine } from '../machine/index.ts';
import { bootStranger, planStranger } from './boot-stranger.ts';
import { loadScenario } from './load.ts';
import { isStranger, loadStranger, OWN_FIRMWARE } from './stranger.ts';

const least = 'machine: { ram: 8M }\nfirmware: fw.bin\nkernel: kernel.bin\n';

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

describe('loading a machine for strangers', () => {
  it('reads the one that is shipped, and tells it from a scenario with modes', () => {
    const read = (file: string) => readFileSync(join(import.meta.dirname, '..', '..', 'scenarios', file), 'utf8');
    expect(isStranger('scenarios/debian.yaml', read('debian.yaml'))).toBe(true);
    expect(isStranger('scenarios/taco.yaml', read('taco.yaml'))).toBe(false);
    const { stranger } = loadStranger('scenarios/debian.yaml', read('debian.yaml'));
    expect(stranger.name).toBe('debian');
    expect(stranger.machine).toEqual({ ramSize: 2 ** 28, timing: 'inorder', harts: 1 });
    expect(stranger.firmware).toBe('guests/debian/fw_dynamic.bin');
    expect(stranger.virtio).toEqual([
      { kind: 'block', image: undefined, size: 2 ** 24, readOnly: false },
      { kind: 'net', mac: '52:54:00:12:34:56' },
      { kind: 'console' },
      { kind: 'entropy', seed: 1 },
    ]);
    expect(stranger.bootargs.startsWith('console=ttyS0 ')).toBe(true);
  });

  it.each([
    ['five harts', least.replace('8M', '8M, harts: 5'), 'x.yaml:1:28  machine.harts 5 is too large\n  use at most 4'],
    ['tiny RAM', least.replace('8M', '1M'), 'machine.ram 1M is not a usable size of RAM'],
    ['no kernel', least.replace('kernel: kernel.bin\n', ''), 'kernel is missing\n  give a Linux Image'],
    [
      'a path that climbs',
      least.replace('fw.bin', '../fw.bin'),
      'is neither beside the scenario nor in guests/ or images/',
    ],
    ['an unknown field', `${least}modes: [native]\n`, 'modes is not a field\n  choose from machine, firmware'],
    [
      'a disk of no sectors',
      `${least}virtio: [{ kind: block, size: 100 }]\n`,
      'virtio.0.size 100 is no size of a disk',
    ],
    ['a device unheard of', `${least}virtio: [{ kind: sound }]\n`, 'virtio.0.kind sound is not'],
    ['nine slots', `${least}virtio: [${'{ kind: console }, '.repeat(9)}]\n`, 'virtio is too large'],
    ['a silent cue', `${least}input: [{ after: "", type: x }]\n`, 'input.0.after is too small'],
  ])('refuses %s', (_name, text, message) => {
    expect(refusal(() => loadStranger('x.yaml', text))).toContain(message);
  });

  it('is refused where guests are to be compared', () => {
    expect(refusal(() => loadScenario('x.yaml', least))).toContain('makes it a machine for strangers\n  boot it with');
  });
});

const RAM = 0x8000_0000;
const KERNEL = RAM + 0x20_0000;
const UART = 0x1000_0000;
/** Goes where fw_dynamic's structure says, with what the machine handed it. */
const FIRMWARE = `
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 0x800
  csrw mstatus, t0
  ld t0, 16(a2)
  csrw mepc, t0
  lw a3, 0(a2)
  mret`;
/** Says "Y" where it got the hart's number, a device tree and the magic of the structure, else "N". */
const PROGRAM = `
  li t0, ${UART}
  li t1, 0x4e
  bnez a0, say
  lw t2, 0(a1)
  li t3, 0xedfe0dd0
  subw t2, t2, t3
  bnez t2, say
  li t3, 0x4942534f
  bne a3, t3, say
  li t1, 0x59
say:
  sb t1, 0(t0)
  j .`;

const assemble = (source: string, base: number) => assembleProgram(source, base).bytes;

function plan(text: string, files: Readonly<Record<string, Uint8Array>>) {
  const { stranger, source } = loadStranger('x.yaml', text);
  return planStranger(stranger, source, (path) => files[path]);
}

/** The header of a Linux Image: where it wants to be, and how much memory it takes there. */
function imageHeader(textOffset: number, size: number): Uint8Array {
  const header = new Uint8Array(64);
  const view = new DataView(header.buffer);
  view.setBigUint64(8, BigInt(textOffset), true);
  view.setBigUint64(16, BigInt(size), true);
  header.set(new TextEncoder().encode('RSC\x05'), 56);
  return header;
}

describe('booting a stranger', () => {
  const files = { 'fw.bin': assemble(FIRMWARE, RAM), 'kernel.bin': assemble(PROGRAM, KERNEL) };

  it('enters firmware with all it needs to enter the kernel', () => {
    const machine = bootStranger(createMachine, plan(least, files));
    machine.run(100_000);
    expect(machine.consoles[0]?.text()).toBe('Y');
    expect(machine.ledger.entries).toEqual([]);
  });

  it('gives our own firmware a configuration block, and the kernel a tree that says where it lies', () => {
    const text = least.replace('fw.bin', OWN_FIRMWARE).replace('8M', '8M, harts: 3');
    const { loads, argument } = plan(text, { ...files, [OWN_FIRMWARE]: assemble('wfi', RAM) });
    const block = loads.find(({ name }) => name === 'config');
    expect(argument).toBe(block?.base);
    expect(loads.some(({ name }) => name === 'dynamic info')).toBe(false);
    const view = new DataView((block?.bytes ?? new Uint8Array()).buffer);
    const { fields } = layouts.config;
    expect(view.getUint32(fields.hart_count.offset, true)).toBe(3);
    expect(Number(view.getBigUint64(fields.next_entry.offset, true))).toBe(KERNEL);
    const tree = loads.find(({ name }) => name === 'device tree');
    expect(Number(view.getBigUint64(fields.next_arg.offset, true))).toBe(tree?.base);
    expect(new TextDecoder('latin1').decode(tree?.bytes)).toContain('firmware@80000000');
  });

  it('hands over as much of an initial file system as there is, on a page of its own', () => {
    const initrd = new Uint8Array(5000).fill(7);
    const { loads } = plan(`${least}initrd: i.cpio\n`, { ...files, 'i.cpio': initrd });
    const load = loads.find(({ name }) => name === 'i.cpio');
    expect(load?.bytes).toBe(initrd);
    expect(load?.base).toBe(RAM + 0x80_0000 - 0x20_0000 - 0x2000);
  });

  it('puts a Linux Image where its header says', () => {
    const { loads } = plan(least, { ...files, 'kernel.bin': imageHeader(0x30_0000, 0x1000) });
    expect(loads.find(({ name }) => name === 'kernel.bin')?.base).toBe(RAM + 0x30_0000);
  });

  it.each([
    ['an Image that needs more than its file', imageHeader(0, 0x60_0000)],
    ['an Image that wants to be in the firmware', imageHeader(0x1000, 0x1000)],
    ['a raw image larger than RAM', new Uint8Array(9 * 2 ** 20)],
  ])('refuses %s', (_name, kernel) => {
    const text = refusal(() => plan(least, { ...files, 'kernel.bin': kernel }));
    expect(text).toBe(
      'x.yaml:3:9  kernel kernel.bin does not fit in 0x80200000 to 0x80600000\n  raise machine.ram, or give another file',
    );
  });

  it('puts the image of a disk into its slot, or a blank disk', () => {
    const slots = '[{ kind: console }, { kind: block, image: d.img }, { kind: block, size: 1K, readOnly: true }]';
    const image = new Uint8Array(512).fill(9);
    const { virtio } = plan(`${least}virtio: ${slots}\n`, { ...files, 'd.img': image }).machine;
    expect(virtio).toEqual([
      { kind: 'console', slot: 0, owner: 0 },
      { kind: 'block', image, readOnly: false, slot: 1, owner: 0 },
      { kind: 'block', image: new Uint8Array(1024), readOnly: true, slot: 2, owner: 0 },
    ]);
  });

  it('refuses a broken ELF file, and says where a missing file comes from', () => {
    const elf = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
    expect(refusal(() => plan(least, { ...files, 'kernel.bin': elf }))).toContain('\n  give an ELF file for RV64');
    const absent = least.replace('fw.bin', 'guests/debian/fw.bin');
    expect(refusal(() => plan(absent, files))).toBe(
      'x.yaml:2:11  firmware guests/debian/fw.bin cannot be read\n  fetch it with `npm run guests:debian`',
    );
  });
});
