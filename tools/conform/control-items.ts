import type { Random } from '../../src/faults/random.ts';
import { decode } from '../../src/machine/isa/table.ts';
import { codeAlias, loadAddress } from './addresses.ts';
import type { Limits } from './csr-rules.ts';
import type { Forms } from './forms.ts';
import { fixed, type Item, type Mode } from './program.ts';
import {
  addressAhead,
  build,
  chance,
  constant,
  join,
  nonzero,
  NOP,
  otherThan,
  pick,
  randomWord,
  RESULTS,
} from './words.ts';

/** jalr to an item further on, or through c.jr and c.jalr. */
export function indirectItem(random: Random): Item {
  const register = nonzero(random);
  const short = chance(random, 40);
  const word = short
    ? (chance(random, 50) ? 0x8002 : 0x9002) | (register << 7)
    : build('jalr', { rd: pick(random, RESULTS), rs1: register, imm: 0 });
  return join(addressAhead(register, 1 + random.below(5)), fixed(word));
}

/** A return to an item further on, under the same alias or, for the mode it may lead to, another. */
export function returnItem(random: Random, mode: Mode, limits: Limits): Item {
  const machine = mode === 'M' && chance(random, 60);
  const register = nonzero(random);
  const other = otherThan(random, register);
  const target = addressAhead(register, 1 + random.below(3));
  const shift = codeAlias(random, pick(random, ['S', 'U', 'VU'] as const), chance(random, 50));
  const change = join(loadAddress(other, shift), fixed(build('add', { rd: register, rs1: register, rs2: other })));
  const epc = machine ? 0x341 : 0x141;
  const clear =
    mode === 'M' && limits.plainReturns
      ? [build('lui', { rd: other, imm: 1 << 17 }), build('csrrc', { rd: 0, rs1: other, imm: 0x300 })]
      : [];
  const write = build('csrrw', { rd: 0, rs1: register, imm: epc });
  const tail = fixed(write, ...clear, build(machine ? 'mret' : 'sret', {}));
  // The shift makes the code longer, so the target is named after it.
  return chance(random, 50) ? join(target, tail) : join(target, change, tail);
}

/** A loop of a few plain instructions, run a few times. */
export function loopItem(random: Random, forms: Forms): Item {
  const counter = 30;
  const body: number[] = [];
  while (body.length < 1 + random.below(4)) {
    const word = randomWord(random, pick(random, forms.plain));
    if (decode(word)?.operands.rd !== counter) body.push(word);
  }
  const inside = fixed(...body);
  return join(
    constant(counter, BigInt(2 + random.below(6))),
    inside,
    fixed(
      build('addi', { rd: counter, rs1: counter, imm: -1 }),
      build('bne', { rs1: counter, rs2: 0, imm: -4 - inside.bytes }),
    ),
  );
}

/** An instruction that the program writes over the one it meets a little later. */
export function patchItem(random: Random, forms: Forms): Item {
  const register = nonzero(random);
  const value = otherThan(random, register);
  let word = 0;
  while ((word & 3) !== 3) word = randomWord(random, pick(random, forms.plain));
  const load = constant(value, BigInt(word | 0));
  const between = random.below(3);
  return join(
    load,
    // auipc, the store and the fence lie before the place that is written.
    fixed(
      build('auipc', { rd: register, imm: 0 }),
      build('sw', { rs1: register, rs2: value, imm: 12 + 4 * between }),
      build('fence.i', {}),
      ...Array.from({ length: between }, () => NOP),
      NOP,
    ),
  );
}

/**
 * WFI where an interrupt is pending and enabled that is not taken, so that it ends at once; in U-mode it traps. What is asked
 * first traps where it may not be asked, and then WFI is not run.
 */
export function waitItem(random: Random, mode: Mode, limits: Limits): Item | undefined {
  const wfi = build('wfi', {});
  if (mode === 'U' || mode === 'VU') return fixed(wfi);
  if (mode !== 'M' && limits.unread.has('sie')) return undefined;
  const [pending, enabled] = mode === 'M' ? [0x344, 0x304] : [0x144, 0x104];
  const a = nonzero(random);
  const b = otherThan(random, a);
  return fixed(
    build('addi', { rd: a }),
    build('addi', { rd: b }),
    build('csrrs', { rd: a, imm: pending }),
    build('csrrs', { rd: b, imm: enabled }),
    build('and', { rd: a, rs1: a, rs2: b }),
    build('beq', { rs1: a, rs2: 0, imm: 8 }),
    wfi,
  );
}
