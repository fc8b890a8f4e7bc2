// Why did B die: the causal chain of one experiment, from the act over the first foreign effects to what each guest said
// and delivered. Computed from ledger, monitors and consoles, whatever the fault.

import type { EffectRecord } from '../faults/records.ts';
import type { GuestTrace, Trace } from '../faults/trace.ts';
import { counted, grouped } from './paper.ts';

/** One link of the chain; the reader follows `who` down the page. */
export interface Step {
  /** Cycle since reset; undefined for what is known only at the end. */
  readonly cycle: number | undefined;
  readonly who: string;
  readonly text: string;
}

const EFFECTS_SHOWN = 4;

const VERBS: Readonly<Record<string, string>> = {
  read: 'reads',
  write: 'writes',
  fetch: 'executes in',
  walk: 'has page tables in',
  'mmio-read': 'reads',
  'mmio-write': 'writes',
  dma: 'has its DMA channel touch',
  'foreign-resume': 'is resumed in',
  'world-confusion': 'runs with the page table of',
};

/** Distances are instructions of the whole machine: the clock of the layer that came between runs in them too. */
function effectStep(effect: EffectRecord, injectedAt: number | undefined): Step {
  const verb = VERBS[effect.kind] ?? effect.kind;
  const place = effect.symbol === '' ? effect.address : `${effect.symbol} (${effect.address})`;
  const later =
    injectedAt === undefined ? '' : `, ${counted(effect.instret - injectedAt, 'instruction')} after the act`;
  const at = effect.pcSymbol === '' ? '' : `, at ${effect.pcSymbol}`;
  const unchanged = effect.kind.endsWith('write') && !effect.changed ? ', which changes nothing' : '';
  const tainted = effect.tainted ? ' (after the layer was hit: attribution is not sure)' : '';
  const owner = `whose owner is ${effect.owner}`;
  return {
    cycle: effect.cycle,
    who: effect.onBehalf === '' ? effect.from : `layer for ${effect.onBehalf}`,
    text: `${verb} ${place}, ${owner}${at}${later}${unchanged}${tainted}`,
  };
}

/** What the IOMMU refused shows nowhere else: the guest goes on, its transfer has failed. */
function refusalSteps({ from, refusals }: Trace['record']): Step[] {
  return refusals
    .filter(({ by }) => by === 'IOMMU')
    .slice(0, EFFECTS_SHOWN)
    .map(({ cause, address, symbol }) => {
      const place = symbol === '' ? address : `${symbol} (${address})`;
      return { cycle: undefined, who: from, text: `is refused ${place} by the IOMMU, cause ${cause}` };
    });
}

/** The first line that the golden run does not have at its place. Times differ between runs, texts must not. */
function consoleStep(guest: GuestTrace): Step[] {
  const index = guest.lines.findIndex((line, at) => line.text !== guest.goldenLines[at]?.text);
  const line = guest.lines[index];
  if (line !== undefined) return [{ cycle: line.cycle, who: guest.name, text: `says "${line.text}"` }];
  const missing = guest.goldenLines[guest.lines.length];
  if (missing === undefined) return [];
  return [{ cycle: undefined, who: guest.name, text: `never says "${missing.text}"` }];
}

/** Words are counted to the golden run's amount, so that a guest that babbles on looks no better. */
function deliveryText(guest: GuestTrace): string {
  const words = `${guest.words} of ${guest.work} words`;
  if (guest.words < guest.work) return `delivers ${words}, and no more`;
  if (guest.firstWrongWord !== undefined) return `delivers ${words}, wrong from word ${guest.firstWrongWord} on`;
  return `delivers ${words}, all of them right`;
}

/** A guest that still runs and delivers nothing spins; one that retires nothing more is dead. */
function afterText(guest: GuestTrace, { record }: Trace): string {
  const bystander = record.outcome.bystanders.find((candidate) => candidate.guest === guest.name);
  if (bystander === undefined || guest.words === guest.work) return '';
  return `; instructions it retires after the act: ${grouped(bystander.instretAfter)}`;
}

function crashSteps(guest: GuestTrace, { record }: Trace): Step[] {
  if (guest.crash === '') return [];
  const callers = record.outcome.crashes.find((crash) => crash.guest === guest.name)?.backtrace ?? [];
  const texts = [`panicked: ${guest.crash}`, ...(callers.length === 0 ? [] : [`backtrace: ${callers.join(' <- ')}`])];
  return texts.map((text) => ({ cycle: undefined, who: guest.name, text }));
}

function guestSteps(guest: GuestTrace, trace: Trace): Step[] {
  const crash = crashSteps(guest, trace);
  const delivery = deliveryText(guest) + afterText(guest, trace);
  return [...consoleStep(guest), ...crash, { cycle: undefined, who: guest.name, text: delivery }];
}

/** Where a run ends that had to be ended. */
function endStep(trace: Trace): Step[] {
  const { cycle, who, place } = trace.end;
  const open = trace.guests.some((guest) => guest.words < guest.work && guest.crash === '');
  return open ? [{ cycle, who: 'hart', text: `is at ${place}, in the world of ${who}, when the run is ended` }] : [];
}

/** What classify() made of it, in its own words; the chain adds nothing to the verdict. */
function verdictSteps({ record }: Trace): Step[] {
  const { bystanders, layer, harnessError } = record.outcome;
  const verdicts = bystanders.map(({ guest, endpoints, failure }): Step => {
    const names = Object.entries(endpoints).flatMap(([name, is]) => (is ? [name.toUpperCase()] : []));
    const cause = failure === 'none' ? '' : ` (${failure})`;
    return {
      cycle: undefined,
      who: 'verdict',
      text: `${guest}: ${names.length === 0 ? 'unharmed' : names.join(', ')}${cause}`,
    };
  });
  const layerStep: Step[] = layer === 'ok' ? [] : [{ cycle: undefined, who: 'verdict', text: `layer: ${layer}` }];
  const error: Step[] = harnessError === '' ? [] : [{ cycle: undefined, who: 'harness', text: harnessError }];
  return [...verdicts, ...layerStep, ...error];
}

/** Steps in the order of time; those without a time last, the verdict at the end. */
export function causalChain(trace: Trace): Step[] {
  const { record, injection } = trace;
  const act: Step = {
    cycle: injection?.cycle,
    who: record.from,
    text: injection === undefined ? `never comes ${trace.when}` : `${trace.what} ${trace.when}`,
  };
  const steps = [
    ...record.effects.slice(0, EFFECTS_SHOWN).map((effect) => effectStep(effect, injection?.instret)),
    ...refusalSteps(record),
    ...trace.guests.flatMap((guest) => guestSteps(guest, trace)),
    ...endStep(trace),
  ];
  const timed = steps.filter((step) => step.cycle !== undefined).sort((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0));
  const untimed = steps.filter((step) => step.cycle === undefined);
  return [act, ...timed, ...untimed, ...verdictSteps(trace)];
}
