import { describe, expect, it } from 'vitest';
import type { Translation } from '../../src/machine/index.ts';
import { createMachine, type Machine } from '../../src/machine/index.ts';
import { machineEngine } from '../conformance/machine-engine.ts';
import { attempt, DATA, run, setCsr, VA } from '../conformance/program.ts';
import { atp, entry, levelSize, PTE, RW, Tables } from '../conformance/tables.ts';
import { GPA, on, twoStages } from '../conformance/two-stages.ts';

const machine = (translation: Translation): Machine =>
  createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 1, translation });
const adversarial = (seed: number, capacity?: number): Translation => ({
  kind: 'adversarial',
  seed,
  layer: true,
  guest: true,
  ...(capacity !== undefined && { capacity }),
});

const tables = twoStages(RW, RW | PTE.U);
/** Reads of 16 pages of a guest, over and over. */
const text = `
  ${on(tables.root, tables.guest, 1)} ${setCsr('satp', atp(tables.root))} li a3, 40
again:
  ${attempt('VS', Array.from({ length: 16 }, (_, i) => `li a0, ${VA + 0x1000 * i}\n ld a1, 0(a0)`).join('\n'))}
  ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)`)}
  addi a3, a3, -1
  bnez a3, again`;
const words = (() => {
  for (let i = 1; i < 16; i++) {
    tables.tables.map(tables.root, VA + 0x1000 * i, GPA + 0x1000 * i, RW);
    tables.tables.map(tables.guest, GPA + 0x1000 * i, 0x80200000 + 0x1000 * i, RW | PTE.U);
  }
  return tables.tables.words;
})();

/** Runs the program in pieces; hash at the end. */
function hashOf(on: Machine, pieces: number, between: (on: Machine) => void = () => {}): string {
  const engine = machineEngine(on);
  run(
    {
      ...engine,
      run: (until) => {
        for (let i = 1; i < pieces; i++) {
          const { kind } = on.run(i * 5000);
          if (kind === 'finished') return kind;
          between(on);
        }
        return engine.run(until);
      },
    },
    text,
    words,
  );
  return on.hash();
}

describe('adversarial translation caches', () => {
  it('are state: the same seed gives the same run however it is cut, another seed another', () => {
    const whole = hashOf(machine(adversarial(1)), 1);
    expect(hashOf(machine(adversarial(1)), 50)).toBe(whole);
    expect(hashOf(machine(adversarial(1)), 7)).toBe(whole);
    expect(hashOf(machine(adversarial(2)), 1)).not.toBe(whole);
  });

  it('go with snapshots', () => {
    const whole = hashOf(machine(adversarial(3)), 1);
    expect(hashOf(machine(adversarial(3)), 20, (on) => on.restore(on.snapshot()))).toBe(whole);
    let saved: ReturnType<Machine['snapshot']> | undefined;
    const on = machine(adversarial(3));
    hashOf(on, 4, () => {
      saved ??= on.snapshot();
    });
    if (saved === undefined) throw new Error('the run was not cut');
    const first = on.hash();
    on.restore(saved);
    on.run(20_000_000);
    expect(on.hash()).toBe(first);
  });

  it('say when they were full', () => {
    const roomy = machine(adversarial(1));
    hashOf(roomy, 1);
    expect(roomy.translationCapped).toBe(false);
    const narrow = machine(adversarial(1, 8));
    hashOf(narrow, 1);
    expect(narrow.translationCapped).toBe(true);
    expect(machine({ kind: 'finite' }).translationCapped).toBe(false);
  });

  it('have room for all processes of a guest that starts ever more of them', () => {
    // One table of leaves stands for all of a region of 1 GiB.
    const tables = new Tables();
    const [root, middle, leaves] = [tables.withCode(), tables.root(), tables.root()];
    const region = 4 * levelSize(2);
    tables.words.set(root + 8 * 4, entry(middle, PTE.V));
    for (let i = 0; i < 512; i++) {
      tables.words.set(middle + 8 * i, entry(leaves, PTE.V));
      tables.words.set(leaves + 8 * i, entry(DATA, RW));
    }
    const touch = `
      ${setCsr('satp', atp(root))}
      ${attempt('S', `li a0, ${region}\n li a1, 70000\n li a2, 4096\n 1: ld a3, 0(a0)\n add a0, a0, a2\n addi a1, a1, -1\n bnez a1, 1b`)}`;
    const isCapped = (capacity?: number): boolean => {
      const on = machine(adversarial(1, capacity));
      expect(run(machineEngine(on), touch, tables.words).traps).toHaveLength(1);
      return on.translationCapped;
    };
    expect([isCapped(), isCapped(69_000)]).toEqual([false, true]);
  });

  it('are empty when they are told to forget, full ones too, and then fill again', () => {
    const narrow = machine(adversarial(1, 8));
    const sizeOf = () => narrow.snapshot().harts.caches?.map(({ length }) => length);
    const empty = sizeOf();
    const seen: unknown[] = [];
    hashOf(narrow, 2, () => {
      seen.push(narrow.translationCapped);
      narrow.forgetTranslation();
      seen.push(narrow.translationCapped, sizeOf());
    });
    expect(seen).toEqual([true, false, empty]);
    expect(sizeOf()).not.toEqual(empty);
    expect(() => machine({ kind: 'finite' }).forgetTranslation()).not.toThrow();
  });

  it('refuse a size that they cannot have', () => {
    expect(() => machine(adversarial(1, 0))).toThrow(/0 entries: there can be 1 to 1048576/);
    expect(() => machine(adversarial(1, 2 ** 20 + 1))).toThrow(/1 to 1048576/);
  });
});
