// One line that says how a fault reached its neighbour, or what stopped it. Computed from what was seen.

import type { EffectRecord } from './records.ts';
import type { Refusal } from './refusals.ts';
import type { Rig } from './rig.ts';
import type { Storm } from './storms.ts';

const CAUSES: Readonly<Record<string, string>> = {
  '1': 'instruction access fault',
  '2': 'illegal instruction',
  '5': 'load access fault',
  '7': 'store access fault',
  '12': 'instruction page fault',
  '13': 'load page fault',
  '15': 'store page fault',
  '21': 'load guest page fault',
  '23': 'store guest page fault',
};

const VERBS: Readonly<Record<string, string>> = {
  read: 'reads',
  write: 'writes',
  fetch: 'executes',
  walk: 'walks tables in',
  'mmio-read': 'reads',
  'mmio-write': 'writes',
  dma: 'has a device write',
  'foreign-resume': 'is resumed in',
  'world-confusion': 'runs in the world of',
};

export function describeCause(cause: bigint): string {
  const name = CAUSES[cause.toString()];
  return name === undefined ? `cause ${cause}` : `${name}, cause ${cause}`;
}

export function describeEffect(effect: EffectRecord): string {
  const verb = VERBS[effect.kind] ?? effect.kind;
  const place = effect.symbol === '' ? effect.address : effect.symbol;
  return effect.onBehalf === '' ? `${verb} ${place}` : `the layer ${verb} ${place} for it`;
}

const INTERRUPTS: Readonly<Record<number, string>> = { 1: 'software', 5: 'timer', 9: 'external' };

/** "rtos and unix take external interrupts without end: the pending bit of the hart stays set". */
export function describeStorms({ guests }: Pick<Rig, 'guests'>, storms: readonly Storm[]): string {
  const [first] = storms;
  if (first === undefined) return '';
  const alike = storms.filter(({ interrupt }) => interrupt === first.interrupt);
  const names = alike.map(({ guest }) => guests.find(({ index }) => index === guest)?.name ?? `guest ${guest}`);
  const verb = names.length === 1 ? 'takes' : 'take';
  const what = INTERRUPTS[first.interrupt] ?? `number ${first.interrupt}`;
  const why =
    first.pending === 'no more'
      ? ''
      : `: the pending bit ${first.pending} stays set${first.pending === 'of the hart' ? ', whoever runs' : ''}`;
  return `${names.join(' and ')} ${verb} ${what} interrupts without end${why}`;
}

export interface Seen {
  readonly injected: boolean;
  readonly effects: readonly EffectRecord[];
  /** First panic of the faulty guest. */
  readonly crash: bigint | undefined;
  readonly hung: boolean;
  /** What it was refused of others'. */
  readonly refusals: readonly Pick<Refusal, 'by' | 'cause'>[];
  /** Interrupts that never end, in words; empty where there are none. */
  readonly storms: string;
  /** Software stopped the machine, or the layer is dead. */
  readonly machineStopped: boolean;
  /** Bytes of another were changed and yet nobody failed: what became of them, if anything is
   * known of that. Undefined where that is not so. */
  readonly harmless: string | undefined;
}

/** Of a guest that lives on: its device was refused, or a process of it. Undefined where nothing of the kind happened. */
function describeRefused(refusals: Seen['refusals']): string | undefined {
  const first = refusals.find(({ by }) => by !== 'own tables');
  return first && `refused by the ${first.by}: ${describeCause(BigInt(first.cause))}`;
}

export function mechanismOf(seen: Seen): string {
  const { injected, effects, crash, hung, refusals, storms, machineStopped, harmless } = seen;
  const first = effects[0];
  if (!injected) return 'the point is not reached';
  if (first !== undefined) {
    const why = harmless === undefined ? '' : [', and no word comes out wrong', harmless].filter(Boolean).join(': ');
    return describeEffect(first) + why;
  }
  if (crash !== undefined)
    return `refused: ${describeCause(crash)}${machineStopped ? ', and the machine stops with it' : ''}`;
  if (machineStopped) return 'the machine stops with it';
  if (storms !== '') return storms;
  if (hung) return 'the faulty guest stops, the layer runs on';
  return describeRefused(refusals) ?? 'no foreign effect';
}
