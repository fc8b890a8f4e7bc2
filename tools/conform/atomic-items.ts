import type { Random } from '../../src/faults/random.ts';
import { decode } from '../../src/machine/isa/table.ts';
import { dataAddress, loadAddress, type Regime } from './addresses.ts';
import type { Limits } from './csr-rules.ts';
import type { Forms } from './forms.ts';
import { fixed, type Item } from './program.ts';
import { build, chance, join, nonzero, otherThan, pick, POINTERS, randomWord } from './words.ts';

/** A value that no memory holds, by which a program knows that LR trapped. */
const UNTOUCHED = -1234;

/** LR, nothing that could end the reservation by chance, SC; where it succeeded sometimes another, which must fail. */
function reservationItem(random: Random, regime: Regime, limits: Limits): Item {
  const pointer = pick(random, POINTERS);
  const suffix = chance(random, 50) ? 'd' : 'w';
  const ordering = () => random.below(4) << 25;
  const [old, sign] = pick(random, PAIRS);
  const lr = (build(`lr.${suffix}`, { rd: old, rs1: pointer }) | ordering()) >>> 0;
  const sc = (rd: number) => (build(`sc.${suffix}`, { rd, rs1: pointer, rs2: random.below(31) }) | ordering()) >>> 0;
  const between = Array.from({ length: random.below(4) }, () => {
    const rd = otherThan(random, sign);
    return build('addi', { rd, rs1: random.below(31), imm: random.below(4096) - 2048 });
  });
  const again = chance(random, 20) ? [build('bne', { rs1: sign, imm: 8 }), sc(nonzero(random))] : [];
  const rest = [...between, sc(sign), ...again];
  const address = dataAddress(
    random,
    regime,
    limits,
    limits.alignedAtomics || chance(random, 90) ? 8 : 1,
    limits.shyAccesses,
  );
  return join(
    loadAddress(pointer, address),
    fixed(
      build('addi', { rd: old, imm: UNTOUCHED }),
      build('addi', { rd: sign, imm: UNTOUCHED }),
      lr,
      build('beq', { rs1: old, rs2: sign, imm: 4 + 4 * rest.length }),
      ...rest,
    ),
  );
}
const PAIRS = [
  [5, 6],
  [13, 12],
  [20, 29],
] as const;

export function atomicItem(random: Random, regime: Regime, { atomic, limits }: Forms): Item {
  if (chance(random, 30)) return reservationItem(random, regime, limits);
  const word = randomWord(random, pick(random, atomic), { pointer: true });
  const { shyAccesses } = limits;
  if (!limits.alignedAtomics && chance(random, shyAccesses ? 1 : 15)) return fixed(word);
  const address = dataAddress(
    random,
    regime,
    limits,
    limits.alignedAtomics || chance(random, 90) ? 8 : 1,
    chance(random, shyAccesses ? 98 : 50),
  );
  return join(loadAddress(decode(word)?.operands.rs1 ?? 2, address), fixed(word));
}
