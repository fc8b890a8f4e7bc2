// Slots that lie elsewhere than their guests believe: where a mode translates, faults do what they do in place.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPerformer, labOf } from '../src/cli/tasks.ts';
import { openWorkspace, type Workspace } from '../src/cli/workspace.ts';
import { bootProbe } from '../src/faults/boot-rig.ts';
import { conduct } from '../src/faults/plan.ts';
import type { ExperimentRecord } from '../src/faults/records.ts';
import { findMode } from '../src/scenario/modes.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'taco-shifted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scenario(placement: string): Workspace {
  const text = readFileSync(join(root, 'scenarios/taco.yaml'), 'utf8')
    .replace('placement: identity', `placement: ${placement}`)
    .replaceAll('work: 64,', 'work: 16, dma: false,')
    .replaceAll('args: "', 'args: "work=16 ');
  const path = join(folder, `${placement}.yaml`);
  writeFileSync(path, text);
  return openWorkspace(root, path);
}

const [there, here] = [scenario('shifted'), scenario('identity')];
const labs = { shifted: labOf(there), identity: labOf(here) };

/** All but what names the scenario, and what time a layer with other numbers in its tables takes. */
const comparable = ({ id: _, stateHash, outcome, ...record }: ExperimentRecord) => ({
  ...record,
  effects: [],
  outcome: { ...outcome, bystanders: outcome.bystanders.map(({ instretAfter: __, ...own }) => own) },
});

describe('shifted slots', () => {
  it('are shifted where a mode translates, and nowhere else', () => {
    for (const { memory, physicalBase } of there.scenario.guests) expect(physicalBase).not.toBe(memory.base);
    for (const { physicalBase, memory, index } of labs.shifted.rig('virtualized').guests) {
      expect(physicalBase).toBe(there.scenario.guests[index]?.physicalBase);
      expect(labs.shifted.rig('colocated').guests[index]?.physicalBase).toBe(memory.base);
    }
  });

  it.each([
    ['MEM-14', 'rtos', 0],
    ['MEM-15', 'rtos', 0],
    ['TIM-11', 'unix', 0],
    ['HWF-1', 'rtos', 3],
    ['HWF-1', 'unix', 4],
    ['HWF-4-data', 'unix', 2],
    ['HWF-4-text', 'rtos', 1],
    ['HWF-4-text', 'unix', 7],
    ['HWF-7', 'rtos', 2],
    ['HWF-9', 'unix', 1],
    ['SWF-WVAV', 'rtos', 2],
    ['own-fault', 'unix', 1],
    ['sham', 'rtos', 1],
  ])('change nothing of what %s of %s, fault %i, does', (name, from, n) => {
    const id = { class: name, mode: 'virtualized', from, seed: 1, n };
    const [shifted, identity] = [conduct(labs.shifted, id), conduct(labs.identity, id)];
    expect(comparable(shifted)).toEqual(comparable(identity));
    expect(shifted.injected).toBe(true);
    expect(shifted.outcome.harnessError).toBe('');
  });

  it('still show a fault that reaches the neighbour where nothing translates', () => {
    const { outcome, effects } = conduct(labs.shifted, {
      class: 'MEM-14',
      mode: 'colocated',
      from: 'rtos',
      seed: 1,
      n: 0,
    });
    expect(outcome.bystanders[0]?.endpoints).toMatchObject({ reached: true, failed: true });
    expect(effects[0]?.symbol).toBe('unix:trap_entry');
  });

  it('are swept where the others lie and where they would be looked for, and nothing is reached', () => {
    const at = bootProbe(findMode('virtualized'), there.scenario, there.images, 0);
    const holds = (address: number) => at.pages.some(({ base, size }) => address >= base && address < base + size);
    const [own, other] = there.scenario.guests;
    if (own === undefined || other === undefined) throw new Error('two guests are needed');
    expect(holds(other.memory.base)).toBe(true);
    expect(holds(own.memory.base)).toBe(false);
    const elsewhere = other.physicalBase + other.memory.size - 4096;
    const isOwn = elsewhere >= own.memory.base && elsewhere < own.memory.base + own.memory.size;
    expect(holds(elsewhere)).toBe(!isOwn);
    const rows = createPerformer(there)({ kind: 'pages', mode: 'virtualized', guest: 0 });
    const tried = rows.reduce((sum, row) => sum + (row.kind === 'reach' ? row.row.tried : 0), 0);
    expect(tried).toBe(2 * at.pages.reduce((sum, { size }) => sum + size / 4096, 0));
    expect(rows.some((row) => row.kind === 'reach' && row.row.reached > 0)).toBe(false);
  });
});
