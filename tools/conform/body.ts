import type { Random } from '../../src/faults/random.ts';
import { dataAddress, loadAddress, type Regime } from './addresses.ts';
import { atomicItem } from './atomic-items.ts';
import { indirectItem, loopItem, patchItem, returnItem, waitItem } from './control-items.ts';
import { csrItem } from './csr-items.ts';
import type { Forms } from './forms.ts';
import { fixed, type Item } from './program.ts';
import { interruptItem, pmpItem, softwareInterruptItem, tableItem } from './system-items.ts';
import { branchAhead, build, chance, pick, POINTERS, randomWord } from './words.ts';

/** undefined: nothing of the kind here, draw again. */
type Make = (random: Random, regime: Regime, forms: Forms) => Item | undefined;

const one = (random: Random, list: Forms['plain'], pointer = false): Item =>
  fixed(randomWord(random, pick(random, list), { pointer }));

/** Where the other machine ends every trap of VU-mode into HS-mode wrongly, what makes them is rare. */
const rarely =
  (make: Make): Make =>
  (random, regime, forms) =>
    regime.mode === 'VU' && forms.limits.shyAccesses && !chance(random, 3) ? undefined : make(random, regime, forms);

const inMachine =
  (make: Make): Make =>
  (random, regime, forms) =>
    regime.mode === 'M' ? make(random, regime, forms) : undefined;

/** What bodies are made of, by weight. */
const MIX: readonly (readonly [weight: number, make: Make])[] = [
  [200, (random, _, forms) => one(random, forms.plain)],
  [300, (random, _, forms) => one(random, forms.short)],
  [300, (random, _, forms) => one(random, forms.floating)],
  [230, (random, _, forms) => one(random, forms.memory, true)],
  [30, rarely((random, _, forms) => one(random, forms.sideways, true))],
  [60, (random, regime, { limits }) => loadAddress(pick(random, POINTERS), dataAddress(random, regime, limits))],
  [
    50,
    (random, _, forms) => {
      const form = pick(random, forms.branches);
      return branchAhead(form, randomWord(random, form), 1 + random.below(6));
    },
  ],
  [40, atomicItem],
  [
    110,
    (random, { mode }, { csrs, limits }) =>
      csrItem(random, mode, csrs, mode === 'VU' && limits.shyAccesses && !chance(random, 3)),
  ],
  [15, rarely((random, _, forms) => one(random, forms.fences))],
  [20, (random) => indirectItem(random)],
  [8, (random, _, forms) => loopItem(random, forms)],
  [6, (random, _, forms) => patchItem(random, forms)],
  [8, rarely((random, { mode }, { limits }) => waitItem(random, mode, limits))],
  [20, (random) => fixed(build(pick(random, ['ecall', 'ebreak']), {}))],
  [15, rarely((random, { mode }, { limits }) => returnItem(random, mode, limits))],
  [
    10,
    rarely((random, _, { limits }) => {
      const on = chance(random, limits.shyAccesses ? 97 : 80);
      return tableItem(random, pick(random, ['satp', 'vsatp', 'hgatp']), on);
    }),
  ],
  [12, interruptItem],
  [6, inMachine((random) => softwareInterruptItem(random))],
  [6, inMachine((random, _, { limits }) => (limits.noPmp ? undefined : pmpItem(random)))],
  [
    15,
    (random, _, forms) => {
      const word = forms.illegal(random);
      return word === undefined ? undefined : fixed(word);
    },
  ],
];
const TOTAL = MIX.reduce((sum, [weight]) => sum + weight, 0);

/** One random item of a body. */
export function bodyItem(random: Random, regime: Regime, forms: Forms): Item {
  for (;;) {
    let at = random.below(TOTAL);
    for (const [weight, make] of MIX) {
      at -= weight;
      if (at >= 0) continue;
      const item = make(random, regime, forms);
      if (item !== undefined) return item;
      break;
    }
  }
}
