import { describe, expect, it } from 'vitest';
import { catalogue, directedClasses, findClass } from './catalogue.ts';
import type { Aim, AimGuest } from './classes/fault-class.ts';
import { BUG } from './saboteur.ts';

function guest(index: number, symbols: Record<string, number>): AimGuest {
  return {
    index,
    dmaSource: 16 + index,
    memory: { base: 0x8200_0000 + 0x200_0000 * index, size: 0x200_0000 },
    symbol(name) {
      const address = symbols[name];
      if (address === undefined) throw new RangeError(name);
      return address;
    },
  };
}

const PLACES = { context_switch: 0x8400_2b22, stack_word: 0x8400_bee0, root_entry: 0x8400_7010 };

const aim: Aim = {
  from: guest(0, { canary: 0x8200_5000 }),
  to: guest(1, { trap_entry: 0x8400_21c0, canary: 0x8400_5000, work_data: 0x8400_7008, ...PLACES }),
  layerTrapHandler: 0x8000_0400,
  firmware: 0x8000_0000,
  board: {
    finisher: 0x10_0000,
    finisherPass: 0x5555,
    mtimecmp: 0x200_4000,
    mtime: 0x200_bff8,
    doorbell: 0x1003_0000,
    plicMachineEnable: 0xc00_2000,
    dma: (index) => 0x1004_0000 + 0x1000 * index,
    plicPriority: (source) => 0xc00_0000 + 4 * source,
  },
};

const armed = (id: string) => findClass(id)?.arm?.(aim);

describe('catalogue', () => {
  it('names each class once', () => {
    const ids = catalogue.map((fault) => fault.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every number of every group', () => {
    const numbers = (group: string) =>
      catalogue.filter((fault) => fault.group === group).map((fault) => fault.id.slice(group.length + 1));
    const upTo = (last: number) => Array.from({ length: last }, (_, index) => String(index + 1));
    expect(numbers('MEM').filter((number) => !number.includes('-'))).toEqual(upTo(15));
    /** Without what stands behind a second hyphen: parts of one class. */
    const whole = (group: string) => [...new Set(numbers(group).map((number) => number.split('-')[0]))];
    expect(whole('TIM')).toEqual(upTo(14));
    expect(whole('XCH')).toEqual(upTo(13));
    expect(whole('PRV')).toEqual(['1', '2', '3', '4', '5a', '5b', '6', '7', '8']);
    expect(whole('DMA')).toEqual(upTo(9));
    expect(whole('IRQ')).toEqual(upTo(9));
    expect(whole('HCL')).toEqual(upTo(10));
    expect(numbers('HWF').filter((number) => !number.includes('-'))).toEqual(upTo(16));
    // The pooled class, and one for each operator.
    expect(numbers('SWF')).toHaveLength(1 + 19);
  });

  it('says why, exactly where a class cannot be run', () => {
    for (const fault of catalogue) expect(fault.why === '', fault.id).toBe(fault.expressible);
    expect(directedClasses.map((fault) => fault.id)).toEqual(
      expect.arrayContaining([
        'MEM-1',
        'MEM-1-text',
        'MEM-1-stack',
        'MEM-1-table',
        'MEM-2',
        'MEM-14',
        'MEM-15',
        'TIM-2',
        'TIM-8',
        'PRV-4',
        'PRV-5a',
        'PRV-5b',
        'DMA-1',
      ]),
    );
  });

  it('arms directed classes, and draws random ones', () => {
    for (const fault of catalogue) {
      expect(fault.draw !== undefined, fault.id).toBe(fault.expressible && fault.kind === 'random');
      expect(fault.arm !== undefined, fault.id).toBe(fault.expressible && fault.kind === 'directed');
    }
  });
});

describe('arms aim at what their class names', () => {
  it.each([
    ['MEM-1', BUG.STORE64, 0x8400_7008n],
    ['MEM-1-text', BUG.STORE64, 0x8400_2b22n],
    ['MEM-1-stack', BUG.STORE64, 0x8400_bee0n],
    ['MEM-1-table', BUG.STORE64, 0x8400_7010n],
    ['MEM-2', BUG.LOAD64, 0x8400_5000n],
    ['MEM-14', BUG.STORE64, 0x8400_21c0n],
    ['MEM-15', BUG.STORE64, 0x8000_0400n],
    ['PRV-4', BUG.STORE32, 0xc00_0000n + 4n * 17n],
    ['PRV-5b', BUG.STORE32, 0x10_0000n],
    ['TIM-8', BUG.STORE64, 0x200_4000n],
    ['DMA-1', BUG.DMA, 0x8400_2000n],
    ['MEM-7', BUG.FILL, 0x8400_0000n - 64n],
    ['MEM-6', BUG.FILL_DOWN, 0x8600_0000n + 64n],
    ['MEM-11', BUG.PAGE_TABLE, 0x8400_7008n],
    ['DMA-2', BUG.DMA, 0x8400_0000n - 2048n],
    ['DMA-5', BUG.STORE64, 0x1004_1000n],
    ['DMA-8', BUG.STORE32, 0x1003_0000n],
    ['IRQ-5', BUG.STORE32, 0xc00_2000n],
    ['TIM-9', BUG.STORE64, 0x200_bff8n],
    ['TIM-11', BUG.JUMP, 0x8400_21c0n],
    ['PRV-1-hgatp', BUG.PRIVILEGED, 8n],
    ['PRV-6', BUG.STORE64, 0x8000_0000n],
    ['HCL-2-layer', BUG.CALL, 0x4442_434en],
    ['XCH-12', BUG.CALL_FOR_EVER, 0x0900_7ac0n],
  ])('%s', (id, bug, target) => {
    expect(armed(id)).toMatchObject({ bug, target });
  });

  it('with the values that make them bugs', () => {
    expect(armed('MEM-1-text')?.value).toBe(0n);
    expect(armed('MEM-1-stack')?.value).not.toBe(0n);
    expect(armed('MEM-1-table')?.value).toBe(0n);
    expect(armed('PRV-5b')?.value).toBe(0x5555n);
    expect(armed('TIM-8')?.value).toBe(2n ** 64n - 1n);
    expect(armed('PRV-4')?.value).toBe(0n);
    expect(armed('TIM-2')?.bug).toBe(BUG.SPIN_MASKED);
    expect(armed('PRV-5a')?.bug).toBe(BUG.SBI_RESET);
  });
});
