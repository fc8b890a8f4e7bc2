// What each workload must give, computed here by itself: a cost of wrong work is no cost.

type Model = (rounds: number) => bigint;

const MULTIPLIER = 0x10dcdn;

/** The generator of the guest's inputs. */
function* randoms(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

function drawer(): () => number {
  const source = randoms();
  return () => source.next().value;
}

const mix = (sum: number, word: number): number => Math.imul(sum ^ word, 0x01000193) >>> 0;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

function crc(rounds: number): bigint {
  const draw = drawer();
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    sum = ~sum;
    for (let word = 0; word < 1024; word++) {
      const value = draw();
      for (let shift = 0; shift < 32; shift += 8) {
        sum ^= (value >>> shift) & 0xff;
        for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
      }
    }
    sum = ~sum >>> 0;
  }
  return BigInt(sum);
}

function sort(rounds: number): bigint {
  const draw = drawer();
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    for (const word of Uint32Array.from(range(512), draw).sort()) sum = mix(sum, word);
  }
  return BigInt(sum);
}

function matrix(rounds: number): bigint {
  const draw = drawer();
  const size = 24;
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const cells = range(size * size).map((): [number, number] => [draw(), draw() >>> 7]);
    const at = (row: number, column: number): [number, number] => cells[row * size + column] ?? [0, 0];
    for (const row of range(size)) {
      for (const column of range(size)) {
        const cell = range(size).reduce((total, i) => (total + Math.imul(at(row, i)[0], at(i, column)[1])) | 0, 0);
        sum = mix(sum, cell);
      }
    }
  }
  return BigInt(sum);
}

function floats(rounds: number): bigint {
  const draw = drawer();
  const size = 16;
  const bits = new DataView(new ArrayBuffer(8));
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const cells = range(size * size).map((): [number, number] => [draw() >>> 3, draw() >>> 5]);
    const at = (row: number, column: number): [number, number] => cells[row * size + column] ?? [0, 0];
    for (const row of range(size)) {
      for (const column of range(size)) {
        const total = range(size).reduce((sum, i) => sum + at(row, i)[0] * at(i, column)[1], 0);
        bits.setFloat64(0, Math.sqrt(total) + total / (column + 3));
        sum = mix(mix(sum, bits.getUint32(4)), bits.getUint32(0));
      }
    }
  }
  return BigInt(sum);
}

/** What the interpreted program computes, not how. */
function interpreted(rounds: number): bigint {
  let [a, b, c, d] = [1, 2, 3, 4];
  for (let loop = 0; loop < rounds * 1000; loop++) {
    a = (a + d) | 0;
    b ^= a;
    c = Math.imul(b, 0x01000193);
    d = (c >>> 3) | (c << 29);
    a = (a + c) | 0;
  }
  return BigInt(mix(mix(a, b), c));
}

const PAGES = 1024;

/** One pass over all pages; `cellOf` says which word of memory a page's word is. */
function touch(sum: number, cells: Uint32Array, cellOf: (page: number) => number): number {
  for (let i = 0, page = 0; i < PAGES; i++, page = (page + 389) % PAGES) {
    sum = mix(sum, cells[cellOf(page)] ?? 0);
    cells[cellOf(page)] = sum;
  }
  return sum;
}

function touched(rounds: number): bigint {
  const cells = new Uint32Array(512);
  return BigInt(range(rounds).reduce((sum) => touch(sum, cells, (page) => page % 512), 1));
}

function remapped(rounds: number): bigint {
  const cells = new Uint32Array(64 * 512);
  const frames = range(PAGES).map((page) => page % 64);
  const pass = (sum: number, round: number): number => {
    for (let page = round % 4; page < PAGES; page += 4) frames[page] = (page * 7 + round) % 64;
    return touch(sum, cells, (page) => (frames[page] ?? 0) * 512 + (page % 512));
  };
  return BigInt(range(rounds).reduce(pass, 1));
}

function chased(length: number): Model {
  return (rounds) => {
    let sum = 1;
    for (let hop = 0, page = 0; hop < rounds * length; hop++, page = (page * 1229 + 331) % length) sum = mix(sum, page);
    return BigInt(sum);
  };
}

function syscalls(rounds: number): bigint {
  let word = 1n;
  const calls = BigInt(rounds * 500);
  for (let call = 1n; call <= calls; call++) word = u64(word * MULTIPLIER + call);
  return u64(word + calls);
}

/** A word that goes to and fro, of processes and of guests alike. */
function exchanged(messages: number): Model {
  return (rounds) => range(rounds * messages).reduce((word) => u64(word * MULTIPLIER + 1n), 1n);
}

const mixed =
  (count: number, word: (index: number) => number): Model =>
  (rounds) =>
    BigInt(range(rounds * count).reduce((sum, index) => mix(sum, word(index)), 1));

/** Sixteen timers that run out every 2 to 17 ticks, the n-th every n + 2. */
function ticked(rounds: number): bigint {
  const ticks = rounds * 100;
  return BigInt(range(16).reduce((sum, timer) => mix(sum, Math.floor(ticks / (timer + 2))), ticks));
}

/** Of each transfer the first words are new, the others 0; all are read. */
function transferred(count: number, words: number, filled: number): Model {
  return (rounds) => {
    const draw = drawer();
    const one = (sum: number): number => range(words).reduce((total, at) => mix(total, at < filled ? draw() : 0), sum);
    return BigInt(mix(range(rounds * count).reduce(one, 1), 0));
  };
}

const LINE = 64;
function printed(index: number): number {
  const [line, column] = [Math.floor(index / LINE), index % LINE];
  return column === LINE - 1 ? 0x0a : 0x21 + ((line + column) % 90);
}

const SBI_VERSION = 0x02000000;

const models: Readonly<Record<string, Model>> = {
  crc,
  sort,
  matrix,
  floats,
  interpreter: interpreted,
  ticked: crc,
  pages: touched,
  megapages: touched,
  'chase-1m': chased(256),
  'chase-16m': chased(4096),
  remap: remapped,
  syscalls,
  pipe: exchanged(100),
  'sbi-call': mixed(200, (index) => SBI_VERSION + index),
  'sbi-console': mixed(200, () => 'bench: console\n'.length),
  ticks: ticked,
  'fast-ticks': ticked,
  rearm: mixed(500, (index) => index),
  completions: transferred(50, 16, 16),
  plic: mixed(100, () => 0),
  uart: mixed(10 * LINE, printed),
  copies: transferred(1, 16_384, 64),
  'ping-pong': exchanged(50),
  'timer-latency': (rounds) => BigInt(rounds * 64),
  'device-latency': (rounds) => BigInt(rounds * 64),
};

/** The word that the workload must put out after so many rounds. */
export function expectedResult(workload: string, rounds: number): bigint {
  const model = models[workload];
  if (model === undefined) throw new RangeError(`there is no model of workload ${workload}`);
  return model(rounds);
}
