import {
  DOUBLE,
  DYNAMIC,
  type FloatFormat,
  FORMATS,
  literals,
  NX,
  plain,
  RMM,
  SINGLE,
  twoSum,
} from '../hart/float-format.ts';
import { FUSES } from '../wasm/fused.ts';
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

/** How an operation may be done by the host; all but `locals` and `write` are expressions over them and `r`. */
interface Quick {
  readonly locals: string;
  /** Becomes `r`, to nearest. */
  readonly result: string;
  /** That no local needs unboxing, followed by &&, or nothing; that the result raises no flag but NX. */
  readonly boxed: string;
  readonly enough: string;
  /** Statements that set `sure` only if the result is exact. */
  readonly exactly: string;
  /** What to do if not. */
  readonly slow: string;
  readonly write: string;
}

/**
 * Rounds to nearest by Wasm's own operation where NX is already set or need not be, and the result shows that no other flag
 * is due. Everything else takes the exact path.
 */
function quickly({ locals, result, boxed, enough, exactly, slow, write }: Quick): string {
  return `${FP_GUARD} ${locals} let r = ${result};
    let sure: i32 = (fcsr & quick) == ${NX};
    rarely (!sure) { if (((fcsr | ${NX}) & quick) == ${NX}) { ${exactly} } }
    rarely (!(sure && ${boxed}${enough})) { ${MODE} r = ${slow}; }
    ${write}`;
}

/** Condition that what is a product of two significands' bits, or is taken from one, is not cut short by underflow. */
const awayFromTiny =
  ({ fractionBits, signBit }: FloatFormat) =>
  (name: string): string =>
    `(${name} << ${63 - signBit} << 1) >=u ${BigInt(fractionBits + 12) << BigInt(fractionBits + 64 - signBit)}`;

const exactSum = (format: FloatFormat, a: string, b: string): string =>
  `${twoSum(format, 'sum', a, b)} sure = ${format.wasm}_eq(sum_error, 0);`;

/** Where the condition holds, is `whole` x·y? A host that does not fuse cannot tell quickly. */
const noRest = ({ wasm }: FloatFormat, x: string, y: string, whole: string, condition: string): string =>
  FUSES ? `sure = ${condition} && ${wasm}_eq(${wasm}_nmadd(${x}, ${y}, ${whole}), 0);` : 'sure = 0;';

function arithmetic(format: FloatFormat): Instruction[] {
  const { t, fmt, wasm, sign, reread, write, boxed, finite, plain } = vocabulary(format);
  const locals = 'let a = frs1; let b = frs2;';
  const [a, b] = [reread('a'), reread('b')];
  const least = awayFromTiny(format);
  const two = (
    name: string,
    funct5: number,
    cost: CostClass,
    [enough, exactly]: readonly [string, string],
    slow: string,
  ) =>
    row(
      `f${name}.${t}`,
      RM,
      (0x53 | (funct5 << 27) | fmt) >>> 0,
      RM_MASK,
      cost,
      quickly({
        locals,
        result: `${wasm}_${name}(a, b)`,
        boxed: boxed('a & b'),
        enough,
        exactly,
        slow,
        write: write('r'),
      }),
      FLOAT_2,
    );
  return [
    two('add', 0, 'float', [finite, exactSum(format, 'a', 'b')], `add_${t}(${a}, ${b}, mode)`),
    two('sub', 1, 'float', [finite, exactSum(format, 'a', `${wasm}_neg(b)`)], `add_${t}(${a}, ${b} ^ ${sign}, mode)`),
    two('mul', 2, 'float', [plain, noRest(format, 'a', 'b', 'r', least('r'))], `mul_${t}(${a}, ${b}, mode)`),
    two('div', 3, 'float-divide', [plain, noRest(format, 'r', 'b', 'a', least('a'))], `div_${t}(${a}, ${b}, mode)`),
    row(
      `fsqrt.${t}`,
      R2M,
      0x58000053 | fmt,
      R2M_MASK,
      'float-divide',
      quickly({
        locals: 'let a = frs1;',
        result: `${wasm}_sqrt(a)`,
        boxed: boxed('a'),
        enough: plain,
        exactly: noRest(format, 'r', 'r', 'a', least('a')),
        slow: `sqrt_${t}(${a}, mode)`,
        write: write('r'),
      }),
      FLOAT_1,
    ),
  ];
}

function fused(format: FloatFormat): Instruction[] {
  const { t, fmt, wasm, reread, write, boxed, plain } = vocabulary(format);
  const whole = awayFromTiny(format)('product');
  const quickest = FUSES ? `${wasm}_madd` : `fma_nearest_${t}`;
  const signed = (minus: boolean, value: string) => (minus ? `${wasm}_neg(${value})` : value);
  const make = (name: string, opcode: number, minusProduct: boolean, minusAddend: boolean) => {
    const [a, c] = [signed(minusProduct, 'a'), signed(minusAddend, 'c')];
    const [product, addend] = [signed(minusProduct, reread('a')), signed(minusAddend, reread('c'))];
    return row(
      `f${name}.${t}`,
      R4,
      opcode | fmt,
      R4_MASK,
      'float',
      quickly({
        locals: 'let a = frs1; let b = frs2; let c = frs3;',
        result: `${quickest}(${a}, b, ${c})`,
        boxed: boxed('a & b & c'),
        enough: plain,
        exactly: `let product = ${wasm}_mul(${a}, b); if (${whole}) {
          ${exactSum(format, 'product', c)} ${noRest(format, a, 'b', 'product', 'sure')} }`,
        slow: `fma_${t}(${product}, ${reread('b')}, ${addend}, mode)`,
        write: write('r'),
      }),
      FLOAT_2,
    );
  };
  return [
    make('madd', 0x43, false, false),
    make('msub', 0x47, false, true),
    make('nmsub', 0x4b, true, false),
    make('nmadd', 0x4f, true, true),
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
  const whole = 2n << BigInt(format.fractionBits);
  return INTEGERS.flatMap(({ name, bits, unsigned, value }, i) => {
    const exact = bits < format.fractionBits;
    const from = `${wasm}_from_${unsigned ? 'u' : 's'}64(a)`;
    const slow = `from_${unsigned ? 'unsigned' : 'signed'}_${t}(a, mode)`;
    const toFloat = exact
      ? `${FP_GUARD} ${MODE} let a = ${value}; let r = ${from}; ${write('r')}`
      : quickly({
          locals: `let a = ${value};`,
          result: from,
          boxed: '',
          enough: '1',
          exactly: `sure = ${unsigned ? `a <=u ${whole}` : `a + ${whole} <=u ${2n * whole}`};`,
          slow,
          write: write('r'),
        });
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
    quickly({
      locals: 'let a = frs1;',
      result: 'f32_demote(a)',
      boxed: '',
      enough: single.plain,
      exactly: 'sure = f64_eq(f64_promote(r), a);',
      slow: 'convert_s_d(a, mode)',
      write: single.write('r'),
    }),
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
