import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CodeCache } from '../code-cache.ts';
import { buildCore, type CoreExports, type CoreImports } from '../hart/core.ts';
import { SAVED_BYTES } from '../hart/layout.ts';
import { REASON } from '../hart/run.ts';
import { Harts, NEVER } from '../harts.ts';
import { assemble } from '../isa/assemble.ts';
import { disassemble } from '../isa/disassemble.ts';
import { COMPRESSED, decode, INSTRUCTIONS } from '../isa/table.ts';
import { MachineMemory, PAGE } from '../memory.ts';
import { INORDER } from '../timing.ts';
import { blockAt, compileBlock } from './block.ts';
import { EXIT } from './frame.ts';

const BASE = 0x80000000;
const DATA = BASE + 0x10000;
const RAM = 0x20000;
const coreModule = new WebAssembly.Module(buildCore());

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

type Export = (hart: number) => number;
type Core = CoreExports & { store_slow(hart: number, va: bigint, value: bigint, size: number): void };

/** A hart with RAM and no devices. */
class Rig {
  readonly memory = new MachineMemory(1, RAM, 0);
  readonly exports: Readonly<Record<string, Export>>;
  private readonly core: Core;
  private readonly harts: Harts;

  constructor() {
    const { memory } = this;
    let code: CodeCache | undefined;
    const imports: CoreImports = {
      mmio_read: () => 0,
      mmio_write: () => 0,
      foreign: () => {},
      new_code_page: (_hart, page) => code?.allocate(page) ?? 0,
      decode_at: (_hart, offset) => code?.decodeAt(offset),
      decode_crossing: () => code?.decodeCrossing(),
      observe: () => {},
      watch_hit: () => 0,
    };
    const instance = new WebAssembly.Instance(coreModule, {
      env: { memory: memory.wasm, ...(imports as unknown as WebAssembly.ModuleImports) },
    });
    this.exports = instance.exports as unknown as Readonly<Record<string, Export>>;
    this.core = instance.exports as unknown as Core;
    this.harts = new Harts(memory, this.core, { kind: 'coarse' }, INORDER);
    code = new CodeCache(memory, INORDER, () => this.harts.flushSoft());
    this.harts.reset(BASE, 0, 0, 0);
  }

  load(address: number, bytes: Uint8Array): void {
    this.core.note_written(this.hart, BigInt(address), bytes.length);
    this.memory.bytes.set(bytes, this.memory.map.ram + (address - BASE));
  }

  /** Zero and at the start; the TLBs are cold. */
  reset(): void {
    const { map, bytes } = this.memory;
    bytes.fill(0, map.ram, map.ram + RAM);
    this.memory.current.setCount('p', 0);
    this.memory.current.setCount('limit_cycle', NEVER);
    this.harts.reset(BASE, 0, 0, 0);
  }

  /** Makes the page of an address hit, for loads and stores. */
  warm(address: number): void {
    this.poll();
    // The first store makes the page dirty, the second finds it so.
    for (let i = 0; i < 2; i++) this.core.store_slow(this.hart, BigInt(address), 0n, 8);
  }

  private get hart(): number {
    return this.memory.current.base;
  }

  call(name: string): number {
    const run = this.exports[name];
    if (run === undefined) throw new Error(`no export ${name}`);
    return run(this.hart);
  }

  private poll(): void {
    while (this.call('poll') === REASON.yield);
  }

  get cycles(): number {
    this.call('fold');
    return this.memory.current.count('cycles');
  }

  /** The interpreter, until that many cycles in all. */
  interpret(untilCycle: number): void {
    this.harts.run(untilCycle, NEVER, 'fast');
    this.memory.current.setCount('limit_cycle', NEVER);
  }

  /** The block at pc, compiled and run once: how it was left, or undefined where there is none. */
  runBlock(): number | undefined {
    this.poll();
    if (this.call('fetch_page') === 0) {
      this.call('take_exception');
      return EXIT.trap;
    }
    const { current, bytes } = this.memory;
    const pc = current.wide('pc');
    const page = new DataView(bytes.buffer, current.get('fetch_host'), PAGE);
    const instructions = blockAt(page, Number(pc & 0xfffn), pc, INORDER);
    if (instructions.length === 0) return undefined;
    const module = new WebAssembly.Module(compileBlock(instructions));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory.wasm, ...this.exports } });
    return (exports.block as Export)(this.hart);
  }

  /** Everything software can observe, compared without being looked at. */
  equals(other: Rig): boolean {
    this.call('fold');
    other.call('fold');
    const { memory } = this;
    const same = (from: number, size: number) =>
      Buffer.compare(memory.bytes.subarray(from, from + size), other.memory.bytes.subarray(from, from + size)) === 0;
    return same(this.hart, SAVED_BYTES) && same(memory.map.ram, RAM);
  }

  /** The same in a form to be shown. */
  state(): { cycles: number; instret: number; pc: bigint; x: bigint[]; saved: string; ram: string } {
    const { cycles } = this;
    const { current, bytes, map } = this.memory;
    return {
      cycles,
      instret: current.count('instret'),
      pc: current.wide('pc'),
      x: Array.from({ length: 32 }, (_, i) => current.wide('x', i)),
      saved: digest(bytes.subarray(current.base, current.base + SAVED_BYTES)),
      ram: digest(bytes.subarray(map.ram, map.ram + RAM)),
    };
  }
}

/** Two harts at the same program: one for blocks, one for the interpreter alone. */
function pair(text: string): { blocks: Rig; plain: Rig; same: () => void } {
  const program = assemble(text, BASE);
  const [blocks, plain] = [new Rig(), new Rig()];
  for (const rig of [blocks, plain]) rig.load(BASE, program);
  return {
    blocks,
    plain,
    same: () => {
      plain.interpret(blocks.cycles);
      expect(blocks.state()).toEqual(plain.state());
    },
  };
}

/** Sv39 in place: a gigapage over RAM. S-mode starts at `main`. */
const SUPERVISOR = `
  la t0, handler
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, table
  li t1, (0x80000 << 10) | 0xcf
  sd t1, 16(t0)
  srli t0, t0, 12
  li t1, 8 << 60
  or t0, t0, t1
  csrw satp, t0
  li t0, 1 << 11
  csrs mstatus, t0
  la t0, main
  csrw mepc, t0
  li a0, ${DATA}
  li a2, 1
  mret
  .align 2
handler: j .
  .org ${BASE + 0x1000}
table: .zero 4096
`;

describe('a block compiled from the rows', () => {
  it('leaves at a miss, a taken branch and a trap, each time with the state of the interpreter', () => {
    const { blocks, same } = pair(`${SUPERVISOR}
    main:
      addi a1, a1, 5
      ld a3, 0(a0)
      c.addi a3, 7
      sd a3, 8(a0)
      mul a4, a3, a1
      bnez a2, away
      ecall
    away:
      addi a2, a2, -1
      j main`);
    // In M-mode first: CSR writes end blocks, mret leaves for main.
    while (blocks.memory.current.get('priv') === 3) {
      if (blocks.runBlock() === EXIT.miss) blocks.interpret(blocks.cycles + 1);
      same();
    }
    const main = blocks.state().pc;
    const x = (register: number) => blocks.memory.current.wide('x', register);

    // The load misses: what stands before it has happened, it has not.
    expect(blocks.runBlock()).toBe(EXIT.miss);
    same();
    expect([blocks.state().pc - main, x(11), x(13)]).toEqual([4n, 5n, 0n]);
    blocks.interpret(blocks.cycles + 1);
    same();

    // The store has a translation that may be read, but its page is not dirty yet: a miss of the write tag.
    expect(blocks.runBlock()).toBe(EXIT.miss);
    same();
    expect([blocks.state().pc - main, x(13)]).toEqual([10n, 7n]);
    blocks.interpret(blocks.cycles + 1);
    same();

    // Multiply, and the branch is taken.
    expect(blocks.runBlock()).toBe(EXIT.next);
    same();
    expect([blocks.state().pc - main, x(14)]).toEqual([26n, 35n]);

    // Back to main, then everything hits; the branch falls through into the trap.
    expect(blocks.runBlock()).toBe(EXIT.next);
    same();
    expect(blocks.state().pc).toBe(main);
    expect(blocks.runBlock()).toBe(EXIT.trap);
    same();
    expect(blocks.memory.current.wide('mcause')).toBe(9n);
    expect(blocks.memory.current.wide('mepc')).toBe(main + 22n);
    expect(blocks.memory.view.getBigUint64(blocks.memory.map.ram + (DATA - BASE) + 8, true)).toBe(7n);
  });

  it('runs nothing where the quantum may end inside it', () => {
    const { blocks, plain } = pair('addi a0, a0, 1\n div a1, a0, a0\n addi a0, a0, 1\n addi a0, a0, 1\n j .');
    // div takes 34 cycles: with 36 left all but the last instruction fit, the last is not begun.
    for (const [room, exit] of [
      [37, EXIT.horizon],
      [38, EXIT.next],
    ] as const) {
      const rig = new Rig();
      rig.load(BASE, blocks.memory.bytes.slice(blocks.memory.map.ram, blocks.memory.map.ram + 64));
      rig.memory.current.setCount('limit_cycle', room);
      expect(rig.runBlock(), `${room} cycles`).toBe(exit);
      if (exit === EXIT.horizon) expect(rig.state()).toMatchObject({ cycles: 0, instret: 0, pc: BigInt(BASE) });
      plain.interpret(rig.cycles);
      expect(rig.state()).toMatchObject({ instret: plain.state().instret, pc: plain.state().pc, x: plain.state().x });
    }
  });

  it('asks again after an instruction that cost more than its row says', () => {
    const { blocks, same } = pair(`${SUPERVISOR}
    main:
      amoadd.d a1, a0, (a0)
      addi a2, a2, 1
      addi a2, a2, 1
      j main`);
    while (blocks.memory.current.get('priv') === 3) blocks.interpret(blocks.cycles + 1);
    const main = blocks.state().pc;
    // The walk for the fetch takes 6 cycles; by the rows 7 more go by before the jump is begun, a0 found in the second level adds 2.
    blocks.memory.current.setCount('limit_cycle', blocks.cycles + 15);
    expect(blocks.runBlock()).toBe(EXIT.horizon);
    expect(blocks.state().pc - main).toBe(4n);
    same();
  });

  it('ends before an illegal word, the end of the page, and after what looks state up anew', () => {
    const page = new DataView(new ArrayBuffer(PAGE));
    const bytes = assemble(`nop\n c.nop\n csrw mscratch, a0\n nop\n .half 0\n .org 0xffa\n c.nop\n nop`, 0);
    bytes.slice(0, PAGE).forEach((byte, i) => {
      page.setUint8(i, byte);
    });
    const names = (offset: number) => blockAt(page, offset, 0x1000n, INORDER).map(({ row }) => row.name);
    expect(names(0)).toEqual(['addi', 'addi', 'csrrw']);
    expect(names(10)).toEqual(['addi']);
    expect(names(14)).toEqual([]);
    expect(names(0xffa)).toEqual(['addi', 'addi']);
    expect(names(0xffe)).toEqual([]);
  });

  it('means by every row what the interpreter means', () => {
    let state = 11;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state ^ (state >>> 13);
    };
    const [blocks, plain] = [new Rig(), new Rig()];
    const ran = new Set<string>();
    const rows = [...INSTRUCTIONS, ...COMPRESSED];
    for (const { name, match, mask } of rows) {
      for (let round = 0; round < 12; round++) {
        let word = 0;
        do word = (match | (random() & ~mask)) >>> 0;
        while (round % 2 === 1 && !withinPage(word));
        for (const rig of [blocks, plain]) placeAnything(rig, word, round);
        const exit = blocks.runBlock();
        if (exit === EXIT.next || exit === EXIT.trap) ran.add(name);
        else blocks.interpret(blocks.cycles + 1);
        plain.interpret(1);
        if (!blocks.equals(plain)) {
          const text = disassemble(word);
          expect({ text, ...blocks.state() }).toEqual({ text, ...plain.state() });
        }
      }
    }
    expect(rows.map(({ name }) => name).filter((name) => !ran.has(name))).toEqual([]);
  });
});

/** An immediate that leaves an aligned address near the middle of a page aligned, and in the page. */
function withinPage(word: number): boolean {
  const { operands } = decode(word) ?? {};
  return operands === undefined || (operands.imm % 8 === 0 && Math.abs(operands.imm) < 0x600) || !isAccess(word);
}

function isAccess(word: number): boolean {
  const { cost } = INSTRUCTIONS[decode(word)?.index ?? -1] ?? {};
  return cost === 'load' || cost === 'store';
}

/** Who runs the instruction, by round: M-mode at first, then U, S, S with TVM, TW and TSR, and a guest with theirs. */
const MODES = [
  { priv: 0, virt: 0, traps: 0n },
  { priv: 1, virt: 0, traps: 0n },
  { priv: 1, virt: 0, traps: 7n << 20n },
  { priv: 1, virt: 1, traps: 7n << 20n },
];

/** At one instruction: registers hold addresses near the middle of a page, warm in odd rounds, or anything. */
function placeAnything(rig: Rig, word: number, round: number): void {
  rig.reset();
  const { current } = rig.memory;
  for (let i = 1; i < 32; i++) {
    current.setWide('x', round < 4 || round >= 8 ? BigInt(DATA + 0x800 + 8 * i) : BigInt(i) * 0x0123456789abcdefn, i);
    current.setWide('f', BigInt(i) * 0x3ff123456789abcdn, i);
  }
  const { priv, virt, traps } = MODES[round - 8] ?? { priv: 3, virt: 0, traps: 0n };
  current.set('priv', priv);
  current.set('virt', virt);
  // FP state is there, and clean.
  current.setWide('mstatus', (1n << 13n) | (virt ? 0n : traps));
  current.setWide('vsstatus', 1n << 13n);
  current.setWide('hstatus', virt ? traps : 0n);
  current.set('pmpcfg', 0x1f);
  current.setWide('pmpaddr', (1n << 54n) - 1n);
  rig.load(BASE, assemble((word & 3) === 3 ? `.word ${word}` : `.half ${word}`, BASE));
  if (round % 2 === 1) rig.warm(DATA);
}
