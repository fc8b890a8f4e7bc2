// Holes of a hypervisor that a forgiving TLB hides: the same machine code, with one word of its data changed.
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, type Translation } from '../../src/machine/index.ts';
import { type BootPlan, bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { openShipped } from '../onboard/boot-guests.ts';

const { scenario, images } = openShipped();
const [plan] = planBoots(findMode('virtualized'), scenario, images);
const GSTAGE_ROOT_SIZE = 0x4000;
/** The hypervisor has made its tables, the guests have begun. */
const BOOTED = 5_000_000;
const END = 70_000_000;
const RTOS = 0;
const UNIX = 1;
const SEEDS = [1, 2, 3];

/** hgatp of a guest, as the hypervisor keeps it. */
function hgatpOf(boot: BootPlan, guest: number, vmid: number): bigint {
  const roots = boot.layers.get('hypervisor')?.address('gstage_roots') ?? 0;
  return (8n << 60n) | (BigInt(vmid) << 44n) | BigInt((roots + guest * GSTAGE_ROOT_SIZE) / 0x1000);
}

/** Gives unix the VMID of rtos (S04 of the catalogue). */
function shareVmid(machine: Machine, boot: BootPlan): void {
  const table = boot.layers.get('hypervisor')?.address('vms') ?? 0;
  const vms = machine.read(table, 0x1000);
  const view = new DataView(vms.buffer);
  for (let at = 0; at + 8 <= vms.length; at += 8) {
    if (view.getBigUint64(at, true) !== hgatpOf(boot, UNIX, UNIX + 1)) continue;
    const shared = new Uint8Array(8);
    new DataView(shared.buffer).setBigUint64(0, hgatpOf(boot, UNIX, RTOS + 1), true);
    machine.write(table + at, shared);
    return;
  }
  throw new Error('the hypervisor keeps no hgatp of unix where it was looked for');
}

/** Do all guests deliver their work, and touch nothing foreign? */
function unharmed(translation: Translation, seeded: boolean): boolean {
  if (plan === undefined) throw new Error('virtualized boots nothing');
  const machine = bootScenario(createMachine, { ...plan, machine: { ...plan.machine, translation } });
  machine.run(BOOTED);
  if (seeded) shareVmid(machine, plan);
  machine.run(END);
  const done = plan.guests.every(({ index }) => machine.monitors[index]?.ended === true);
  return done && machine.ledger.entries.length === 0;
}

const adversarial = (seed: number): Translation => ({ kind: 'adversarial', seed, layer: true, guest: false });

describe('two guests under one VMID', () => {
  it('get on with each other under the finite TLB', () => {
    expect(unharmed({ kind: 'finite' }, true)).toBe(true);
  });

  it('meet each other’s translations in adversarial caches', () => {
    expect(SEEDS.map((seed) => unharmed(adversarial(seed), true))).toEqual(SEEDS.map(() => false));
  });

  it('do not, each under its own', () => {
    expect(SEEDS.map((seed) => unharmed(adversarial(seed), false))).toEqual(SEEDS.map(() => true));
  });
});
