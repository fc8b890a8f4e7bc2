// Changes to a drawn fault, by name: how a shrunk fault is told in a replay id. `count-1.only-0-3` is the fault that was
// drawn, at the first execution, with the first and the fourth of its pieces.

import type { Act, Fault } from './fault.ts';

/** Numbers of the point and of the act, each as in the fault's own record; `only` names the pieces that stay. */
const NUMBERS = ['unit', 'count', 'bit', 'cycles', 'period', 'times'] as const;
export type NumberName = (typeof NUMBERS)[number];

export type Changes = Readonly<Partial<Record<NumberName, number>>> & {
  readonly only?: readonly number[];
  /** Of a directed act. */
  readonly value?: bigint;
};

const isNumberName = (name: string): name is NumberName => (NUMBERS as readonly string[]).includes(name);

/** Digits, letters, dots and hyphens; empty for no change. */
export function formatChanges(changes: Changes | undefined): string {
  if (changes === undefined) return '';
  const numbers = NUMBERS.flatMap((name) => (changes[name] === undefined ? [] : [`.${name}-${changes[name]}`]));
  const value = changes.value === undefined ? '' : `.value-${changes.value.toString(16)}`;
  const only = changes.only === undefined ? '' : `.only-${changes.only.join('-')}`;
  return `${numbers.join('')}${value}${only}`;
}

const DECIMAL = /^\d{1,12}$/;
const HEXADECIMAL = /^[0-9a-f]{1,16}$/;

function parseChange(text: string): Changes | undefined {
  const [name = '', ...values] = text.split('-');
  const [first = ''] = values;
  if (name === 'only')
    return values.length > 0 && values.every((v) => DECIMAL.test(v)) ? { only: values.map(Number) } : undefined;
  if (values.length !== 1) return undefined;
  if (name === 'value') return HEXADECIMAL.test(first) ? { value: BigInt(`0x${first}`) } : undefined;
  return isNumberName(name) && DECIMAL.test(first) ? { [name]: Number(first) } : undefined;
}

/** `text` begins with a dot, or is empty; undefined where it is no list of changes. */
export function parseChanges(text: string): Changes | undefined {
  const parsed = text.split('.').slice(1).map(parseChange);
  if (parsed.includes(undefined)) return undefined;
  const changes: Changes = Object.assign({}, ...parsed);
  return formatChanges(changes).length === text.length ? changes : undefined;
}

/** Parts that an act consists of, in the words of the act: they can be left out one by one. */
export function piecesOf(act: Act): number {
  if (act.kind === 'flip-memory') return act.bits.length;
  return act.kind === 'mutant' ? act.patches.length : 1;
}

function changedAct(act: Act, { only, value, ...numbers }: Changes): Act {
  const kept = <T>(pieces: readonly T[]): T[] => pieces.filter((_, index) => only?.includes(index) ?? true);
  const own = Object.entries(numbers).filter(([name]) => name in act);
  const changed: Act = { ...act, ...Object.fromEntries(own) };
  if (changed.kind === 'flip-memory') return { ...changed, bits: kept(changed.bits) };
  if (changed.kind === 'mutant') return { ...changed, patches: kept(changed.patches) };
  if (changed.kind !== 'directed' || value === undefined) return changed;
  return { ...changed, mailbox: { ...changed.mailbox, value } };
}

/** At another point nothing is known of the state that the native run was in. */
export function changedFault(fault: Fault, changes: Changes | undefined): Fault {
  if (changes === undefined) return fault;
  const { unit = fault.when.unit, count = fault.when.count } = changes;
  const moved = unit !== fault.when.unit || count !== fault.when.count;
  const when = { ...fault.when, unit, count, context: moved ? undefined : fault.when.context };
  return { ...fault, when, what: changedAct(fault.what, changes) };
}
