// What was chosen and not measured, hence swept: timing parameters of the machine, and choices of the software on it.

import { GUEST_ISA, guestDeviceTree, INORDER, type Timing } from '../machine/index.ts';
import type { BootPlan } from '../scenario/boot.ts';
import type { Mode } from '../scenario/mode.ts';

export interface Setting {
  readonly parameter: string;
  /** "x0.5", or a value of its own. */
  readonly setting: string;
  readonly timing?: Partial<Timing>;
  /** Greatest leaf of a G-stage, in bytes. */
  readonly leaf?: number;
  /** The guest finds no timer of its own and asks the layer for ticks. */
  readonly timerByCall?: true;
  /** Ticks a second of the workload that computes under a timer. */
  readonly tickRate?: number;
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** No cost may be less than a cycle. */
const scaled = (value: number, factor: number): number => Math.max(1, Math.round(value * factor));

function factors(parameter: string, change: (factor: number) => Partial<Timing>): Setting[] {
  return [0.5, 2].map((factor) => ({ parameter, setting: `x${factor}`, timing: change(factor) }));
}

/** How things are where nothing is said. */
export const DEFAULT_SETTING: Setting = { parameter: 'none', setting: 'as chosen' };

/** With what goes with it: the return, writes of CSRs, fences. */
const trapCost = (factor: number): Partial<Timing> => ({
  trap: scaled(INORDER.trap, factor),
  csrWrite: scaled(INORDER.csrWrite, factor),
  cost: { ...INORDER.cost, return: scaled(INORDER.cost.return, factor), fence: scaled(INORDER.cost.fence, factor) },
});

export const settings: readonly Setting[] = [
  ...factors('MMIO', (factor) => ({ mmio: scaled(INORDER.mmio, factor) })),
  ...factors('trap', trapCost),
  ...factors('walk reference', (factor) => ({ walkReference: scaled(INORDER.walkReference, factor) })),
  ...[0.5, 0.25].map((factor) => ({
    parameter: 'L2 TLB entries',
    setting: `x${factor}`,
    timing: { secondLevelSets: INORDER.secondLevelSets * factor },
  })),
  { parameter: 'G-stage leaf', setting: '2 MiB', leaf: 2 * MEBIBYTE },
  { parameter: 'G-stage leaf', setting: '4 KiB', leaf: 4 * KIBIBYTE },
  { parameter: 'timer', setting: 'by SBI call', timerByCall: true },
  ...[100, 1000, 10_000].map((tickRate) => ({ parameter: 'tick rate', setting: `${tickRate} Hz`, tickRate })),
];

export const settingName = ({ parameter, setting }: Setting): string =>
  parameter === DEFAULT_SETTING.parameter ? setting : `${parameter} ${setting}`;

export const TIMER_BY_CALL = 'timer by SBI call';

/** By their names: none is the default, several are all of them at once. */
export function settingOf(names: readonly string[]): Setting {
  const all = names.map((name) => {
    const found = settings.find((setting) => settingName(setting) === name);
    if (found === undefined) throw new RangeError(`there is no setting ${name}`);
    return found;
  });
  const [first = DEFAULT_SETTING] = all;
  if (all.length < 2) return first;
  const timing = Object.assign({}, ...all.map((setting) => setting.timing ?? {}));
  return { ...Object.assign({}, ...all), parameter: 'together', setting: names.join(', '), timing };
}

/** The mode with smaller leaves, where it has a G-stage at all. */
export function modeUnder(mode: Mode, { leaf }: Setting): Mode {
  if (leaf === undefined) return mode;
  return {
    ...mode,
    arrange: (scenario) =>
      mode.arrange(scenario).map((arrangement) => ({
        ...arrangement,
        regions: arrangement.regions.map((region) => ({ ...region, leaf: Math.min(region.leaf, leaf) })),
      })),
  };
}

function withoutTimer(plan: BootPlan): BootPlan {
  const isa = GUEST_ISA.replace('_sstc', '');
  const trees = new Map(
    plan.guests.map(({ name, index, memory, bootargs, dma }) => [
      `${name}.dtb`,
      guestDeviceTree({ guest: index, ram: memory, bootargs, dma, isa }),
    ]),
  );
  return { ...plan, loads: plan.loads.map((load) => ({ ...load, bytes: trees.get(load.name) ?? load.bytes })) };
}

/** Several harts take turns in rounds as short as they go: what one of them, or a device, tells another comes when the round
 * ends, and a long one would be most of what is measured. */
export function inStep(plan: BootPlan): BootPlan {
  if ((plan.machine.harts ?? 1) === 1) return plan;
  return { ...plan, machine: { ...plan.machine, schedule: { kind: 'fine', seed: 0 } } };
}

export function planUnder(plan: BootPlan, { timing, timerByCall }: Setting): BootPlan {
  const told = inStep(timerByCall ? withoutTimer(plan) : plan);
  return timing === undefined ? told : { ...told, machine: { ...told.machine, timing: { ...INORDER, ...timing } } };
}
