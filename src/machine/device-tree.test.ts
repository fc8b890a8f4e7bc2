import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { buildDeviceTree, guestDeviceTree, machineDeviceTree } from './device-tree.ts';

interface Node {
  properties: Map<string, Uint8Array>;
  children: Map<string, Node>;
}

/** A reader written from the specification alone (Devicetree Specification 0.4, 5.2 to 5.5). */
function decode(blob: Uint8Array): Node {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const header = Array.from({ length: 10 }, (_, index) => view.getUint32(4 * index));
  const [
    magic,
    total,
    structure = 0,
    names = 0,
    reservations = 0,
    version,
    compatible,
    ,
    namesSize,
    structureSize = 0,
  ] = header;
  expect([magic, total, version, compatible]).toEqual([0xd00dfeed, blob.length, 17, 16]);
  expect([reservations % 8, structure % 4]).toEqual([0, 0]);
  expect([view.getBigUint64(reservations), view.getBigUint64(reservations + 8)]).toEqual([0n, 0n]);
  expect(names + (namesSize ?? 0)).toBe(blob.length);
  const text = (at: number): string => new TextDecoder().decode(blob.subarray(at, blob.indexOf(0, at)));
  let at = structure;
  const word = (): number => {
    at += 4;
    return view.getUint32(at - 4);
  };
  const node = (): Node => {
    at = (at + text(at).length + 4) & ~3;
    const result: Node = { properties: new Map(), children: new Map() };
    for (;;) {
      const token = word();
      if (token === 2) return result;
      if (token === 3) {
        const length = word();
        result.properties.set(text(names + word()), blob.subarray(at, at + length));
        at = (at + length + 3) & ~3;
      } else {
        expect(token).toBe(1);
        const name = text(at);
        result.children.set(name, node());
      }
    }
  };
  expect(word()).toBe(1);
  expect(text(at)).toBe('');
  const root = node();
  expect(word()).toBe(9);
  expect(at - structure).toBe(structureSize);
  return root;
}

function find(root: Node, path: string): Node {
  let node = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const child = node.children.get(name);
    if (child === undefined) throw new Error(`${path}: no ${name} among ${[...node.children.keys()].join(', ')}`);
    node = child;
  }
  return node;
}

const textOf = (node: Node, property: string): string[] =>
  new TextDecoder().decode(node.properties.get(property)).replace(/\0$/, '').split('\0');

function cellsOf(node: Node, property: string): number[] {
  const bytes = node.properties.get(property) ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const dtc = spawnSync('dtc', ['--version']);
function decompile(input: Uint8Array): string {
  const result = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts'], { input });
  expect([result.status, result.stderr.toString()]).toEqual([0, '']);
  return result.stdout.toString();
}

const rtos = {
  guest: 1,
  ram: { base: 0x8200_0000, size: 0x200_0000 },
  bootargs: 'panic=halt map=own',
  dma: true,
};

describe('buildDeviceTree', () => {
  it('writes every kind of value', () => {
    const root = decode(
      buildDeviceTree({
        properties: {
          one: 'text',
          list: ['a', 'bc'],
          cells: [1, 0xffff_ffff],
          raw: Uint8Array.of(1, 2, 3),
          flag: true,
        },
        children: { 'child@1': { properties: { one: '' } }, empty: {} },
      }),
    );
    expect([textOf(root, 'one'), textOf(root, 'list'), cellsOf(root, 'cells')]).toEqual([
      ['text'],
      ['a', 'bc'],
      [1, 0xffff_ffff],
    ]);
    expect(root.properties.get('raw')).toEqual(Uint8Array.of(1, 2, 3));
    expect(root.properties.get('flag')).toEqual(new Uint8Array(0));
    expect(find(root, 'child@1').properties.get('one')).toEqual(Uint8Array.of(0));
    expect([...root.children.keys()]).toEqual(['child@1', 'empty']);
    expect(() => buildDeviceTree({ properties: { bad: 'a\0b' } })).toThrow(RangeError);
  });
});

describe('guestDeviceTree', () => {
  const root = decode(guestDeviceTree(rtos));

  it('names the guest its own RAM and devices', () => {
    expect(cellsOf(find(root, 'memory@82000000'), 'reg')).toEqual([0, 0x8200_0000, 0, 0x200_0000]);
    expect([...find(root, 'soc').children.keys()]).toEqual([
      'plic@c000000',
      'serial@10010000',
      'monitor@10021000',
      'dma@10041000',
    ]);
    const serial = find(root, 'soc/serial@10010000');
    expect(cellsOf(serial, 'reg')).toEqual([0, 0x1001_0000, 0, 0x100]);
    expect([cellsOf(serial, 'interrupts'), cellsOf(serial, 'clock-frequency')]).toEqual([[11], [3_686_400]]);
    expect(cellsOf(find(root, 'soc/dma@10041000'), 'interrupts')).toEqual([17]);
    expect(textOf(find(root, 'soc/monitor@10021000'), 'compatible')).toEqual(['taco,monitor']);
    const withoutDma = decode(guestDeviceTree({ ...rtos, dma: false }));
    expect(find(withoutDma, 'soc').children.has('dma@10041000')).toBe(false);
  });

  it('describes hart and PLIC', () => {
    const cpu = find(root, 'cpus/cpu@0');
    expect(textOf(cpu, 'riscv,isa')).toEqual(['rv64imafdc_zicsr_zifencei_zicntr_sstc']);
    expect(textOf(cpu, 'mmu-type')).toEqual(['riscv,sv39']);
    expect(cellsOf(find(root, 'cpus'), 'timebase-frequency')).toEqual([10_000_000]);
    const plic = find(root, 'soc/plic@c000000');
    const [hartPhandle] = cellsOf(find(root, 'cpus/cpu@0/interrupt-controller'), 'phandle');
    expect(cellsOf(plic, 'interrupts-extended')).toEqual([hartPhandle, 11, hartPhandle, 9]);
    expect(cellsOf(plic, 'riscv,ndev')).toEqual([63]);
    expect(cellsOf(find(root, 'soc/serial@10010000'), 'interrupt-parent')).toEqual(cellsOf(plic, 'phandle'));
  });

  it('passes bootargs on and points stdout at a node that exists', () => {
    const chosen = find(root, 'chosen');
    expect(textOf(chosen, 'bootargs')).toEqual(['panic=halt map=own']);
    expect(find(root, textOf(chosen, 'stdout-path')[0] ?? '')).toBe(find(root, 'soc/serial@10010000'));
  });

  it('gives the same bytes for the same options', () => {
    expect(guestDeviceTree(rtos)).toEqual(guestDeviceTree({ ...rtos }));
  });

  it('is understood by dtc without a warning', (context) => {
    if (dtc.error !== undefined) return context.skip('device-tree-compiler is not installed');
    for (const guest of [0, 1, 2, 3]) {
      expect(decompile(guestDeviceTree({ ...rtos, guest }))).toContain(
        'riscv,isa = "rv64imafdc_zicsr_zifencei_zicntr_sstc"',
      );
    }
  });
});

describe('guestDeviceTree for a kernel that was not built here', () => {
  const ram = { base: 0x8600_0000, size: 0x800_0000 };
  const options = { guest: 1, ram, bootargs: 'console=ttyS0', dma: true };

  it('names initial file system and seed, and of the PLIC no source behind its console', () => {
    const rngSeed = Uint8Array.of(1, 2, 3, 4);
    const initrd = { start: 0x8d00_0000, end: 0x8d00_0010 };
    const root = decode(guestDeviceTree({ ...options, initrd, rngSeed, interrupts: 'console' }));
    const chosen = find(root, 'chosen');
    expect(cellsOf(chosen, 'linux,initrd-start')).toEqual([0, initrd.start]);
    expect(cellsOf(chosen, 'linux,initrd-end')).toEqual([0, initrd.end]);
    expect(chosen.properties.get('rng-seed')).toEqual(rngSeed);
    expect(cellsOf(find(root, 'soc/plic@c000000'), 'riscv,ndev')).toEqual([11]);
  });

  it('finds the PLIC where its layer has one for it, all else as it was', () => {
    const soc = (interrupts: 'virtual' | 'apart') =>
      find(decode(guestDeviceTree({ ...options, interrupts, virtual: ['ethernet'] })), 'soc').children;
    const [usual, apart] = [soc('virtual'), soc('apart')];
    const plic = apart.get('plic@11000000');
    expect(plic && cellsOf(plic, 'reg')).toEqual([0, 0x1100_0000, 0, 0x60_0000]);
    expect(plic && cellsOf(plic, 'riscv,ndev')).toEqual([29]);
    usual.delete('plic@c000000');
    apart.delete('plic@11000000');
    expect(apart).toEqual(usual);
  });

  it('knows of no interrupt where its devices are to be polled', () => {
    const root = decode(guestDeviceTree({ ...options, interrupts: 'none' }));
    expect([...find(root, 'soc').children.keys()]).toEqual(['serial@10010000', 'monitor@10021000', 'dma@10041000']);
    for (const path of ['services', 'soc/serial@10010000', 'soc/dma@10041000'])
      expect([...find(root, path).properties.keys()].filter((name) => name.startsWith('interrupt'))).toEqual([]);
  });

  it('finds the contexts of its hart at their numbers, whatever it calls the hart', () => {
    const root = decode(guestDeviceTree({ ...options, hart: 1 }));
    const [handle] = cellsOf(find(root, 'cpus/cpu@0/interrupt-controller'), 'phandle');
    const none = [handle, 0xffff_ffff];
    expect([...find(root, 'cpus').children.keys()]).toEqual(['cpu@0']);
    expect(cellsOf(find(root, 'soc/plic@c000000'), 'interrupts-extended')).toEqual([
      ...none,
      ...none,
      handle,
      11,
      handle,
      9,
    ]);
  });

  it('says nothing of them to one of ours', () => {
    const root = decode(guestDeviceTree(options));
    expect([...find(root, 'chosen').properties.keys()]).toEqual(['bootargs', 'stdout-path']);
    expect(cellsOf(find(root, 'soc/plic@c000000'), 'riscv,ndev')).toEqual([63]);
  });
});

describe('machineDeviceTree', () => {
  const options = {
    ramBytes: 0x1000_0000,
    harts: 2,
    isa: 'rv64imafdch_zicsr_zifencei_zicntr_sstc',
    mmu: 'riscv,sv57',
    bootargs: 'console=ttyS0',
    initrd: { start: 0x8800_0000, end: 0x8812_3456 },
    rngSeed: Uint8Array.from({ length: 32 }, (_, index) => index),
  };
  const root = decode(machineDeviceTree(options));

  it('lists what QEMU virt has, at its addresses and sources', () => {
    expect([...find(root, 'soc').children.keys()]).toEqual([
      'clint@2000000',
      'plic@c000000',
      'serial@10000000',
      'test@100000',
      'rtc@101000',
      ...range(8).map((slot) => `virtio_mmio@${(0x1000_1000 + 0x1000 * slot).toString(16)}`),
    ]);
    for (const slot of range(8)) {
      const node = find(root, `soc/virtio_mmio@1000${slot + 1}000`);
      expect([textOf(node, 'compatible'), cellsOf(node, 'interrupts')]).toEqual([['virtio,mmio'], [slot + 1]]);
    }
    expect(cellsOf(find(root, 'soc/serial@10000000'), 'interrupts')).toEqual([10]);
    expect(cellsOf(find(root, 'memory@80000000'), 'reg')).toEqual([0, 0x8000_0000, 0, 0x1000_0000]);
    expect(textOf(find(root, 'soc/rtc@101000'), 'compatible')).toEqual(['google,goldfish-rtc']);
  });

  it('wires CLINT and PLIC to both modes of every hart', () => {
    const [first, second] = [0, 1].map((hart) => {
      const cpu = find(root, `cpus/cpu@${hart}`);
      expect([cellsOf(cpu, 'reg'), textOf(cpu, 'riscv,isa'), textOf(cpu, 'mmu-type')]).toEqual([
        [hart],
        [options.isa],
        [options.mmu],
      ]);
      expect([textOf(cpu, 'riscv,isa-base'), textOf(cpu, 'riscv,isa-extensions')]).toEqual([
        ['rv64i'],
        ['i', 'm', 'a', 'f', 'd', 'c', 'h', 'zicsr', 'zifencei', 'zicntr', 'sstc'],
      ]);
      return cellsOf(find(cpu, 'interrupt-controller'), 'phandle')[0];
    });
    expect(second).not.toBe(first);
    expect(cellsOf(find(root, 'soc/plic@c000000'), 'interrupts-extended')).toEqual([
      ...[first, 11, first, 9],
      ...[second, 11, second, 9],
    ]);
    expect(cellsOf(find(root, 'soc/clint@2000000'), 'interrupts-extended')).toEqual([
      ...[first, 3, first, 7],
      ...[second, 3, second, 7],
    ]);
  });

  it('says how to power off and reboot', () => {
    const test = cellsOf(find(root, 'soc/test@100000'), 'phandle');
    for (const [name, value] of [
      ['poweroff', 0x5555],
      ['reboot', 0x7777],
    ] as const) {
      const node = find(root, name);
      expect(textOf(node, 'compatible')).toEqual([`syscon-${name}`]);
      expect(['regmap', 'offset', 'value'].map((property) => cellsOf(node, property))).toEqual([test, [0], [value]]);
    }
  });

  it('tells a kernel its arguments, its initial RAM disk and a seed, where they are given', () => {
    const chosen = find(root, 'chosen');
    expect(textOf(chosen, 'bootargs')).toEqual(['console=ttyS0']);
    expect(cellsOf(chosen, 'linux,initrd-start')).toEqual([0, 0x8800_0000]);
    expect(cellsOf(chosen, 'linux,initrd-end')).toEqual([0, 0x8812_3456]);
    expect(chosen.properties.get('rng-seed')).toEqual(options.rngSeed);
    expect(find(root, textOf(chosen, 'stdout-path')[0] ?? '')).toBe(find(root, 'soc/serial@10000000'));
    const { initrd: _initrd, rngSeed: _seed, ...less } = options;
    const plain = find(decode(machineDeviceTree(less)), 'chosen');
    expect([...plain.properties.keys()]).toEqual(['stdout-path', 'bootargs']);
  });

  it('is understood by dtc without a warning', (context) => {
    if (dtc.error !== undefined) return context.skip('device-tree-compiler is not installed');
    for (const harts of [1, 2, 4]) {
      expect(decompile(machineDeviceTree({ ...options, harts }))).toContain('model = "riscv-virtio,taco"');
    }
  });
});
