// A scenario with other factors: what is equal in all compared modes, set by name in the text of its file.
import { type Document, isMap, parseDocument } from 'yaml';
import { RAM_BASE } from '../machine/board.ts';
import { InputError } from './document.ts';
import { FIRST_SLOT, SLOT_ALIGNMENT } from './placement.ts';
import { formatAddress, formatSize, parseSize } from './quantities.ts';

/** Of the section `factors`, as they stand there. */
const PLAIN = ['scheduling', 'reset', 'restart', 'restarts', 'cpus', 'placement'] as const;
const PANIC = ['halt', 'loop', 'reset'] as const;

export const factorNames: readonly string[] = [...PLAIN, 'panic', 'share', 'dma'];

type Refuse = (what: string, remedy: string) => never;

const guestNames = (document: Document): string[] => {
  const guests = document.get('guests');
  return isMap(guests) ? guests.items.map(({ key }) => String(key)) : [];
};

/** In the bootargs of every guest. */
function setPanic(document: Document, value: string, refuse: Refuse): void {
  if (!PANIC.some((known) => known === value)) refuse(`panic=${value} is not known`, `choose from ${PANIC.join(', ')}`);
  for (const guest of guestNames(document)) {
    const args = String(document.getIn(['guests', guest, 'args']) ?? '');
    const others = args.split(' ').filter((word) => word !== '' && !word.startsWith('panic='));
    document.setIn(['guests', guest, 'args'], [`panic=${value}`, ...others].join(' '));
  }
}

/** Whether guests have a DMA channel each. */
function setDma(document: Document, value: string, refuse: Refuse): void {
  if (value !== 'true' && value !== 'false') refuse(`dma=${value} is not known`, 'choose from true, false');
  for (const guest of guestNames(document)) document.setIn(['guests', guest, 'dma'], value === 'true');
}

/** The first guest has that share of the RAM that guests may have, in percent, and the others the rest in equal parts. */
function setShare(document: Document, value: string, refuse: Refuse): void {
  const names = guestNames(document);
  const percent = Number(value.replace(/%$/, ''));
  if (!(percent > 0 && percent < 100)) refuse(`share=${value} is no share`, 'give percents between 0 and 100');
  if (names.length < 2) refuse('share needs two guests', 'give a scenario with a neighbour');
  const ram = parseSize(String(document.getIn(['machine', 'ram']))) ?? 0;
  const units = Math.floor((RAM_BASE + ram - FIRST_SLOT) / SLOT_ALIGNMENT);
  const first = Math.max(1, Math.round((units * percent) / 100));
  const other = Math.floor((units - first) / (names.length - 1));
  let base = FIRST_SLOT;
  for (const [index, name] of names.entries()) {
    const size = (index === 0 ? first : other) * SLOT_ALIGNMENT;
    document.setIn(['guests', name, 'memory'], `${formatAddress(base)}+${formatSize(size)}`);
    base += size;
  }
}

/** @param settings "name=value" each; whether the values fit, reading the scenario tells */
export function varied(text: string, settings: readonly string[]): string {
  const document = parseDocument(text);
  for (const setting of settings) {
    const refuse: Refuse = (what, remedy) => {
      throw new InputError(`taco vary ${setting}:`, what, remedy);
    };
    const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(setting) ?? [];
    if (name === 'panic') setPanic(document, value, refuse);
    else if (name === 'share') setShare(document, value, refuse);
    else if (name === 'dma') setDma(document, value, refuse);
    else if (PLAIN.some((known) => known === name)) {
      document.setIn(['factors', name], name === 'restarts' ? Number(value) : value);
    } else refuse('sets no factor', `give name=value, the name from ${factorNames.join(', ')}`);
  }
  return document.toString({ lineWidth: 0 });
}
