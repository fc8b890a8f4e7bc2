// What do F and D cost, as ratios to a double multiply to nearest in steady state? Host speed only: nothing here enters a
// result. In steady state the inexact flag is set, so Wasm's own operations answer; other modes take the exact path.
import { Bench } from 'tinybench';
import { createMachine } from '../src/machine/index.ts';
import { assemble } from '../src/machine/isa/assemble.ts';

const RAM = 0x80000000;
const NX = 1;
const RTZ = 1 << 5;
/** Instructions per turn of the loop, and in one run. */
const UNROLLED = 200;
const INSTRUCTIONS = 500_000;

/** A loop of one operation over sources of unlike size; results go elsewhere, so that the operands stay what they are. */
function program(operation: (i: number) => string, fcsr: number): Uint8Array {
  const sources = Array.from(
    { length: 8 },
    (_, i) => `li a${i}, ${3 * 7 ** i + 1}\n fcvt.d.l f${i}, a${i}\n fdiv.d f${i}, f${i}, f0\n`,
  );
  const singles = Array.from({ length: 8 }, (_, i) => `fcvt.s.d f${i + 8}, f${i}\n`);
  const body = Array.from({ length: UNROLLED }, (_, i) => `${operation(i)}\n`);
  return assemble(
    `li t0, 3 << 13
     csrs mstatus, t0
     ${sources.join('')} ${singles.join('')}
     li t0, ${fcsr}
     csrw fcsr, t0
   loop:
     ${body.join('')}
     j loop`,
    RAM,
  );
}

const x = (file: number) => (i: number) => `f${file + (i % 8)}`;
const [doubles, singles] = [x(0), x(8)];
const to = (i: number) => `f${16 + (i % 16)}`;
const two =
  (name: string, of = doubles) =>
  (i: number) =>
    `${name} ${to(i)}, ${of(i)}, ${of(i + 3)}`;
const one =
  (name: string, of = doubles) =>
  (i: number) =>
    `${name} ${to(i)}, ${of(i)}`;
const three =
  (name: string, of = doubles) =>
  (i: number) =>
    `${name} ${to(i)}, ${of(i)}, ${of(i + 3)}, ${of(i + 5)}`;

const REFERENCE = 'fmul.d, to nearest';
const CASES: Readonly<Record<string, readonly [operation: (i: number) => string, fcsr: number]>> = {
  [REFERENCE]: [two('fmul.d'), NX],
  'add (integer)': [(i) => `add t${1 + (i % 5)}, a${i % 8}, a${(i + 3) % 8}`, NX],
  'fsgnj.d': [two('fsgnj.d'), NX],
  'fadd.d, to nearest': [two('fadd.d'), NX],
  'fdiv.d, to nearest': [two('fdiv.d'), NX],
  'fsqrt.d, to nearest': [one('fsqrt.d'), NX],
  'fmadd.d, to nearest': [three('fmadd.d'), NX],
  'fmul.s, to nearest': [two('fmul.s', singles), NX],
  'fmadd.s, to nearest': [three('fmadd.s', singles), NX],
  'fcvt.w.d, toward zero': [(i) => `fcvt.w.d t${1 + (i % 5)}, ${doubles(i)}, rtz`, NX],
  'fcvt.d.l, to nearest': [(i) => `fcvt.d.l ${to(i)}, a${i % 8}`, NX],
  'flt.d': [(i) => `flt.d t${1 + (i % 5)}, ${doubles(i)}, ${doubles(i + 3)}`, NX],
  'fadd.d, exact path': [two('fadd.d'), NX | RTZ],
  'fmul.d, exact path': [two('fmul.d'), NX | RTZ],
  'fdiv.d, exact path': [two('fdiv.d'), NX | RTZ],
  'fsqrt.d, exact path': [one('fsqrt.d'), NX | RTZ],
  'fadd.s, exact path': [two('fadd.s', singles), NX | RTZ],
  'fmul.s, exact path': [two('fmul.s', singles), NX | RTZ],
};

const bench = new Bench({ time: 1000 });
for (const [name, [operation, fcsr]] of Object.entries(CASES)) {
  const machine = createMachine({ ram: 2 ** 20, timing: 'functional', guests: 1 });
  machine.write(RAM, program(operation, fcsr));
  machine.start(RAM, 0, 0);
  bench.add(name, () => {
    machine.run(machine.cycles + INSTRUCTIONS);
  });
}
await bench.run();

/** The fastest run: what the computer does beside disturbs it least. */
const nanoseconds = (name: string) => {
  const result = bench.getTask(name)?.result;
  return result !== undefined && 'latency' in result ? (result.latency.min / INSTRUCTIONS) * 1e6 : Number.NaN;
};
console.table(
  bench.tasks.map(({ name }) => ({
    instruction: name,
    nanoseconds: nanoseconds(name).toFixed(2),
    ratio: (nanoseconds(name) / nanoseconds(REFERENCE)).toFixed(2),
  })),
);
