// Why a neighbour whose bytes were changed is none the worse for it: read off the machine when the run is over.

import type { LedgerEntry } from '../machine/index.ts';
import type { Judged } from './classify.ts';
import type { Fault } from './fault.ts';
import type { Observation } from './observation.ts';
import { guestOf } from './observation.ts';
import type { EffectRecord } from './records.ts';
import type { Rig } from './rig.ts';
import { BUG } from './saboteur.ts';

/** Bytes that an act stores at once. */
const WIDTHS: Readonly<Record<number, number>> = { [BUG.STORE64]: 8, [BUG.STORE32]: 4 };
const TICKS_PER_MICROSECOND = 10;

/** Does a neighbour's memory still hold what the act stored there? Undefined where it stored no word, or not in memory.
 * The machine must stand at the end of the run. */
export function isKept(rig: Rig, { what }: Fault, effects: readonly LedgerEntry[]): boolean | undefined {
  if (what.kind !== 'directed') return undefined;
  const { bug, target, value } = what.mailbox;
  const width = WIDTHS[bug];
  const landed = effects.some(({ kind, address }) => kind === 'write' && BigInt(rig.named(address)) === target);
  if (width === undefined || !landed) return undefined;
  const bytes = rig.machine.read(rig.physical(Number(target)), width);
  const word = bytes.reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
  return word === BigInt.asUintN(8 * width, value);
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** Rounded up, so that what is beyond a bound looks so. */
function microseconds(ticks: number): string {
  return grouped(Math.ceil(ticks / TICKS_PER_MICROSECOND));
}

/** Of the bystander that came closest to its bound; nothing of those that report no responses. */
export function describeResponse(bystanders: readonly Judged[], observation: Observation): string {
  const responses = bystanders.flatMap(({ name, index, boundTicks }) => {
    const worst = guestOf(observation, index).responseMax;
    if (worst === 0) return [];
    const text = `${name} responds within ${microseconds(worst)} of ${microseconds(boundTicks)} us`;
    return [{ text, share: worst / boundTicks }];
  });
  return responses.sort((a, b) => b.share - a.share)[0]?.text ?? '';
}

/** @param kept see `isKept` */
export function describeAftermath(
  effects: readonly EffectRecord[],
  kept: boolean | undefined,
  response: string,
): string {
  const [first] = effects;
  if (kept === undefined || first === undefined) return response;
  if (kept) return `the stored word is still there at the end, and ${first.owner} did without what it replaced`;
  // Whoever else wrote there would be in the ledger.
  const byOwner = effects.length === 1 && first.count === 1 ? ` by ${first.owner}` : '';
  return `the stored word is overwritten${byOwner} before the end`;
}
