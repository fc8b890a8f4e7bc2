// The PMP module of the nanokernel, at the edges of a window and where hardware walks on a guest's behalf.
import { describe, expect, it } from 'vitest';
import { planBoots } from '../../src/scenario/boot.ts';
import { encodeConfig } from '../../src/scenario/config-block.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { bootAssembled, bootPlan, END, openShipped, report, runToEnd, SLOT_SIZE, slotOf } from './boot-guests.ts';
import { buildTables, KERNEL_PAGE, turnOnPaging, windowAddress } from './page-tables.ts';

const ROOT = 'DATA + 0x10000';
const LOAD_FAULT = 5n;
const STORE_FAULT = 7n;
const FETCH_FAULT = 1n;
/** A handler that reports scause and stval and ends. */
const TELL = `
  la t0, tell
  csrw stvec, t0
  j begin
  .align 2
tell:
  csrr s0, scause
  ${report('s0')}
  csrr s0, stval
  ${report('s0')}
  ${END}
begin:`;

/** What the second guest reports; it outranks the first, which spins beside it with a device of its own at work. */
function reportsOf(source: string): bigint[] {
  const booted = bootAssembled('partitioned', [{ source: END }, { source: `${TELL}\n${source}`, priority: 2 }]);
  runToEnd(booted, 5_000_000);
  expect(booted.machine.ledger.entries).toEqual([]);
  return booted.reports(1);
}

const LAST = BigInt(slotOf(1) + SLOT_SIZE);
const FIRST = BigInt(slotOf(1));

describe('a window', () => {
  it('ends with the slot, for an access that straddles its end too', () => {
    const inside = `li t0, ${LAST - 8n}\n ld t1, 0(t0)\n sd t1, 0(t0)`;
    // There is no RAM behind the last slot, so its lower edge is the one to try.
    expect(reportsOf(`${inside}\n li t0, ${FIRST - 8n}\n ld t1, 0(t0)`)).toEqual([LOAD_FAULT, FIRST - 8n]);
    expect(reportsOf(`li t0, ${FIRST - 1n}\n sb t1, 0(t0)`)).toEqual([STORE_FAULT, FIRST - 1n]);
    // Misaligned across the edge: the part that is refused is the first.
    expect(reportsOf(`li t0, ${FIRST - 4n}\n sd t1, 0(t0)`)).toEqual([STORE_FAULT, FIRST - 4n]);
    expect(reportsOf(`li t0, ${FIRST - 4n}\n jr t0`)).toEqual([FETCH_FAULT, FIRST - 4n]);
  });

  it('makes devices readable and writable, and not executable', () => {
    const cause = reportsOf('li t0, MONITOR\n jr t0');
    expect(cause).toEqual([FETCH_FAULT, BigInt(0x1002_1000)]);
  });

  it('holds for page walks: a table in foreign memory is an access fault of the access', () => {
    const FAR = 7n << 30n;
    const pointer = (slotOf(0) / 4096) * 1024 + 1;
    const tables = `
  ${buildTables(ROOT, [])}
  li t0, ${ROOT} + ${8n * (FAR >> 30n)}
  li t1, ${pointer}
  sd t1, 0(t0)
  ${turnOnPaging(ROOT, 1)}
  li t0, ${FAR}`;
    expect(reportsOf(`${tables}\n ld t1, 0(t0)`)).toEqual([LOAD_FAULT, FAR]);
    expect(reportsOf(`${tables}\n sd t1, 0(t0)`)).toEqual([STORE_FAULT, FAR]);
  });

  it('holds for what a mapping leads to, in the direction of the access', () => {
    const tables = `
  ${buildTables(ROOT, [{ number: 0, physical: String(slotOf(0)), flags: KERNEL_PAGE }])}
  ${turnOnPaging(ROOT, 1)}
  li t0, ${windowAddress(0)}`;
    const at = BigInt(windowAddress(0));
    expect(reportsOf(`${tables}\n ld t1, 16(t0)`)).toEqual([LOAD_FAULT, at + 16n]);
    expect(reportsOf(`${tables}\n sd t1, 16(t0)`)).toEqual([STORE_FAULT, at + 16n]);
    expect(reportsOf(`${tables}\n amoadd.d t1, t1, (t0)`)).toEqual([STORE_FAULT, at]);
  });
});

describe('windows of any shape', () => {
  /** Two slots that are no powers of two, so that each window needs ranges. */
  const edit = (text: string): string =>
    text.replace('0x82000000+32M', '0x80600000+14M').replace('0x84000000+64M', '0x81e00000+34M');

  it('let the shipped guests do all their work', () => {
    const { scenario, images } = openShipped(edit);
    const [plan] = planBoots(findMode('partitioned'), scenario, images);
    if (plan === undefined) throw new RangeError('partitioned boots nothing');
    const booted = bootPlan('partitioned', plan);
    runToEnd(booted, 200_000_000);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.plan.guests.map(({ index }) => booted.monitor(index).crash)).toEqual([undefined, undefined]);
  });
});

describe('a configuration whose windows cannot be', () => {
  const { scenario, images } = openShipped();
  const [plan] = planBoots(findMode('partitioned'), scenario, images);
  const CONFIG = { magic: 0x314746434f434154n, guest_count: 1, hart_count: 1, pmp_module: 1 };
  const bootWith = (regions: readonly object[]): string => {
    if (plan === undefined) throw new RangeError('partitioned boots nothing');
    const bytes = encodeConfig({ ...CONFIG, region_count: regions.length, regions });
    const loads = plan.loads.map((load) => (load.name === 'config' ? { ...load, bytes } : load));
    const booted = bootPlan('partitioned', { ...plan, loads });
    expect(booted.machine.run(1_000_000)).toMatchObject({ kind: 'finished', finish: { kind: 'fail' }, by: 'layer' });
    return booted.machine.layerConsole.text();
  };
  const region = (base: number, size: number, perms = 3, guest = 0) => ({ guest, perms, gpa: base, spa: base, size });

  it.each([
    ['of no size', region(0x8200_0000, 0)],
    ['finer than a page', region(0x8200_0800, 0x1000)],
    ['of nobody', region(0x8200_0000, 0x1000, 3, 1)],
    ['for stores alone', region(0x8200_0000, 0x1000, 2)],
    ['that translates', { ...region(0x8200_0000, 0x1000), spa: 0x8300_0000 }],
  ])('stops the machine with a message for a region %s', (_, bad) => {
    expect(bootWith([bad])).toBe('layer: unsound region\n');
  });

  it('stops the machine with a message where entries are too few', () => {
    const nine = Array.from({ length: 9 }, (_, index) => region(0x8200_1000 + 0x10_0000 * index, 0x3000));
    expect(bootWith(nine)).toBe('layer: a window needs more entries than the PMP has\n');
  });
});
