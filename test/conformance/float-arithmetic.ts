import { expect } from 'vitest';
import { assembleProgram } from '../../src/machine/isa/assemble.ts';
import type { Engine, Suite } from './engine.ts';
import { DYNAMIC_CASES, operandSets, Sequence, STATIC_CASES } from './float-operands.ts';
import { FLOAT_INSTRUCTIONS, type FloatInstruction } from './float-oracle.ts';
import { INEXACT, MODES } from './ieee754.ts';
import { CODE, DATA } from './program.ts';

/** A case in memory: three operands and fcsr before; destination register and fcsr after. Words of 64 bits. */
const CASE_BYTES = 48;
const FCSR_BEFORE = 24;
const DESTINATION = 32;
const FCSR_AFTER = 40;
const CYCLES = 100_000_000;

/** A loop over the cases in memory; `suffix` names the rounding mode in the word. */
function program(instruction: FloatInstruction, suffix: string, count: number): Uint8Array {
  const sources = instruction.sources.map((file, i) => (file === 'f' ? `fa${i}` : `a${i}`));
  const destination = instruction.destination === 'f' ? 'fa3' : 'a3';
  const operands = [destination, ...sources].join(', ');
  return assembleProgram(
    `
      li t0, 3 << 13
      csrs mstatus, t0
      li s0, ${DATA}
      li s1, ${count}
    next:
      ld a4, ${FCSR_BEFORE}(s0)
      csrw fcsr, a4
      fld fa0, 0(s0)
      fld fa1, 8(s0)
      fld fa2, 16(s0)
      ld a0, 0(s0)
      ${instruction.name} ${operands}${suffix}
      csrr a5, fcsr
      ${instruction.destination === 'f' ? 'fsd fa3' : 'sd a3'}, ${DESTINATION}(s0)
      sd a5, ${FCSR_AFTER}(s0)
      addi s0, s0, ${CASE_BYTES}
      addi s1, s1, -1
      bnez s1, next
      li t0, 0x100000
      li t1, 0x5555
      sw t1, 0(t0)
      j .
    `,
    CODE,
  ).bytes;
}

/**
 * Cases with what must come of them, as memory should be after the loop. Flags are sticky, so some are set before; most often
 * the inexact one, which is what quick paths ask for.
 */
function casesOf(instruction: FloatInstruction, fixed: number | undefined, seed: number): DataView {
  const count = fixed === undefined ? DYNAMIC_CASES : STATIC_CASES;
  const random = new Sequence(seed);
  const table = new DataView(new ArrayBuffer(count * CASE_BYTES));
  let at = 0;
  for (const operands of operandSets(instruction.format, instruction.sources, count, random)) {
    const mode = fixed ?? random.below(MODES.length);
    const flags = random.of([0, 0, INEXACT, INEXACT, INEXACT, random.below(32)]);
    // A mode in the word makes that of frm irrelevant, even a reserved one.
    const frm = fixed === undefined ? mode : random.below(8);
    const { bits, flags: raised } = instruction.evaluate(operands, MODES[mode] ?? 'rne');
    operands.forEach((operand, i) => {
      table.setBigUint64(at + 8 * i, operand, true);
    });
    table.setBigUint64(at + FCSR_BEFORE, BigInt((frm << 5) | flags), true);
    table.setBigUint64(at + DESTINATION, bits, true);
    table.setBigUint64(at + FCSR_AFTER, BigInt((frm << 5) | flags | raised), true);
    at += CASE_BYTES;
  }
  return table;
}

const words = (view: DataView, at: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `0x${view.getBigUint64(at + 8 * i, true).toString(16)}`).join(' ');

/** Runs the cases, and says of each that came out otherwise what was wanted. */
function differences(engine: Engine, instruction: FloatInstruction, suffix: string, cases: DataView): string[] {
  engine.reset();
  engine.load(CODE, program(instruction, suffix, cases.byteLength / CASE_BYTES));
  const before = new Uint8Array(cases.buffer.slice(0));
  for (let at = 0; at < before.length; at += CASE_BYTES) before.fill(0, at + DESTINATION, at + CASE_BYTES);
  engine.load(DATA, before);
  engine.start(CODE);
  const stop = engine.run(CYCLES);
  if (stop !== 'finished') throw new Error(`${instruction.name}${suffix} did not end: ${stop}`);
  const memory = engine.read(DATA, cases.byteLength);
  const after = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const found: string[] = [];
  for (let at = 0; at < cases.byteLength; at += 8) {
    if (after.getBigUint64(at, true) === cases.getBigUint64(at, true)) continue;
    const record = at - (at % CASE_BYTES);
    const outcome = `${words(after, record + DESTINATION, 2)}, not ${words(cases, record + DESTINATION, 2)}`;
    found.push(
      `${instruction.name}${suffix} of ${words(cases, record, 3)} with fcsr ${words(cases, record + FCSR_BEFORE, 1)}: ${outcome}`,
    );
  }
  return found;
}

/** What the cases are and what comes of them does not depend on the engine: worked out once. */
const known = new Map<string, DataView>();
function remembered(index: number, instruction: FloatInstruction, fixed: number | undefined): DataView {
  const key = `${instruction.name} ${fixed}`;
  const found = known.get(key) ?? casesOf(instruction, fixed, index * 8 + (fixed ?? 7));
  known.set(key, found);
  return found;
}

/** IEEE 754, operation by operation, against an exact computation ("Unprivileged ISA", chapters 21 and 22). */
export function floatArithmetic({ engine, it }: Suite): void {
  FLOAT_INSTRUCTIONS.forEach((instruction, index) => {
    it(`${instruction.name}: result and flags of boundary, clustered and random operands in every rounding mode`, () => {
      const found = differences(engine(), instruction, '', remembered(index, instruction, undefined));
      if (instruction.rounds) {
        MODES.forEach((mode, i) => {
          found.push(...differences(engine(), instruction, `, ${mode}`, remembered(index, instruction, i)));
        });
      }
      expect(found.slice(0, 10)).toEqual([]);
    });
  });
}
