// Debian's kernel as a guest beside others, by scenarios/linux-*.yaml: the same machine in every mode.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootRig } from '../src/faults/boot-rig.ts';
import { createLab } from '../src/faults/lab.ts';
import type { Lab } from '../src/faults/plan.ts';
import { createMachine, type Machine } from '../src/machine/index.ts';
import { type BootPlan, bootScenario, planBoots } from '../src/scenario/boot.ts';
import { Awaited } from '../src/scenario/dialogue.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import type { Guest } from '../src/scenario/scenario.ts';
import { readImage } from './scenario-images.ts';

const root = join(import.meta.dirname, '..');
/** The console is looked at this often. */
const SLICE = 1_000_000;
/** Of the machine, for one awaited text: three times what a boot takes. */
const PATIENCE = 2_000_000_000;

export interface OpenedScenario {
  readonly guest: (name: string) => Guest;
  /** The boot in which that guest takes part. */
  readonly planOf: (mode: string, guest: Guest) => BootPlan;
}

/** @param files in place of those beside the scenario */
export function openScenario(
  file: string,
  change: (text: string) => string = (text) => text,
  files: Readonly<Record<string, string>> = {},
): OpenedScenario {
  const loaded = loadScenario(file, change(readFileSync(join(root, file), 'utf8')));
  const images = openImages(loaded, (source) => {
    const text = source.kind === 'file' ? files[source.path] : undefined;
    return text === undefined ? readImage(source) : { bytes: new TextEncoder().encode(text), sha256: text };
  });
  return {
    guest: (name) => {
      const guest = loaded.scenario.guests.find((candidate) => candidate.name === name);
      if (guest === undefined) throw new Error(`${file} has no ${name}`);
      return guest;
    },
    planOf: (mode, guest) => {
      const plan = planBoots(findMode(mode), loaded.scenario, images).find(({ guests }) =>
        guests.some(({ index }) => index === guest.index),
      );
      if (plan === undefined) throw new Error(`${mode} does not boot ${guest.name}`);
      return plan;
    },
  };
}

export interface LinuxScenario {
  readonly linux: number;
  readonly rtos: number;
  readonly boundTicks: number;
  /** The boot in which Linux takes part. */
  readonly planOf: (mode: string) => BootPlan;
  /** Experiments in the shared modes. */
  readonly lab: () => Lab;
}

let kept: LinuxScenario | undefined;

/** Reads 34 MB, once, and only where a test needs it. */
export function linuxScenario(): LinuxScenario {
  kept ??= changedScenario((text) => text, {});
  return kept;
}

/** @param files in place of those beside the scenario */
export function changedScenario(
  change: (text: string) => string,
  files: Readonly<Record<string, string>>,
): LinuxScenario {
  const opened = openScenario('scenarios/linux-rtos.yaml', change, files);
  const [linux, rtos] = [opened.guest('linux'), opened.guest('rtos')];
  const planOf = (mode: string): BootPlan => opened.planOf(mode, linux);
  const lab = (): Lab => createLab('0badcafe', (mode) => bootRig(planOf(mode)));
  return { lab, linux: linux.index, rtos: rtos.index, boundTicks: rtos.boundTicks, planOf };
}

export const linuxLab = (): Lab => linuxScenario().lab();

export const bootLinux = (plan: BootPlan): Machine => bootScenario(createMachine, plan);

/** Runs until that guest's console says it, and not a slice longer. */
export function runUntilSaid(machine: Machine, guest: number, text: string, patience = PATIENCE): void {
  const awaited = new Awaited(text);
  const end = machine.probe.on('console', ({ from, byte }) => {
    if (from === guest) awaited.hear(byte);
  });
  const limit = machine.cycles + patience;
  while (!awaited.seen && machine.cycles < limit && machine.run(machine.cycles + SLICE).kind === 'limit');
  end();
  if (awaited.seen) return;
  const said = machine.consoles[guest]?.text().slice(-2000);
  throw new Error(`"${text}" did not come; the end was\n${said}\n${machine.layerConsole.text()}`);
}

export function typeText(machine: Machine, guest: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  if (machine.input(guest, bytes) !== bytes.length) throw new Error(`no room to type "${text}"`);
}
