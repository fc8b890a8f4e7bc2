// Factors that move or size what guests have: a slot that lies elsewhere than its guest believes, and the neighbour's share
// of RAM. Neither may change what comes out.
import { describe, expect, it } from 'vitest';
import { constants, layouts } from '../../images/index.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootPlan, openShipped, runToEnd, runUntil, SHARED_MODES } from './boot-guests.ts';

const CYCLES = 300_000_000;
const RTOS = 0;
const UNIT = 20;

function planOf(mode: ModeName, edit: (text: string) => string): BootPlan {
  const { scenario, images } = openShipped(edit);
  const [plan] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  return plan;
}

const small = (text: string): string =>
  text
    .replace('0x82000000+32M', '0x82000000+2M')
    .replace('0x84000000+64M', '0x84000000+4M')
    .replaceAll('work: 64,', 'work: 64, dma: false,');
const shifted = (text: string): string =>
  small(text)
    .replace('placement: identity', 'placement: shifted')
    .replace(/modes: .*/, 'modes: [virtualized]');

function outcome({ machine, monitor, plan }: Booted): object[] {
  expect(machine.ledger.entries).toEqual([]);
  return plan.guests.map(({ index }) => ({
    words: monitor(index).outputs.words(),
    console: machine.consoles[index]?.text(),
    crash: monitor(index).crash,
  }));
}

function run(plan: BootPlan): object[] {
  const booted = bootPlan('virtualized', plan);
  runToEnd(booted, CYCLES);
  return outcome(booted);
}

describe('a slot that lies elsewhere than its guest believes', () => {
  const plan = planOf('virtualized', shifted);

  it('lies elsewhere, with the same bytes', () => {
    for (const { memory, physicalBase, deviceTree } of plan.guests) {
      expect(physicalBase).not.toBe(memory.base);
      expect(deviceTree.base - physicalBase).toBe(memory.size - 0x1_0000);
    }
    const guests = (of: BootPlan): string[] =>
      of.loads.filter(({ name }) => /^(rtos|unix)/.test(name)).map(({ bytes }) => Buffer.from(bytes).toString('hex'));
    expect(guests(plan)).toEqual(guests(planOf('virtualized', small)));
  });

  it('changes nothing of what the guest does', () => {
    expect(run(plan)).toEqual(run(planOf('virtualized', small)));
  });

  it('is where a restart puts the guest again', () => {
    const booted = bootPlan('virtualized', plan);
    const mailbox = {
      bug: BigInt(constants.BUG_SBI_RESET),
      target: 0n,
      value: 1n << 32n,
      work: BigInt(UNIT),
      args: [],
    };
    booted.monitor(RTOS).setMailbox(mailbox);
    runUntil(booted, 'at work again', () => booted.monitor(RTOS).outputs.count > UNIT, CYCLES);
    booted.monitor(RTOS).setMailbox({ ...mailbox, bug: 0n });
    runToEnd(booted, CYCLES);
    expect(booted.monitor(RTOS).outputs.count).toBe(UNIT + 64);
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('exposes a hypervisor that does not translate: nobody gets anywhere', () => {
    const loads = plan.loads.map((load) => {
      if (load.name !== 'config') return load;
      const bytes = load.bytes.slice();
      const view = new DataView(bytes.buffer);
      const { fields, size } = layouts.region_config;
      for (let index = 0; index < view.getUint32(layouts.config.fields.region_count.offset, true); index++) {
        const at = layouts.config.fields.regions.offset + index * size;
        view.setBigUint64(at + fields.spa.offset, view.getBigUint64(at + fields.gpa.offset, true), true);
      }
      return { ...load, bytes };
    });
    const booted = bootPlan('virtualized', { ...plan, loads });
    booted.machine.run(20_000_000);
    for (const { index } of plan.guests) expect(booted.monitor(index).outputs.count).toBe(0);
  });
});

describe.each(SHARED_MODES)('the neighbour’s share of RAM, when %s,', (mode) => {
  const share = (rtos: number, unix: number) => (text: string) =>
    text
      .replace('0x82000000+32M', `0x80400000+${rtos}M`)
      .replace('0x84000000+64M', `0x${(0x8040_0000 + rtos * 2 ** 20).toString(16)}+${unix}M`);
  const wordsOf = (edit: (text: string) => string): object[] => {
    const booted = bootPlan(mode, planOf(mode, edit));
    runToEnd(booted, CYCLES);
    expect(booted.machine.ledger.entries).toEqual([]);
    return booted.plan.guests.map(({ index }) => booted.monitor(index).outputs.words());
  };

  it('may be a tenth, a half or nine tenths, and everybody works the same', () => {
    const [tenth, half, most] = [share(110, 12), share(60, 62), share(12, 110)].map(wordsOf);
    expect(tenth).toEqual(half);
    expect(most).toEqual(half);
  });
});
