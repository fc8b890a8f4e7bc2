import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkspace } from '../cli/workspace.ts';
import { findMode } from '../scenario/modes.ts';
import { loadResources } from '../scenario/resources.ts';
import { visibility, type VisibilityRow } from './visibility.ts';

const root = join(import.meta.dirname, '..', '..');
const { scenario, images } = openWorkspace(root, undefined);
const file = 'scenarios/resources.yaml';
const resources = loadResources(file, readFileSync(join(root, file), 'utf8'));

const look = (mode: string, declared = resources) => visibility(findMode(mode), scenario, images, declared);
const row = (rows: readonly VisibilityRow[], name: string) => rows.find(({ resource }) => resource === name);
const seen = (rows: readonly VisibilityRow[]) => rows.filter((each) => each.seen).map(({ resource }) => resource);

describe('what a guest can tell of the host', () => {
  const open = look('open');
  const colocated = look('colocated');
  const virtualized = look('virtualized');

  it('is in virtualized what is declared, and nothing else', () => {
    expect(seen(virtualized)).toEqual(['cycle', 'time', 'instret', 'UART, its own', 'monitor, its own']);
    for (const each of virtualized) if (each.seen) expect(each.declared, each.resource).toBe(true);
  });

  it('is more where nothing stands between', () => {
    for (const resource of ['foreign-ram', 'layer-ram', 'mtime', "UART, the neighbour's", 'sscratch']) {
      expect(row(colocated, resource)?.seen, resource).toBe(true);
      expect(row(virtualized, resource)?.seen, resource).toBe(false);
    }
  });

  it('is the interrupt of a neighbour unless the layer filters by source', () => {
    const name = "PLIC pending bits, the neighbour's";
    expect([open, colocated, look('partitioned'), virtualized].map((rows) => row(rows, name)?.seen)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('is the same with every table open, but for the CSRs that the hardware keeps twice', () => {
    const csrs = ['sscratch', 'sepc', 'scause', 'stval', 'stvec'];
    expect(seen(open)).toEqual(expect.arrayContaining(seen(colocated).filter((name) => !csrs.includes(name))));
    for (const name of csrs) expect([row(open, name)?.answer, row(open, name)?.seen]).toEqual(['value', false]);
  });

  it('is nothing of the CSRs of higher privilege, in any mode', () => {
    for (const rows of [open, colocated, virtualized]) {
      const machine = rows.filter(({ group, entry }) => group === 'CSRs' && entry === 'machine-csrs');
      expect(machine.length).toBeGreaterThan(25);
      expect(machine.filter(({ answer, seen: is }) => answer === 'value' || is)).toEqual([]);
    }
  });

  it('counts as declared only what resources.yaml says of this mode', () => {
    expect(look('virtualized', {}).filter(({ declared }) => declared)).toEqual([]);
    expect(row(virtualized, "PLIC pending bits, the neighbour's")?.declared).toBe(false);
    expect(row(colocated, "PLIC pending bits, the neighbour's")?.declared).toBe(true);
  });

  it('is the same at every look', () => {
    expect(look('virtualized')).toEqual(virtualized);
  });
});

describe('the status of a neighbour’s disk', () => {
  const withDisk = openWorkspace(root, join(root, 'scenarios/disk.yaml'));
  const name = "disk, the neighbour's";
  const statusIn = (mode: string) =>
    row(visibility(findMode(mode), withDisk.scenario, withDisk.images, resources), name);

  it('is seen where nothing stands between, and nowhere else', () => {
    expect(statusIn('colocated')).toMatchObject({ entry: 'foreign-disk', answer: 'value', seen: true });
    expect(statusIn('virtualized')).toMatchObject({ seen: false });
    expect(row(look('colocated'), name)).toBeUndefined();
  });
});
