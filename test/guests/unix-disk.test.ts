// The file system of unix, from both sides: images made here and read by the guest, images written by the guest and
// checked here, and disks that lie.
import { describe, expect, it } from 'vitest';
import { layouts } from '../../images/index.ts';
import { checksum, makeFileSystem, readFileSystem } from '../../src/scenario/file-system.ts';
import { CYCLES, run } from './alone.ts';
import { diskOf } from './disk-of.ts';
import { unixBlock, unixModel } from './models.ts';
import { addressOf, bootProgram, call, isSound, output, USER_HEAP, wordsOf } from './user-program.ts';

const BLOCK = 512;
const SIZE = 0x1_0000;
const text = (string: string): Uint8Array => new TextEncoder().encode(string);
const blocksOf = (seed: number, units: number): Uint8Array =>
  new Uint8Array(BigUint64Array.from(Array.from({ length: units }, (_, unit) => unixBlock(seed, unit)).flat()).buffer);

describe('a disk of unix', () => {
  it('is greeted, takes each block and gives it back', () => {
    const disk = makeFileSystem(SIZE, { other: text('left alone'), greeting: text('hello from the disk\n') });
    const { machine, words, console: said } = run({ image: 'unix', seed: 7, disk });
    expect(said).toContain('hello from the disk\n');
    expect(words).toEqual(unixModel(7, 64));
    const files = readFileSystem(diskOf(machine, 0, disk));
    expect([...files.keys()].sort()).toEqual(['blocks', 'greeting', 'other']);
    expect(files.get('blocks')).toEqual(blocksOf(7, 64));
    expect(files.get('other')).toEqual(text('left alone'));
    expect(machine.ledger.entries).toEqual([]);
  });

  it('that has the file already keeps its place', () => {
    const disk = makeFileSystem(SIZE, { blocks: new Uint8Array(64 * BLOCK).fill(9) });
    const { machine, words } = run({ image: 'unix', disk });
    expect(words).toEqual(unixModel(0, 64));
    expect(readFileSystem(diskOf(machine, 0, disk)).get('blocks')).toEqual(blocksOf(0, 64));
  });

  it('that is too small ends the work with a message and no panic', () => {
    const disk = makeFileSystem(0x4000, {});
    const { machine, words, console: said, crash } = run({ image: 'unix', disk });
    expect(said).toContain('the disk lost a block');
    expect(crash).toBeUndefined();
    expect(words).toEqual(unixModel(0, 64).slice(0, words.length));
    expect(words.length).toBeLessThan(32);
    readFileSystem(diskOf(machine, 0, disk));
  });

  it('that fails in the middle ends the work with a message and no panic', () => {
    const machine = bootProgram('', { disk: makeFileSystem(SIZE) });
    machine.watch({ world: 0, privilege: 'S', pc: BigInt(addressOf('virtio_block_state')), count: 3 * 40 + 1 });
    expect(machine.run(CYCLES)).toEqual({ kind: 'watch' });
    machine.watch(undefined);
    // Each request asks three times, first before it is served: its first descriptor leads outside RAM now.
    machine.write(addressOf('queue'), new Uint8Array(8).fill(0xff));
    machine.run(CYCLES);
    expect(isSound(machine)).toBe(true);
    expect(machine.consoles[0]?.text()).toMatch(/disk failed at block \d+\n.*no answer.*\n.*the disk lost a block/);
  });
});

describe('files', () => {
  const HEAP = USER_HEAP + 0x400;
  const NAME = `li t0, ${USER_HEAP}\n li t1, 0x62\n sb t1, 0(t0)\n li t1, 0x61\n sb t1, 1(t0)\n`;
  const open = (length: number, create: number): string => call('OPEN', USER_HEAP, length, create);
  const EXIT = call('EXIT', 0);
  function ran(source: string, disk: Uint8Array) {
    const machine = bootProgram(source, { disk });
    machine.run(CYCLES);
    expect(isSound(machine)).toBe(true);
    return { words: wordsOf(machine), files: readFileSystem(diskOf(machine, 0, disk)) };
  }

  it('grow over several nodes, have holes, and are found again', () => {
    const { words, files } = ran(
      `${NAME} ${open(2, 1)} ${output('a0')}
  li s0, 0
  li s2, ${HEAP}
1:
  mv a1, s0
  ${call('SEEK', 0, '_')}
  sd s0, 0(s2)
  ${call('WRITE', 0, HEAP, 8)}
  li t0, 10000
  add s0, s0, t0
  li t0, 50000
  bltu s0, t0, 1b
  ${call('CLOSE', 0)}
  ${open(2, 0)}
  ${call('SEEK', 0, 39_999)}
  ${call('READ', 0, HEAP, 64)}
  ${output('a0')}
  ld t0, 1(s2)
  ${output('t0')}
  ${call('SEEK', 0, 40_008)}
  ${call('READ', 0, HEAP, 64)}
  ${output('a0')}
  ${EXIT}`,
      makeFileSystem(SIZE),
    );
    expect(words).toEqual([0n, 9n, 40_000n, 0n]);
    const expected = Buffer.alloc(40_008);
    for (let at = 0; at < 50_000; at += 10_000) expected.writeBigUInt64LE(BigInt(at), at);
    expect(files.get('ba')).toEqual(new Uint8Array(expected));
  });

  it('are removed with all their blocks', () => {
    const files = { ba: new Uint8Array(70 * BLOCK).fill(1), b: text('stays') };
    const { words, files: left } = ran(
      `${NAME} ${call('REMOVE', USER_HEAP, 2)} ${output('a0')} ${open(2, 0)} ${output('a0')}
  ${call('REMOVE', USER_HEAP, 2)} ${output('a0')}
  ${open(2, 1)} ${call('READ', 0, HEAP, 8)} ${output('a0')} ${EXIT}`,
      makeFileSystem(SIZE, files),
    );
    expect(words).toEqual([0n, -1n, -1n, 0n]);
    expect(left).toEqual(
      new Map([
        ['ba', new Uint8Array(0)],
        ['b', text('stays')],
      ]),
    );
  });

  it('refuse what cannot be: names, places, other kinds of files, a full disk', () => {
    const attempts = [
      open(0, 1),
      open(21, 1),
      call('OPEN', 16, 4, 1),
      call('SEEK', 2, 0),
      `${open(2, 1)} ${call('SEEK', 0, 0x7fff_ffff_ffff_ffffn)} ${call('WRITE', 0, HEAP, 8)}`,
      `${call('SEEK', 0, 2 ** 40)} ${call('WRITE', 0, HEAP, 8)}`,
      `${call('SEEK', 0, 0)} ${call('WRITE', 0, 0x8060_0000, 8)}`,
      call('READ', 0, 0, 8),
      `1: ${call('WRITE', 0, HEAP, 512)} bgtz a0, 1b\n`,
    ];
    const program = `${NAME} ${attempts.map((attempt) => `${attempt} ${output('a0')}`).join('')} ${EXIT}`;
    const { words } = ran(program, makeFileSystem(SIZE));
    expect(words).toEqual([-1n, -1n, -1n, -1n, -1n, -1n, -1n, 0n, -1n]);
  });

  it('are many processes able to use at once', () => {
    const { files } = ran(
      `${NAME} ${call('FORK')} ${call('FORK')} ${call('GETPID')}
  addi s0, a0, 0x60
  li t0, ${USER_HEAP}
  sb s0, 0(t0)
  ${open(1, 1)}
  li s1, 8
1:
  li t0, ${HEAP}
  sd s0, 0(t0)
  ${call('WRITE', 0, HEAP, 512)}
  addi s1, s1, -1
  bnez s1, 1b
  ${EXIT}`,
      makeFileSystem(SIZE),
    );
    expect([...files.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const [name, bytes] of files) {
      expect(bytes.length).toBe(8 * BLOCK);
      expect(bytes[7 * BLOCK], name).toBe(name.charCodeAt(0));
    }
  });
});

const { fs_volume: VOLUME, fs_node: NODE } = layouts;
const HEAD = 2;
const seal = (image: Uint8Array, block: number): void => {
  const sum = checksum(block, image.subarray(block * BLOCK, block * BLOCK + BLOCK - 4));
  new DataView(image.buffer).setUint32(block * BLOCK + BLOCK - 4, sum, true);
};
/** A lie under a right checksum. */
const lie =
  (block: number, offset: number, value: number) =>
  (image: Uint8Array): Uint8Array => {
    new DataView(image.buffer).setUint32(block * BLOCK + offset, value, true);
    seal(image, block);
    return image;
  };
const fill =
  (block: number, value: number) =>
  (image: Uint8Array): Uint8Array => {
    image.fill(value, block * BLOCK, (block + 1) * BLOCK);
    seal(image, block);
    return image;
  };
const noise = (image: Uint8Array): Uint8Array => image.map((_, at) => (Math.imul(at, 0x9e3779b1) >>> 13) & 255);
const SLOTS_AT = NODE.fields.slots.offset;
/** The second node of `blocks`, which is the first file: see the image below. */
const SECOND = 10 + 58;

const LIES: readonly (readonly [string, (image: Uint8Array) => Uint8Array])[] = [
  ['has no magic', lie(0, VOLUME.fields.magic.offset, 0)],
  ['is noise', noise],
  ['is all ones', (image) => image.fill(255)],
  ['says it is larger than it is', lie(0, VOLUME.fields.blocks.offset, 4000)],
  ['was cut', (image) => image.slice(0, 12 * BLOCK)],
  ['was cut to nothing', (image) => image.slice(0, BLOCK)],
  ['says it has no files', lie(0, VOLUME.fields.files.offset, 0)],
  ['says it has many files', lie(0, VOLUME.fields.files.offset, 0xffff_ffff)],
  ['says it has no blocks', lie(0, VOLUME.fields.blocks.offset, 0)],
  ['marks its metadata free', fill(1, 0)],
  ['marks all in use', fill(1, 255)],
  ['has a chain that leads to itself', lie(HEAD, NODE.fields.next.offset, HEAD)],
  ['has a loop in a chain', lie(SECOND, NODE.fields.next.offset, SECOND)],
  ['has a loop back to the head', lie(SECOND, NODE.fields.next.offset, HEAD)],
  ['has a chain that leads outside', lie(HEAD, NODE.fields.next.offset, 0xffff_fff0)],
  ['has a chain that leads to the bitmap', lie(HEAD, NODE.fields.next.offset, 1)],
  ['has data outside', lie(HEAD, SLOTS_AT, 0x7fff_ffff)],
  ['has data in the volume block', lie(HEAD, SLOTS_AT, 1)],
  ['says that a file is endless', lie(HEAD, NODE.fields.bytes.offset, 0xffff_ffff)],
  ['has a node of another file', lie(HEAD, NODE.fields.file.offset, 3)],
  ['has a node of no kind', lie(HEAD, NODE.fields.kind.offset, 77)],
  ['has wrong data', (image) => image.fill(1, 11 * BLOCK, 12 * BLOCK)],
];

describe('a disk that', () => {
  it.each(LIES)('%s costs its files at most', (_, change) => {
    const sound = makeFileSystem(SIZE, { blocks: new Uint8Array(64 * BLOCK).fill(3), greeting: text('hello\n') });
    const { machine, words, crash } = run({ image: 'unix', disk: change(sound) });
    expect(crash).toBeUndefined();
    expect(words).toEqual(unixModel(0, 64).slice(0, words.length));
    expect(machine.ledger.entries).toEqual([]);
    expect(machine.run(CYCLES + 1_000_000).kind).toBe('idle');
  });

  it('has a block in the wrong place is refused when the block is read', () => {
    const source = `li t0, ${USER_HEAP}\n li t1, 0x61\n sb t1, 0(t0)\n ${call('OPEN', USER_HEAP, 1, 0)}
  ${call('READ', 0, USER_HEAP, 8)} ${output('a0')} ${call('OPEN', USER_HEAP, 1, 0)} ${output('a0')} ${call('EXIT', 0)}`;
    const image = makeFileSystem(SIZE, { a: new Uint8Array(2 * BLOCK) });
    new DataView(image.buffer).setUint32(HEAD * BLOCK + SLOTS_AT, 11, true);
    seal(image, HEAD);
    const machine = bootProgram(source, { disk: image });
    machine.run(CYCLES);
    expect(wordsOf(machine)).toEqual([-1n, -1n]);
    expect(machine.consoles[0]?.text()).toContain("disk refused: the data's checksum, block 11");
  });
});
