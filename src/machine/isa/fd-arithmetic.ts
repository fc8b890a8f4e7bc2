import { DOUBLE, DYNAMIC, type FloatFormat, FORMATS, literals, plain, RMM, SINGLE } from '../hart/float-format.ts';
import { FP_GUARD, NAN_BOX, unboxed } from './fd.ts';
import { R, R2, R2M, R2M_EXACT, R4, RM } from './format.ts';
import { type CostClass, FUNCT7, type Instruction, row } from './instruction.ts';

/** Masks of opcode, format and what else is fixed; funct3 is the rounding mode in all but the last two. */
const RM_MASK = 0xfe00007f;
const R2M_MASK = 0xfff0007f;
const R4_MASK = 0x0600007f;
const R2_MASK = 0xfff0707f;

/** The rounding mode, from the word or frm; a reserved one there is an illegal instruction ("Unprivileged ISA" 21.2). */
const MODE = `let mode = rm == ${DYNAMIC} ? fcsr >>> 5 : rm; if (mode > ${RMM}) { float_illegal(); }`;

type Files = NonNullable<Instruction['fp']>;
const FLOAT_1: Files = { rd: true, rs1: true };
const FLOAT_2: Files = { rd: true, rs1: true, rs2: true };

/** How the rows of a format read and write registers. */
function vocabulary(format: FloatFormat) {
  const single = format === SINGLE;
  const { magnitude, infinity, sign } = literals(format);
  return {
    single,
    wasm: format.wasm,
    t: format.suffix,
    /** Format field, at its place in the word. */
    fmt: single ? 0 : 0x02000000,
    sign,
    /** A register whose value is sure to be boxed. */
    read: (register: string) => (single ? unboxed(register) : register),
    /** The same, where the caller has kept the register in a local. */
    reread: (local: string) => (single ? `unbox(${local})` : local),
    write: (value: string) => (single ? `frd = ${value} | ${NAN_BOX};` : `frd = ${value};`),
    /** None of the locals needs unboxing. */
    boxed: (locals: string) => (single ? `(${locals}) >=u ${NAN_BOX} && ` : ''),
    finite: `(r & ${magnitude}) <u ${infinity}`,
    plain: plain('r', format),
  };
}

/**
 * Rounds to nearest by Wasm's own operation where NX is already set, so that no test for inexactness is needed, and where the
 * result shows that no other flag is due. Everything else takes the exact path.
 */
function quickly(locals: string, result: string, boxed: string, enough: string, exact: string, write: string): string {
  return `${FP_GUARD} ${locals} let r = ${result};
    if (!((fcsr & quick) == 1 && ${boxed}${enough})) { ${MODE} r = ${exact}; }
    ${write}`;
}

function arithmetic(format: FloatFormat): Instruction[] {
  const { t, fmt, wasm, sign, reread, write, boxed, finite, plain } = vocabulary(format);
  const locals = 'let a = frs1; let b = frs2;';
  const [a, b] = [reread('a'), reread('b')];
  const two = (name: string, funct5: number, cost: CostClass, enough: string, exact: string) =>
    row(
      `f${name}.${t}`,
      RM,
      (0x53 | (funct5 << 27) | fmt) >>> 0,
      RM_MASK,
      cost,
      quickly(locals, `${wasm}_${name}(a, b)`, boxed('a & b'), enough, exact, write('r')),
      FLOAT_2,
    );
  return [
    two('add', 0, 'float', finite, `add_${t}(${a}, ${b}, mode)`),
    two('sub', 1, 'float', finite, `add_${t}(${a}, ${b} ^ ${sign}, mode)`),
    two('mul', 2, 'float', plain, `mul_${t}(${a}, ${b}, mode)`),
    two('div', 3, 'float-divide', plain, `div_${t}(${a}, ${b}, mode)`),
    row(
      `fsqrt.${t}`,
      R2M,
      0x58000053 | fmt,
      R2M_MASK,
      'float-divide',
      quickly('let a = frs1;', `${wasm}_sqrt(a)`, boxed('a'), plain, `sqrt_${t}(${a}, mode)`, write('r')),
      FLOAT_1,
    ),
  ];
}

/** What becomes of an operand's sign. */
type Sign = (value: string) => string;

function fused(format: FloatFormat): Instruction[] {
  const { t, fmt, sign, reread, write, boxed } = vocabulary(format);
  const make = (name: string, opcode: number, product: Sign, addend: Sign) =>
    row(
      `f${name}.${t}`,
      R4,
      opcode | fmt,
      R4_MASK,
      'float',
      `${FP_GUARD} let a = frs1; let b = frs2; let c = frs3; let r: i64 = 0;
      if (${boxed('a & b & c')}(fcsr & quick) == 1) {
        r = fma_nearest_${t}(${product('a')}, b, ${addend('c')});
      } else {
        ${MODE}
        r = fma_${t}(${product(reread('a'))}, ${reread('b')}, ${addend(reread('c'))}, mode);
      }
      ${write('r')}`,
      FLOAT_2,
    );
  const same: Sign = (value) => value;
  const negative: Sign = (value) => `${value} ^ ${sign}`;
  return [
    make('madd', 0x43, same, same),
    make('msub', 0x47, same, negative),
    make('nmsub', 0x4b, negative, same),
    make('nmadd', 0x4f, negative, negative),
  ];
}

function comparisons(format: FloatFormat): Instruction[] {
  const { t, fmt, wasm, read, write } = vocabulary(format);
  const locals = `${FP_GUARD} let a = ${read('frs1')}; let b = ${read('frs2')};`;
  const unordered = `!(${wasm}_eq(a, a) & ${wasm}_eq(b, b))`;
  const choose = (name: string, funct3: number) =>
    row(
      `f${name}.${t}`,
      R,
      0x28000053 | fmt | (funct3 << 12),
      FUNCT7,
      'alu',
      `${locals}
      let r = ${wasm}_${name}(a, b);
      if (${unordered}) { r = number_of_${t}(a, b); }
      ${write('r')}`,
      FLOAT_2,
    );
  // A quiet NaN is invalid only where the question is which is less.
  const compare = (name: string, funct3: number, flag: string) =>
    row(
      `f${name}.${t}`,
      R,
      (0xa0000053 | fmt | (funct3 << 12)) >>> 0,
      FUNCT7,
      'alu',
      `${locals}
      if (${unordered}) { ${flag}_${t}(${flag === 'nan' ? 'a, b' : ''}); }
      rd = u64(${wasm}_${name}(a, b));`,
      { rs1: true, rs2: true },
    );
  return [
    choose('min', 0),
    choose('max', 1),
    compare('le', 0, 'invalid'),
    compare('lt', 1, 'invalid'),
    compare('eq', 2, 'nan'),
    row(
      `fclass.${t}`,
      R2,
      (0xe0001053 | fmt) >>> 0,
      R2_MASK,
      'alu',
      `
      ${FP_GUARD} let a = ${read('frs1')}; rd = class_${t}(a);`,
      { rs1: true },
    ),
  ];
}

/** Integer types, by the number that takes the place of rs2. */
const INTEGERS = [
  { name: 'w', bits: 32, unsigned: 0, value: 'sext32(rs1)' },
  { name: 'wu', bits: 32, unsigned: 1, value: 'rs1 & 0xffffffff' },
  { name: 'l', bits: 64, unsigned: 0, value: 'rs1' },
  { name: 'lu', bits: 64, unsigned: 1, value: 'rs1' },
] as const;

function conversions(format: FloatFormat): Instruction[] {
  const { t, fmt, wasm, single, read, write } = vocabulary(format);
  return INTEGERS.flatMap(({ name, bits, unsigned, value }, i) => {
    const exact = bits < format.fractionBits;
    const from = `${wasm}_from_${unsigned ? 'u' : 's'}64(a)`;
    const slow = `from_${unsigned ? 'unsigned' : 'signed'}_${t}(a, mode)`;
    const toFloat = exact
      ? `${FP_GUARD} ${MODE} let a = ${value}; let r = ${from}; ${write('r')}`
      : quickly(`let a = ${value};`, from, '', '1', slow, write('r'));
    // A finite single is a double; of a NaN only that it is one matters.
    const wide = single ? 'a >= 0 && (a & 0x7fffffff) <=u 0x7f800000 ? f64_promote(a) : 0x7ff8000000000000' : 'a';
    const integer = `integer_of(${wide}, mode, ${bits}, ${unsigned})`;
    return [
      row(
        `fcvt.${name}.${t}`,
        R2M,
        (0xc0000053 | fmt | (i << 20)) >>> 0,
        R2M_MASK,
        'float',
        `${FP_GUARD} ${MODE}
        let a = ${read('frs1')};
        let r = ${integer};
        rd = ${bits === 32 ? 'sext32(r)' : 'r'};`,
        { rs1: true },
      ),
      row(
        `fcvt.${t}.${name}`,
        exact ? R2M_EXACT : R2M,
        (0xd0000053 | fmt | (i << 20)) >>> 0,
        R2M_MASK,
        'float',
        toFloat,
        { rd: true },
      ),
    ];
  });
}

const single = vocabulary(SINGLE);
const double = vocabulary(DOUBLE);

/** Operations of F and D that compute ("Unprivileged ISA" 21.6 to 21.9, 22.4 to 22.7). */
export const FD_ARITHMETIC: readonly Instruction[] = [
  ...FORMATS.flatMap((format) => [
    ...arithmetic(format),
    ...fused(format),
    ...comparisons(format),
    ...conversions(format),
  ]),
  row(
    'fcvt.s.d',
    R2M,
    0x40100053,
    R2M_MASK,
    'float',
    quickly('let a = frs1;', 'f32_demote(a)', '', single.plain, 'convert_s_d(a, mode)', single.write('r')),
    FLOAT_1,
  ),
  row(
    'fcvt.d.s',
    R2M_EXACT,
    0x42000053,
    R2M_MASK,
    'float',
    `${FP_GUARD} ${MODE}
    let a = ${single.read('frs1')};
    let r = convert_d_s(a);
    ${double.write('r')}`,
    FLOAT_1,
  ),
];
