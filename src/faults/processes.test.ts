import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directedClasses, findClass } from './catalogue.ts';
import { canStrike } from './experiments.ts';
import { isActOfProcesses, PROCESS_ACTS, PROCESS_POLL } from './processes.ts';

const script = readFileSync(join(import.meta.dirname, '..', '..', 'scenarios', 'linux-init.sh'), 'utf8');
const isDone = (id: string): boolean => isActOfProcesses(findClass(id) ?? {});

describe('acts of processes', () => {
  it('are those of the script, by their numbers', () => {
    const cases = [...script.matchAll(/^ {4}(\d+)\)/gm)].map(([, number]) => Number(number));
    expect(cases).toEqual([...PROCESS_ACTS].sort((a, b) => a - b));
  });

  it('are known of every class, aimed at nothing', () => {
    for (const fault of directedClasses) expect(() => isActOfProcesses(fault), fault.id).not.toThrow();
    // A store, a load, a transfer, a call that busybox has, and what only processes do.
    for (const id of ['MEM-14', 'MEM-2', 'DMA-1', 'PRV-5a', 'PRV-5b', 'TIM-6-fork']) expect(isDone(id), id).toBe(true);
    // What needs a kernel: a register, a page table, an instruction, interrupts masked.
    for (const id of ['PRV-1-satp', 'MEM-11', 'PRV-2-mret', 'TIM-2', 'HCL-1']) expect(isDone(id), id).toBe(false);
    expect(isDone('HWF-1')).toBe(false);
  });

  it('are struck by a guest whose kernel knows the poll, and others by none without a saboteur', () => {
    const hasPlace = (guest: string, place: string) =>
      guest === 'process' ? place === PROCESS_POLL : guest === 'own' && place === 'saboteur_poll';
    const strikes = (from: string) =>
      ['MEM-14', 'TIM-6-fork', 'TIM-2'].filter((id) => canStrike(hasPlace, id, 'x', from));
    expect(strikes('process')).toEqual(['MEM-14', 'TIM-6-fork']);
    expect(strikes('own')).toEqual(['MEM-14', 'TIM-2']);
    expect(strikes('stranger')).toEqual([]);
  });
});
