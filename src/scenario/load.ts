// Reads a scenario: text in, a checked Scenario out, or an error that names file, line, column and remedy.
import type { Image } from '../../images/index.ts';
import { constants, images } from '../../images/index.ts';
import { RAM_BASE } from '../machine/board.ts';
import type { JsonSchema } from './document.ts';
import { DISK_MAX, DISK_MIN, isDiskSize } from './file-system.ts';
import { SourceDocument } from './document.ts';
import { findMode } from './modes.ts';
import { leadsOutside, scenarioName } from './paths.ts';
import { FIRST_SLOT, SLOT_ALIGNMENT, shiftedBases } from './placement.ts';
import type { Range } from './quantities.ts';
import {
  formatAddress,
  formatRange,
  formatSize,
  parseBudget,
  parseRange,
  parseSize,
  parseTicks,
  parseWindow,
} from './quantities.ts';
import type { Guest, ImageSource, RestartPolicy, Scenario } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';
import { readServices } from './services.ts';
import { scenarioJsonSchema, scenarioSchema } from './schema.ts';

/** Guest RAM and its snapshot share one WebAssembly memory. */
const MAX_RAM = 2 ** 30;

/** Images that run in a slot. */
const builtGuests = Object.entries<Image>(images)
  .filter(([, image]) => image.linkedAt === 'slot')
  .map(([name]) => name);

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** For what is found wrong later, an image for example. */
  readonly source: SourceDocument;
}

/** The schema has seen that it parses. */
function certain<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a quantity that the schema accepts does not parse');
  return value;
}

/** The schema has seen that one of them is there. */
function readImage({ image = '', kernel }: ScenarioDocument['guests'][string]): ImageSource {
  if (kernel !== undefined) return { kind: 'file', path: kernel };
  return image.endsWith('.elf') ? { kind: 'file', path: image } : { kind: 'built', name: image };
}

function readGuest(name: string, index: number, { guests, factors }: ScenarioDocument): Guest {
  const fields = certain(guests[name]);
  return {
    index,
    name,
    image: readImage(fields),
    initrd: fields.initrd,
    init: fields.init,
    memory: certain(parseRange(fields.memory)),
    physicalBase: certain(parseRange(fields.memory)).base,
    hart: factors.cpus === 'dedicated' ? index : 0,
    priority: fields.priority,
    budget: fields.budget === undefined ? undefined : certain(parseBudget(fields.budget)),
    window: fields.window === undefined ? undefined : certain(parseWindow(fields.window)),
    watchdogTicks: fields.watchdog === undefined ? undefined : certain(parseTicks(fields.watchdog)),
    work: fields.work,
    boundTicks: certain(parseTicks(fields.bound)),
    bootargs: fields.args,
    dma: fields.dma,
    disk: fields.disk === undefined ? undefined : certain(parseSize(fields.disk)),
  };
}

const alignUp = (value: number): number => Math.ceil(value / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;

export function checkRam(source: SourceDocument, ramSize: number): void {
  const least = constants.LAYER_MEMORY_SIZE + SLOT_ALIGNMENT;
  const what = `${formatSize(ramSize)} is not a usable size of RAM`;
  if (ramSize < least) source.fail(['machine', 'ram'], what, `use at least ${formatSize(least)}`);
  if (ramSize > MAX_RAM) source.fail(['machine', 'ram'], what, `use at most ${formatSize(MAX_RAM)}`);
  if (ramSize % SLOT_ALIGNMENT)
    source.fail(['machine', 'ram'], what, `use a multiple of ${formatSize(SLOT_ALIGNMENT)}`);
}

function checkSlot(source: SourceDocument, guest: Guest, ram: Range): void {
  const path = ['guests', guest.name, 'memory'];
  const { base, size } = guest.memory;
  const shown = formatRange(guest.memory);
  if (base % SLOT_ALIGNMENT) {
    const remedy = `start it at ${formatAddress(alignUp(base))} or another multiple of ${formatSize(SLOT_ALIGNMENT)}`;
    source.fail(path, `${shown} is misaligned`, remedy);
  }
  if (size === 0 || size % SLOT_ALIGNMENT) {
    source.fail(path, `${shown} has no usable size`, `use a multiple of ${formatSize(SLOT_ALIGNMENT)}`);
  }
  if (base < FIRST_SLOT) {
    const what = base < ram.base ? 'lies outside RAM' : 'lies in the memory of firmware and layer';
    source.fail(path, `${shown} ${what}`, `move it to ${formatAddress(FIRST_SLOT)} or above`);
  }
  if (base + size > ram.base + ram.size) {
    source.fail(
      path,
      `${shown} ends beyond RAM (${formatRange(ram)})`,
      'make it smaller, move it down, or raise machine.ram',
    );
  }
}

function checkOverlap(source: SourceDocument, guests: readonly Guest[]): void {
  for (const guest of guests) {
    const { base, size } = guest.memory;
    for (const other of guests.slice(0, guest.index)) {
      const end = other.memory.base + other.memory.size;
      if (base >= end || other.memory.base >= base + size) continue;
      const what = `${formatRange(guest.memory)} overlaps ${other.name} (${formatRange(other.memory)})`;
      const remedy = `move ${guest.name} to ${formatAddress(alignUp(end))} or above`;
      source.fail(['guests', guest.name, 'memory'], what, remedy);
    }
  }
}

function checkWatchdog(source: SourceDocument, { name, watchdogTicks }: Guest, restart: RestartPolicy): void {
  const path = ['guests', name, 'watchdog'];
  if (watchdogTicks === 0) source.fail(path, 'is zero', 'leave watchdog out for a guest that nobody watches');
  if (watchdogTicks !== undefined && restart !== 'on-reset-or-crash') {
    source.fail(path, `is there, and restart is ${restart}`, 'set factors.restart: on-reset-or-crash');
  }
}

function checkGuest(source: SourceDocument, guest: Guest, restart: RestartPolicy): void {
  const path = ['guests', guest.name];
  if (guest.boundTicks === 0) source.fail([...path, 'bound'], 'is zero', 'give the longest allowed response time');
  if (guest.budget) {
    const { budgetTicks, periodTicks } = guest.budget;
    if (budgetTicks === 0 || periodTicks === 0) {
      source.fail([...path, 'budget'], 'is zero', 'leave budget out for a guest without limit');
    }
    if (budgetTicks > periodTicks) {
      source.fail([...path, 'budget'], 'is longer than its period', 'write processor time / period, as in 2ms/10ms');
    }
  }
  if (guest.window) {
    const { startTicks, lengthTicks, periodTicks } = guest.window;
    if (lengthTicks === 0) {
      source.fail([...path, 'window'], 'is empty', 'leave window out for a guest that may run at any time');
    }
    if (startTicks + lengthTicks > periodTicks) {
      source.fail([...path, 'window'], 'ends after its period', 'write start + length / period, as in 2ms+3ms/10ms');
    }
  }
  checkWatchdog(source, guest, restart);
  if (guest.disk !== undefined && !isDiskSize(guest.disk)) {
    const remedy = `use a multiple of 512 from ${formatSize(DISK_MIN)} to ${formatSize(DISK_MAX)}`;
    source.fail([...path, 'disk'], `${formatSize(guest.disk)} is no size of a disk`, remedy);
  }
  if (guest.image.kind === 'built' && !builtGuests.includes(guest.image.name)) {
    const remedy = `choose from ${builtGuests.join(', ')}, or name an .elf file beside the scenario`;
    source.fail([...path, 'image'], `${guest.image.name} is no image`, remedy);
  }
  if (guest.image.kind === 'file' && leadsOutside(guest.image.path)) {
    source.fail([...path, 'image'], 'is not beside the scenario', 'give a path below the folder of the scenario');
  }
  for (const field of ['initrd', 'init'] as const) {
    if (leadsOutside(guest[field] ?? '')) {
      source.fail([...path, field], 'is not beside the scenario', 'give a path below the folder of the scenario');
    }
  }
}

/** Devices that read and write RAM by themselves, where nothing translates for them. */
function checkUntranslated(source: SourceDocument, guests: readonly Guest[]): void {
  const what = 'is there, and shifted slots need it away: no IOMMU translates for it';
  const [channel] = guests.filter(({ dma }) => dma);
  if (channel) {
    const remedy = 'set dma: false for every guest, machine.iommu: true, or placement: identity';
    source.fail(['guests', channel.name, 'dma'], what, remedy);
  }
  const [owner] = guests.filter(({ disk }) => disk !== undefined);
  if (owner) {
    source.fail(
      ['guests', owner.name, 'disk'],
      what,
      'leave it out, or set machine.iommu: true, or placement: identity',
    );
  }
}

/** The same guests with their slots elsewhere in RAM, for the modes that translate. */
function shift(
  source: SourceDocument,
  guests: readonly Guest[],
  { modes, machine }: ScenarioDocument,
  ramSize: number,
): Guest[] {
  const path = ['factors', 'placement'];
  if (modes.every((name) => findMode(name).fixesPlacement !== undefined)) {
    const [first = ''] = modes;
    const what = `shifted is not available in ${modes.join(', ')}: in ${first}, ${findMode(first).fixesPlacement}`;
    source.fail(path, what, 'use identity, or add virtualized to its modes');
  }
  if (!machine.iommu) checkUntranslated(source, guests);
  const bases = shiftedBases(
    guests.map(({ memory }) => memory),
    ramSize,
  );
  if (bases === undefined) source.fail(path, 'shifted finds no other place for the slots', 'raise machine.ram');
  return guests.map((guest, index) => ({ ...guest, physicalBase: bases[index] ?? guest.physicalBase }));
}

function readLayers(source: SourceDocument, layers: ScenarioDocument['layer'] = {}): NonNullable<Scenario['layers']> {
  const entries = Object.entries(layers).map(([name, path = '']): [string, ImageSource] => {
    if (leadsOutside(path)) {
      source.fail(['layer', name], 'is not beside the scenario', 'give a path below the folder of the scenario');
    }
    return [name, { kind: 'file', path }];
  });
  return Object.fromEntries(entries);
}

/** `file` is what messages call it. */
export function loadScenario(file: string, text: string): LoadedScenario {
  const source = new SourceDocument(file, text);
  if (source.has(['firmware'])) {
    source.fail(
      ['firmware'],
      'makes it a machine for strangers',
      'boot it with `taco run`, or give a scenario with modes',
    );
  }
  const document = source.parse(scenarioSchema, scenarioJsonSchema() as JsonSchema);
  const ramSize = certain(parseSize(document.machine.ram));
  checkRam(source, ramSize);
  const guests = Object.keys(document.guests).map((name, index) => readGuest(name, index, document));
  for (const guest of guests) {
    checkSlot(source, guest, { base: RAM_BASE, size: ramSize });
    checkGuest(source, guest, document.factors.restart);
  }
  checkOverlap(source, guests);
  const scenario: Scenario = {
    name: scenarioName(file),
    machine: { ramSize, timing: document.machine.timing, ...(document.machine.iommu && { iommu: true }) },
    factors: document.factors,
    guests: document.factors.placement === 'identity' ? guests : shift(source, guests, document, ramSize),
    modes: document.modes,
    ...(document.services.length > 0 && { services: readServices(source, document) }),
    ...(document.warmup === undefined ? {} : { warmupTicks: certain(parseTicks(document.warmup)) }),
    ...(document.layer === undefined ? {} : { layers: readLayers(source, document.layer) }),
    ...(document.act === undefined ? {} : { act: document.act }),
  };
  return { scenario, source };
}
