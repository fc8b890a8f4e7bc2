import { assembleProgram, type Program } from '../../src/machine/isa/assemble.ts';
import type { Engine } from './engine.ts';

/** Where things lie in the RAM of a case. */
export const CODE = 0x80000000;
export const LOG = 0x80100000;
export const DATA = 0x80200000;
export const TABLES = 0x80300000;
export const RAM_END = 0x80400000;
/** Neither RAM nor a device, as a physical address: where cases put virtual ones. */
export const VA = 0x18000000;
export const NOWHERE = 0x8000000;
/** Distance of the user-mode alias of the code, where a case translates addresses. */
export const USER_ALIAS = 0x40000000;
/** Far more than any case needs. */
const CYCLES = 20_000_000;

export type Mode = 'M' | 'S' | 'U' | 'VS' | 'VU';
/** mstatus.MPP and MPV for entering a mode by mret. */
const ENTRY: Readonly<Record<Exclude<Mode, 'M'>, { mpp: number; mpv: number }>> = {
  S: { mpp: 1, mpv: 0 },
  U: { mpp: 0, mpv: 0 },
  VS: { mpp: 1, mpv: 1 },
  VU: { mpp: 0, mpv: 1 },
};

/** How an attempt ended: the first trap by the level that took it, or `none`. */
export interface Trap {
  readonly level: 'none' | 'M' | 'HS' | 'VS';
  readonly interrupt: boolean;
  readonly cause: number;
  /** epc, relative to the first instruction of the attempt. */
  readonly offset: number;
  readonly epc: bigint;
  readonly tval: bigint;
  /** mtval2 or htval. */
  readonly tval2: bigint;
  readonly tinst: bigint;
  /** mstatus, sstatus or vsstatus as the handler sees it. */
  readonly status: bigint;
  /** hstatus, where HS-mode took the trap. */
  readonly hstatus: bigint;
}

export interface Outcome {
  /** What `record` wrote, in order. */
  readonly values: readonly bigint[];
  /** One for each `attempt`, in order. */
  readonly traps: readonly Trap[];
}

/** In a7 at an `ecall`: the attempt is over, go on in M-mode. */
const OVER = 0x600d;
const VALUE = 1;
const TRAP = 2;
const TRAP_WORDS = 10;
/** Bytes of log that nearly every case needs less than. */
const SHORT_LOG = 0x4000;

/**
 * Before every case: M-mode, all memory open by PMP entry 15, traps to the handlers below. Handlers put what they see into
 * s0..s7 and go on in M-mode at s10, so a handler works whatever the case did to translation. The harness owns
 * s0..s8, s10, s11, t5, t6, a7 and, at the end of an attempt, ra.
 */
const PRELUDE = `
_start:
  la t5, _m_trap
  csrw mtvec, t5
  la t5, _hs_trap
  csrw stvec, t5
  li t5, -1
  csrw pmpaddr15, t5
  li t5, 0x1f << 56
  csrw pmpcfg2, t5
  csrw mideleg, zero
  li t5, 0x2004000   # mtimecmp
  li t6, -1
  sd t6, 0(t5)
  li s11, ${LOG}
  j main

  .align 2
_m_trap:
  csrr t6, mcause
  addi t6, t6, -8
  li t5, 4
  bgeu t6, t5, 1f
  li t5, ${OVER}
  beq a7, t5, 3f
1: li s0, 3
  csrr s1, mcause
  csrr s2, mepc
  csrr s3, mtval
  csrr t6, misa
  andi t6, t6, 1 << 7
  beqz t6, 2f
  csrr s4, mtval2
  csrr s5, mtinst
2: csrr s6, mstatus
  bgez s1, 3f
  li t5, 1 << 7      # an interrupt would be taken again: MPIE = 0
  csrc mstatus, t5
3: csrw mepc, s10
  li t5, (1 << 17) | (1 << 39)   # MPRV, MPV
  csrc mstatus, t5
  li t5, 3 << 11     # MPP = M
  csrs mstatus, t5
  mret

  .align 2
_hs_trap:
  li s0, 1
  csrr s4, htval
  csrr s5, htinst
  csrr s7, hstatus
  j _s_common
  .align 2
_vs_trap:
  li s0, 2
_s_common:
  csrr s1, scause
  csrr s2, sepc
  csrr s3, stval
  csrr s6, sstatus
  li a7, ${OVER}
  ecall
  j .

_log_trap:
  li t5, ${TRAP}
  sd t5, 0(s11)
  sd s0, 8(s11)
  sd s1, 16(s11)
  sd s2, 24(s11)
  sd s3, 32(s11)
  sd s4, 40(s11)
  sd s5, 48(s11)
  sd s6, 56(s11)
  sd s7, 64(s11)
  sd s8, 72(s11)
  addi s11, s11, ${TRAP_WORDS * 8}
  ret

_done:
  li t5, 0x100000
  li t6, 0x5555
  sw t6, 0(t5)
  j .
main:
`;

/** Text that logs registers, in M-mode. */
export const record = (...registers: string[]): string =>
  registers
    .map((register) => `li t6, ${VALUE}\n sd t6, 0(s11)\n sd ${register}, 8(s11)\n addi s11, s11, 16\n`)
    .join('');

/** Text that logs what a CSR reads as. */
export const recordCsr = (...names: string[]): string =>
  names.map((name) => `csrr t5, ${name}\n${record('t5')}`).join('');

/** Text that goes from M-mode to a mode at `target`; uses t5 and t6. */
export function enter(mode: Exclude<Mode, 'M'>, target: string, alias = 0): string {
  const { mpp, mpv } = ENTRY[mode];
  return `
    li t6, (3 << 11) | (1 << 39)
    csrc mstatus, t6
    li t6, (${mpp} << 11) | (${mpv} << 39)
    csrs mstatus, t6
    la t6, ${target}
    li t5, ${alias}
    add t6, t6, t5
    csrw mepc, t6
    mret
  `;
}

/**
 * Text that runs code in a mode until its end or its first trap, back to M-mode, and logs how it ended. Registers that the
 * harness does not own keep what the code left.
 */
export function attempt(mode: Mode, code: string, alias = 0): string {
  const clear = ['s1', 's2', 's3', 's4', 's5', 's6', 's7'].map((register) => `li ${register}, 0\n`).join('');
  return `
    li s0, -1
    ${clear}
    la s10, 901f
    la s8, 900f
    li t5, ${alias}
    add s8, s8, t5
    ${mode === 'M' ? '' : enter(mode, '900f', alias)}
  900:
    ${code}
    li a7, ${OVER}
    ecall
  901:
    li a7, 0
    jal ra, _log_trap
  `;
}

/** Sets a CSR to a constant; uses t5. */
export const setCsr = (name: string, value: bigint | number | string): string => `li t5, ${value}\n csrw ${name}, t5\n`;

/** Words to be placed in memory before the start. */
export type Words = ReadonlyMap<number, bigint>;

export function littleEndian(value: bigint, width = 8): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Every engine runs the same texts. */
const assembled = new Map<string, Program>();
function assemble(text: string): Program {
  const program = assembled.get(text) ?? assembleProgram(`${PRELUDE}\n${text}\n j _done\n`, CODE);
  assembled.set(text, program);
  return program;
}

/** Loads a case's text behind the prelude and its words; the engine stands at the start. */
export function prepare(engine: Engine, text: string, words: Words = new Map()): ReadonlyMap<string, bigint> {
  const program = assemble(text);
  engine.reset();
  engine.load(CODE, program.bytes);
  for (const [address, value] of words) engine.load(address, littleEndian(value));
  engine.start(CODE);
  return program.symbols;
}

const LEVELS: Readonly<Record<string, Trap['level']>> = { '3': 'M', '1': 'HS', '2': 'VS' };

export function outcome(engine: Engine): Outcome {
  const found = outcomeIn(engine.read(LOG, SHORT_LOG)) ?? outcomeIn(engine.read(LOG, DATA - LOG));
  if (found === undefined) throw new Error('the program logged more than there is room for');
  return found;
}

/** What a log says, if it ends there. */
function outcomeIn(log: Uint8Array): Outcome | undefined {
  const view = new DataView(log.buffer, log.byteOffset, log.length);
  const values: bigint[] = [];
  const traps: Trap[] = [];
  for (let at = 0; at + TRAP_WORDS * 8 <= log.length; ) {
    const word = (index: number) => view.getBigUint64(at + 8 * index, true);
    const tag = word(0);
    if (tag === BigInt(VALUE)) {
      values.push(word(1));
      at += 16;
    } else if (tag === BigInt(TRAP)) {
      traps.push({
        level: LEVELS[String(word(1))] ?? 'none',
        interrupt: word(2) >> 63n === 1n,
        cause: Number(word(2) & 0xffn),
        offset: Number(BigInt.asIntN(64, word(3) - word(9))),
        epc: word(3),
        tval: word(4),
        tval2: word(5),
        tinst: word(6),
        status: word(7),
        hstatus: word(8),
      });
      at += TRAP_WORDS * 8;
    } else return { values, traps };
  }
  return undefined;
}

/** Runs a case to its end. */
export function run(engine: Engine, text: string, words?: Words): Outcome {
  prepare(engine, text, words);
  const stop = engine.run(CYCLES);
  if (stop !== 'finished')
    throw new Error(`the program did not end (${stop}); it logged ${JSON.stringify(outcome(engine), hex)}`);
  return outcome(engine);
}

const hex = (_key: string, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value);
