import { describe, expect, it } from 'vitest';
import { smallImages, smallLab, smallScenario } from '../../test/small-scenario.ts';
import { inject, prepare } from './acts.ts';
import { catalogue } from './catalogue.ts';
import { approach } from './experiment.ts';
import { canStrike, randomExperiments } from './experiments.ts';
import type { Act, Fault } from './fault.ts';
import { placesOf } from './places.ts';
import { conduct, faultOf } from './plan.ts';
import { Random } from './random.ts';
import { type Rig, restore, rigGuest } from './rig.ts';
import { supervisorCsr } from './supervisor-csr.ts';

const lab = smallLab();
const hasPlace = placesOf(smallScenario, smallImages);
const classes = catalogue.filter(({ draw }) => draw !== undefined);
const id = (fault: string, n = 0, mode = 'colocated', from = 'unix') => ({ class: fault, mode, from, seed: 1, n });
const MODES = ['colocated', 'virtualized'] as const;

/** Bits of RAM of a guest that differ from before, as `address bit`. */
function bitsChanged(rig: Rig, from: number, change: () => void): string[] {
  const { base, size } = slotOf(from);
  const before = rig.machine.read(base, size);
  change();
  const after = rig.machine.read(base, size);
  const found: string[] = [];
  for (let at = 0; at < size; at++) {
    const difference = (before[at] ?? 0) ^ (after[at] ?? 0);
    for (let bit = 0; difference !== 0 && bit < 8; bit++)
      if ((difference >> bit) & 1) found.push(`${base + at} ${bit}`);
  }
  return found;
}

function slotOf(from: number): { readonly base: number; readonly size: number } {
  const guest = smallScenario.guests[from];
  if (guest === undefined) throw new RangeError(`no guest ${from}`);
  return guest.memory;
}

function approached(mode: string, fault: Fault): Rig {
  const rig = lab.rig(mode);
  expect(approach(rig, lab.golden(mode, fault.inputSeed), fault)).toBe(true);
  return rig;
}

/** A drawn fault with another act. */
const doing = (what: Act, n = 0): Fault => ({ ...faultOf(lab, id('HWF-1', n)), what });

/** One early enough that more than half of the guest's work is still ahead. */
function doingEarly(what: Act): Fault {
  const half = (smallScenario.guests[1]?.work ?? 0) / 2;
  const faults = Array.from({ length: 20 }, (_, n) => doing(what, n));
  const early = faults.find(({ when }) => when.unit > 0 && when.unit < half);
  if (early === undefined) throw new RangeError('no draw is early');
  return early;
}

describe.each(classes.map((fault) => fault.id))('%s', (fault) => {
  it('is the same in every mode, and the same record each time', () => {
    expect(faultOf(lab, id(fault))).toEqual(faultOf(lab, id(fault, 0, 'virtualized')));
    const record = conduct(lab, id(fault));
    expect(conduct(smallLab(), id(fault))).toEqual(record);
    expect(record.outcome.harnessError).toBe('');
    expect(record.what).not.toBe('');
  });
});

describe('flips of memory', () => {
  it.each(['HWF-4', 'HWF-4-text', 'HWF-4-data', 'HWF-4-stack', 'HWF-4-tables', 'HWF-5', 'HWF-6', 'HWF-13'])(
    '%s changes the bits that it names, in the guest and nowhere else',
    (name) => {
      for (let n = 0; n < 5; n++) {
        const fault = faultOf(lab, id(name, n));
        const rig = approached('colocated', fault);
        const { what } = fault;
        const named = what.kind === 'flip-memory' ? what.bits : what.kind === 'intermittent' ? [what.at] : [];
        const changed = bitsChanged(rig, fault.from, () => inject(rig, fault));
        expect(new Set(changed)).toEqual(new Set(named.map(({ address, bit }) => `${address} ${bit}`)));
        expect(changed.length).toBeGreaterThan(0);
      }
    },
  );

  it('lie in the region of their class, and at its ends, too', () => {
    const { space } = rigGuest(lab.rig('colocated'), 1);
    for (const [name, region] of [
      ['HWF-4-text', 'text'],
      ['HWF-4-tables', 'page tables'],
    ] as const) {
      const ranges = space.regions.find((candidate) => candidate.name === region)?.ranges ?? [];
      const draw = classes.find((candidate) => candidate.id === name)?.draw;
      for (let n = 0; n < 200; n++) {
        const what = draw?.(space, Random.seeded(n));
        const [at] = what?.kind === 'flip-memory' ? what.bits : [];
        expect(
          ranges.some(({ base, size }) => at !== undefined && at.address >= base && at.address < base + size),
        ).toBe(true);
      }
    }
    // A burst that begins with the last byte of a region has one word.
    const last = { name: 'text' as const, ranges: [{ base: 0x8080_0000, size: 1 }] };
    const burst = classes.find((candidate) => candidate.id === 'HWF-6')?.draw;
    const act = burst?.({ ...space, regions: [last] }, Random.seeded(1));
    expect(act).toMatchObject({ kind: 'flip-memory', bits: [{ address: 0x8080_0000 }] });
  });

  it('of code are activated exactly when the instruction runs', () => {
    const { space } = rigGuest(lab.rig('colocated'), 1);
    const run = smallImages.guests[1]?.elf.symbols.find((symbol) => symbol.name === 'context_switch')?.address ?? 0;
    expect(space.instructionAt(slotOf(1).base + 2)).toBe(undefined);
    const records = Array.from({ length: 12 }, (_, n) => conduct(lab, id('HWF-4-text', n)));
    for (const { activated, outcome } of records) expect(activated).toBe(outcome.faulty !== 'not activated');
    expect(records.some(({ activated }) => activated)).toBe(true);
    expect(run).toBeGreaterThan(0);
  });
});

describe('faults that last', () => {
  /** A counter of unix: its lowest bit changes with every output. */
  const at = () => {
    const symbol = smallImages.guests[1]?.elf.symbols.find(({ name }) => name === 'outputs');
    return { address: slotOf(1).base + (symbol?.address ?? 0), bit: 0 };
  };

  it('a stuck bit stays what it is however often it is written', () => {
    for (const value of [0, 1] as const) {
      const fault = doingEarly({ kind: 'stuck', at: at(), value });
      const rig = approached('colocated', fault);
      const upkeep = inject(rig, fault);
      const bit = () => (rig.machine.read(at().address, 1)[0] ?? 0) & 1;
      let writes = 0;
      for (let slices = 0; slices < 400; slices++) {
        let stop = rig.machine.run(rig.machine.cycles + 20_000);
        // A run may end right after a store; the debugger's stop is then the next thing, before any other instruction.
        if (stop.kind === 'limit' && bit() !== value) {
          const { pc } = rig.machine;
          stop = rig.machine.run(rig.machine.cycles + 20_000);
          expect(stop.kind).toBe('debug');
          expect(rig.machine.pc).toBe(pc);
        }
        if (stop.kind === 'debug') {
          writes++;
          upkeep?.keep?.();
        }
        expect(bit()).toBe(value);
      }
      expect(writes).toBeGreaterThan(5);
    }
  });

  it('an intermittent one comes as often as it says, and then no more', () => {
    const fault = doing({
      kind: 'intermittent',
      at: { address: slotOf(1).base + 0x3f_0000 - 0x2_0000, bit: 3 },
      period: 5000,
      times: 3,
    });
    const rig = approached('colocated', fault);
    const start = rig.machine.cycles;
    const upkeep = inject(rig, fault);
    const seen: number[] = [];
    for (let due = upkeep?.nextCycle?.() ?? 0; Number.isFinite(due); due = upkeep?.nextCycle?.() ?? 0) {
      seen.push(due - start);
      rig.machine.run(due);
      upkeep?.keep?.();
    }
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(5000);
  });
});

describe('registers of the guest', () => {
  it.each(MODES)('satp and its kin are the guest’s own in %s', (mode) => {
    for (const csr of ['sscratch', 'sepc', 'stval', 'stimecmp']) {
      const fault = doing({ kind: 'flip-csr', csr, bit: 5 });
      const rig = approached(mode, fault);
      const [port] = rig.machine.ports;
      if (port === undefined) throw new Error('no hart');
      expect(port.mode.startsWith('V')).toBe(mode === 'virtualized');
      const { row, shift } = supervisorCsr(csr, port.mode);
      expect(row.name).toBe(mode === 'virtualized' ? `v${csr}` : csr);
      const before = port.csr(row);
      inject(rig, fault);
      expect(port.csr(row)).toBe(before ^ (1n << BigInt(5 + shift)));
    }
  });

  it('a pending bit is the one that the guest sees in sip', () => {
    expect(supervisorCsr('sip', 'VU')).toMatchObject({ row: { name: 'hvip' }, shift: 1 });
    expect(supervisorCsr('sip', 'U')).toMatchObject({ row: { name: 'mip' }, shift: 0 });
    expect(() => supervisorCsr('nothing', 'S')).toThrow(RangeError);
  });

  it('the program counter moves by the bit', () => {
    const fault = doing({ kind: 'flip-pc', bit: 12 });
    const rig = approached('colocated', fault);
    inject(rig, fault);
    expect(rig.machine.pc).toBe(fault.when.pc ^ 0x1000n);
  });
});

describe('an instruction that is decoded wrongly', () => {
  it('is in memory what it was, before and after', () => {
    for (let n = 0; n < 8; n++) {
      const fault = faultOf(lab, id('HWF-9', n));
      const rig = approached('colocated', fault);
      const { base } = slotOf(1);
      const code = rig.machine.read(base, 0x3000);
      inject(rig, fault);
      expect(rig.machine.read(base, 0x3000)).toEqual(code);
    }
  });
});

describe('a mutant', () => {
  it('is there before the first instruction, in each copy of the image', () => {
    const fault = faultOf(lab, id('SWF-MVAE', 1));
    const rig = lab.rig('colocated');
    const guest = rigGuest(rig, fault.from);
    expect(guest.imageBases).toHaveLength(2);
    restore(rig, fault.inputSeed);
    prepare(rig, fault);
    const { patches } = fault.what as Extract<Act, { kind: 'mutant' }>;
    for (const base of guest.imageBases)
      for (const { at, bytes } of patches) expect(rig.machine.read(base + at, bytes.length)).toEqual(bytes);
    const other = rigGuest(rig, 1 - fault.from);
    expect(other.imageBases.some((base) => guest.imageBases.includes(base))).toBe(false);
  });

  it('is gone with the next experiment', () => {
    conduct(lab, id('SWF', 3));
    expect(conduct(lab, id('no-fault')).outcome).toMatchObject({ faulty: 'masked', harnessError: '' });
  });

  it('strikes at its first execution, or never', () => {
    for (let n = 0; n < 10; n++) {
      const fault = faultOf(lab, id('SWF', n));
      expect(fault.when).toMatchObject({ privilege: 'S', count: 1 });
      const record = conduct(lab, id('SWF', n));
      expect(record.injected).toBe(record.activated);
      expect(record.passesSelfTest).toBeTypeOf('boolean');
    }
  });

  it('that fails its own test alone fails it among neighbours, too, and the other way round', () => {
    for (let n = 0; n < 20; n++) {
      const { passesSelfTest, outcome, exact } = conduct(lab, id('SWF', n));
      if (!exact) continue;
      expect(passesSelfTest).toBe(!['crashed', 'hung', 'wrong words'].includes(outcome.faulty));
    }
  });
});

it('a guest without page tables is not struck there', () => {
  expect(canStrike(hasPlace, 'HWF-4-tables', 'unix')).toBe(true);
  expect(canStrike(hasPlace, 'HWF-4-tables', 'rtos')).toBe(false);
  const design = { guests: ['rtos', 'unix'], modes: ['open'], seed: 1, hasPlace };
  expect(
    randomExperiments(design, 'HWF-4-tables', 3)
      .flat()
      .map(({ from }) => from),
  ).toEqual(['unix', 'unix', 'unix']);
  expect(randomExperiments(design, 'SWF-MFC', 1)).toHaveLength(2);
});
