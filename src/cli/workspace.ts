// What a command works on: a scenario with its images, read and checked, and the plan of each boot.

import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { type BootPlan, planBoots } from '../scenario/boot.ts';
import { type ImageReader, type ImageSet, openImages } from '../scenario/image-set.ts';
import { type LoadedScenario, loadScenario } from '../scenario/load.ts';
import { findMode, inReportOrder } from '../scenario/modes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { UnfitScenario } from '../faults/unfit.ts';
import type { WarmUps } from '../faults/warm-up.ts';
import { HarnessError, UsageError } from './errors.ts';
import { MOST_IMAGE_BYTES, MOST_TEXT_BYTES, openPlainFile } from './files.ts';
import { openWarmUps } from './warm-ups.ts';

export const DEFAULT_SCENARIO = 'scenarios/taco.yaml';
const STAMP_DIGITS = 8;

/** Read once, shared by everything a command does. */
export interface Workspace {
  readonly root: string;
  readonly absolute: string;
  /** As messages call it. */
  readonly file: string;
  readonly text: string;
  readonly loaded: LoadedScenario;
  readonly scenario: Scenario;
  readonly images: ImageSet;
  readonly readImage: ImageReader;
  /** Name to SHA-256 of every image and of every guest's device tree. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Where ends of warm-ups are kept; undefined: nowhere, every machine boots. */
  readonly warmUps: WarmUps | undefined;
  /** 8 hexadecimal digits of all that a run depends on: images, device trees, scenario. */
  readonly stamp: string;
}

export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** Where `npm run guests:…` puts what it fetches, and `npm run images` what it builds. */
const FROM_ROOT = ['guests/', 'images/'];

/** Where a file is that a scenario names: of the project, or beside the scenario, as loading has checked. */
export function fileOf(root: string, scenarioFile: string, path: string): string {
  return join(FROM_ROOT.some((folder) => path.startsWith(folder)) ? root : dirname(scenarioFile), path);
}

function reader(root: string, scenarioFile: string): ImageReader {
  return (source) => {
    const file =
      source.kind === 'built' ? join(root, 'images', `${source.name}.elf`) : fileOf(root, scenarioFile, source.path);
    const opened = openPlainFile(file, MOST_IMAGE_BYTES);
    return 'problem' in opened ? opened : { bytes: opened.bytes, sha256: sha256(opened.bytes) };
  };
}

/** A file as its text; `shown` is what messages call it. */
export function readInput(path: string, shown: string, remedy: string): string {
  const opened = openPlainFile(path, MOST_TEXT_BYTES);
  if ('problem' in opened) throw new UsageError(shown, opened.problem, remedy);
  return new TextDecoder().decode(opened.bytes);
}

/** The same guest must be the same bytes wherever it boots, else there is nothing to compare. Where no layer has devices for
 * it (services of a scenario), its device tree is another. */
export function hashGuests(modes: readonly string[], plansOf: (mode: string) => BootPlan[]): Record<string, string> {
  const hashes: Record<string, string> = {};
  const guestsOf = (mode: string) => plansOf(mode).flatMap((plan) => plan.guests);
  const isServed = (name: string): boolean =>
    modes.some((mode) => guestsOf(mode).some((guest) => guest.name === name && guest.virtual.length > 0));
  for (const mode of modes) {
    for (const guest of guestsOf(mode)) {
      const tree = guest.virtual.length === 0 && isServed(guest.name) ? 'unserved.dtb' : 'dtb';
      const { sha256: image, initrd, init } = guest.loadedImage;
      const parts = {
        [guest.name]: image,
        [`${guest.name}.${tree}`]: sha256(guest.deviceTree.bytes),
        ...(initrd && { [`${guest.name}.initrd`]: initrd.sha256 }),
        ...(init && { [`${guest.name}.init`]: init.sha256 }),
      };
      for (const [name, hash] of Object.entries(parts)) {
        if ((hashes[name] ?? hash) !== hash)
          throw new HarnessError(`${name} differs between modes: nothing to compare`);
        hashes[name] = hash;
      }
    }
  }
  return hashes;
}

/** A scenario before anything is understood of it. */
export interface ScenarioText {
  readonly absolute: string;
  /** As messages call it. */
  readonly file: string;
  readonly text: string;
}

export function readScenario(root: string, path: string | undefined): ScenarioText {
  const absolute = path === undefined ? join(root, DEFAULT_SCENARIO) : resolve(path);
  const file = relative(path === undefined ? root : process.cwd(), absolute).replaceAll('\\', '/');
  const text = readInput(absolute, file, 'give the path of a scenario; `taco list scenarios` shows those there are');
  return { absolute, file, text };
}

/** @param cache may ends of warm-ups be taken from the disk, and kept there? */
export function openWorkspace(root: string, path: string | undefined, cache = true): Workspace {
  const { absolute, file, text } = readScenario(root, path);
  return workspaceOf(root, absolute, file, text, cache);
}

/** From the text, so that a worker works on what the main thread read. */
export function workspaceOf(root: string, absolute: string, file: string, text: string, cache = true): Workspace {
  const loaded = loadScenario(file, text);
  const { scenario } = loaded;
  const readImage = reader(root, absolute);
  const images = openImages(loaded, readImage);
  const plansOf = (mode: string) => planBoots(findMode(mode), scenario, images);
  const layers = [...images.layers].map(([name, image]): [string, string] => [name, image.sha256]);
  const named = { ...Object.fromEntries(layers), ...hashGuests(scenario.modes, plansOf) };
  const hashes = Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
  const stamp = sha256(JSON.stringify(hashes) + text).slice(0, STAMP_DIGITS);
  const warmUps = cache ? openWarmUps(root, (sentence) => void process.stderr.write(sentence)) : undefined;
  return { root, absolute, file, text, loaded, scenario, images, readImage, hashes, stamp, warmUps };
}

/** Modes in which a guest has neighbours. */
export function sharedModesOf(scenario: Scenario): string[] {
  return inReportOrder(scenario.modes).filter((mode) =>
    findMode(mode)
      .arrange(scenario)
      .some(({ guests }) => guests.length > 1),
  );
}

/** Of a list with commas between; all of the scenario's where none is given. */
export function givenModes({ file, scenario: { modes } }: Workspace, given: string | undefined): string[] {
  const wanted = given?.split(',') ?? modes;
  for (const mode of wanted) {
    if (!modes.includes(mode)) throw new UsageError(file, `has no mode ${mode}`, `choose from ${modes.join(', ')}`);
  }
  return inReportOrder(wanted);
}

/** Does the work; a guest that cannot do its own is reported at its place in the scenario's file. */
export function locating<T>(workspace: Workspace, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnfitScenario)) throw error;
    return workspace.loaded.source.fail(['guests', error.guest, 'work'], error.what, error.remedy);
  }
}
