// What the guests must put out, computed without them.

const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const i32 = (value: bigint): bigint => BigInt.asIntN(32, value);

/** The monitor's sensor: MurmurHash3's finalizer over seed and index. */
function sensor(seed: number, index: number): bigint {
  let x = seed ^ Math.imul(index, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return BigInt((x ^ (x >>> 16)) >>> 0);
}

/** The words that lie on the disk of unix for a unit. */
export function unixBlock(seed: number, unit: number): bigint[] {
  const block: bigint[] = [];
  for (let sample = 0; sample < 8; sample++) {
    let word = sensor(seed, unit * 8 + sample);
    for (let i = 0; i < 8; i++) {
      block.push(word);
      word = u64((word ^ u64(word << 13n)) + 0x9e3779b9n);
      word ^= word >> 7n;
    }
  }
  return block;
}

export function unixModel(seed: number, units: number): bigint[] {
  const box: bigint[] = [];
  for (let x = 0x2545f491n; box.length < 256; box.push(x)) {
    x = u32(x ^ (x << 13n));
    x ^= x >> 17n;
    x = u32(x ^ (x << 5n));
  }
  const sum = (words: bigint[]): bigint =>
    words.reduce((total, word) => u64(u64((total ^ word) * 0x1000193n) + (total >> 47n)), BigInt(words.length));
  const encipher = (word: bigint): bigint => {
    let [left, right] = [word >> 32n, u32(word)];
    for (let round = 0n; round < 4n; round++) {
      const mixed = left ^ u32((box[Number(right & 255n)] ?? 0n) + (right >> 3n) + round);
      [left, right] = [right, mixed];
    }
    return (left << 32n) | right;
  };
  let digest = 0n;
  return Array.from({ length: units }, (_, unit) => {
    const block = unixBlock(seed, unit);
    digest = u64(digest * 0x10dcdn + sum(block.map((word) => encipher(u64(word + BigInt(unit))))));
    return digest ^ sum(block);
  });
}

const TAPS = [328n, 655n, 1638n, 2949n, 4588n, 6226n, 7537n, 8847n];
const PLANT = [
  [60000n, 4000n, -900n, 0n],
  [-3000n, 61000n, 2500n, 300n],
  [700n, -2000n, 62000n, 1500n],
  [0n, 250n, -1700n, 63000n],
];
const INPUT = [900n, 400n, -300n, 150n];
const GAIN = [9000n, 7000n, 5000n, 3000n];

export function rtosModel(seed: number, jobs: number): bigint[] {
  const taps = [...TAPS, ...TAPS.toReversed()];
  const limit = 1000n * 65536n;
  const limited = (value: bigint): bigint => (value > limit ? limit : value < -limit ? -limit : value);
  const multiply = (a: bigint, b: bigint): bigint => i32((a * b) >> 16n);
  const add = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  let [history, state] = [Array<bigint>(15).fill(0n), Array<bigint>(4).fill(0n)];
  let [integral, before, command] = [0n, 0n, 0n];
  return Array.from({ length: jobs }, (_, job) => {
    const samples = Array.from({ length: 64 }, (_, i) => {
      const word = sensor(seed, job * 4 + Math.floor(i / 16));
      const turn = BigInt((5 * (i % 16)) % 32);
      return (u32((word >> turn) | (word << (32n - turn))) & 0xffffn) * 2n - 65536n;
    });
    const window = [...history, ...samples];
    history = window.slice(64);
    const measured = state.map((_, quarter) => {
      const filtered = Array.from({ length: 16 }, (_, i) =>
        add(taps.map((tap, at) => tap * (window[quarter * 16 + i + at] ?? 0n))),
      );
      return limited((add(filtered) >> 16n) / 16n);
    });
    state = state.map((old, row) => {
      const coupled = add(state.map((value, column) => multiply(PLANT[row]?.[column] ?? 0n, value)));
      const corrected = multiply(GAIN[row] ?? 0n, (measured[row] ?? 0n) - old);
      return limited(multiply(INPUT[row] ?? 0n, command) + coupled + corrected);
    });
    const error = -(state[0] ?? 0n);
    integral = limited(integral + error / 64n);
    command = limited((error * 3n) / 2n + integral + (error - before) / 4n);
    before = error;
    const mix = state.reduce((total, value) => u32(total * 31n + value), 0n);
    return (u32(command) << 32n) | mix;
  });
}
