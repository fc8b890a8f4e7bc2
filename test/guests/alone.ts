// One built guest alone on the machine, in `native`: what it prints and puts out.
import type { Machine } from '../../src/machine/index.ts';
import { createMachine } from '../../src/machine/index.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';

export const CYCLES = 150_000_000;
export interface Wish {
  readonly image: string;
  readonly args?: string;
  readonly dma?: boolean;
  /** What is on its disk; its length is the disk's. */
  readonly disk?: Uint8Array;
  readonly seed?: number;
  readonly bug?: { readonly number: number; readonly target?: bigint; readonly value?: bigint; readonly work?: bigint };
  readonly arguments?: readonly bigint[];
  readonly cycles?: number;
}

function withDisk(plan: BootPlan, image: Uint8Array | undefined): BootPlan {
  if (image === undefined) return plan;
  return { ...plan, machine: { ...plan.machine, virtio: [{ slot: 0, owner: 0, kind: 'block', image }] } };
}

/** The guest alone, in a slot that is not the shipped scenario's. */
export function boot(wish: Wish): Machine {
  const text = `machine: { ram: 32M }
guests: { it: { image: ${wish.image}, memory: 0x80600000+4M, dma: ${wish.dma ?? true}${wish.disk ? ', disk: 64K' : ''}, args: "${wish.args ?? 'panic=halt'}" } }`;
  const loaded = loadScenario('test.yaml', text);
  const [plan] = planBoots(findMode('native'), loaded.scenario, openImages(loaded, readBuiltImage));
  if (plan === undefined) throw new Error('nothing to boot');
  const machine = bootScenario(createMachine, withDisk(plan, wish.disk));
  const [monitor] = machine.monitors;
  monitor?.setSeed(wish.seed ?? 0);
  monitor?.setMailbox({
    bug: BigInt(wish.bug?.number ?? 0),
    target: wish.bug?.target ?? 0n,
    value: wish.bug?.value ?? 0n,
    work: wish.bug?.work ?? 3n,
    args: wish.arguments ?? [],
  });
  return machine;
}

export interface Ran {
  readonly machine: Machine;
  readonly words: bigint[];
  readonly console: string;
  readonly crash: bigint | undefined;
}

export function run(wish: Wish): Ran {
  const machine = boot(wish);
  machine.run(wish.cycles ?? CYCLES);
  const [monitor] = machine.monitors;
  return {
    machine,
    words: monitor?.outputs.words() ?? [],
    console: machine.consoles[0]?.text() ?? '',
    crash: monitor?.crash,
  };
}
