// Who called what crashed: the chain of frames that a guest of ours leaves in its stack, read after the run. It lies in memory
// that the guest, or a neighbour, may have filled with anything: whatever stands there, the walk ends, with a mark.
import { layouts } from '../../images/index.ts';
import type { PlannedGuest } from './boot.ts';

/** Bytes of physical memory. */
export type ReadMemory = (address: number, length: number) => Uint8Array;

/** Where die() of panic.c leaves its own frame. */
const FRAME_SYMBOL = 'panic_frame';
/** Return addresses of the calls that trap.S makes: the frame of the trap is what the callee's stack begins at. */
const TRAP_CALLS = ['trap_return', 'halted'];
const MOST_FRAMES = 16;
/** A frame pointer is a stack pointer before the call, which the ABI aligns. */
const ALIGNMENT = 16n;
/** Below the frame pointer: the return address, and the caller's frame pointer. */
const [RETURN_ADDRESS, CALLER] = [8n, 16n];
const { fields } = layouts.trap_frame;
const TRAP = {
  pc: BigInt(fields.sepc.offset),
  status: BigInt(fields.sstatus.offset),
  returnAddress: BigInt(fields.x.offset),
  framePointer: BigInt(fields.x.offset + 7 * fields.x.size),
};
const FROM_SUPERVISOR = 0x100n;
/** Instructions of a function that are looked through. */
const MOST_INSTRUCTIONS = 1024;

/** `addi s0, sp, n`, `ld s0, n(sp)`, and jumps without return, as masks and values of 32 and of 16 bits. */
const MAKES_FRAME = { wide: [0xfffff, 0x10413], short: [0xe01f, 0x0000] } as const;
const RESTORES_FRAME = { wide: [0xfffff, 0x13403], short: [0xef83, 0x6402] } as const;
const LEAVES = [
  { wide: [0xfff, 0x067], short: [0xf07f, 0x8002] },
  { wide: [0xfff, 0x06f], short: [0xe003, 0xa001] },
] as const;

type Pattern = Readonly<Record<'wide' | 'short', readonly [mask: number, value: number]>>;

function is(pattern: Pattern, word: number): boolean {
  const [mask, value] = (word & 3) === 3 ? pattern.wide : pattern.short;
  return (word & mask) === value && word !== 0;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The stack of one guest, whose kernel runs at its physical addresses. */
class Stack {
  readonly #guest: PlannedGuest;
  readonly #read: ReadMemory;
  readonly #textEnd: bigint;
  readonly #trapCalls: readonly bigint[];

  constructor(guest: PlannedGuest, read: ReadMemory) {
    this.#guest = guest;
    this.#read = read;
    const { memory, symbols } = guest;
    this.#textEnd = BigInt(symbols.has('__text_end') ? symbols.address('__text_end') : memory.base);
    this.#trapCalls = TRAP_CALLS.flatMap((name) => (symbols.has(name) ? [BigInt(symbols.address(name))] : []));
  }

  /** Undefined where the guest has no such memory. */
  word(address: bigint): bigint | undefined {
    const { base, size } = this.#guest.memory;
    if (address < BigInt(base) || address + 8n > BigInt(base + size)) return undefined;
    const bytes = this.#read(Number(address), 8);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  }

  isText(pc: bigint): boolean {
    return pc >= BigInt(this.#guest.memory.base) && pc < this.#textEnd && (pc & 1n) === 0n;
  }

  isTrapCall(pc: bigint): boolean {
    return this.#trapCalls.includes(pc);
  }

  /** `call` is a pc behind a call, which may be the last instruction of its function. */
  name(pc: bigint, call: boolean): string {
    const back = call ? 1 : 0;
    const found = this.isText(pc) ? this.#guest.symbols.find(Number(pc) - back) : undefined;
    if (found === undefined) return hex(pc);
    const offset = found.offset + back;
    return offset === 0 ? found.name : `${found.name}+0x${offset.toString(16)}`;
  }

  /**
   * Is s0 at pc the frame of pc's own function? Not before its prologue and in its epilogues, nor in assembly, nor where a
   * wild pc is. Behind a jump stands what a branch from the body reaches.
   */
  hasFrame(pc: bigint): boolean {
    const found = this.isText(pc) ? this.#guest.symbols.find(Number(pc)) : undefined;
    if (found === undefined) return false;
    let made = false;
    let restored = false;
    let at = Number(pc) - found.offset;
    for (let count = 0; count < MOST_INSTRUCTIONS && at < Number(pc); count++) {
      const raw = Number((this.word(BigInt(at)) ?? 0n) & 0xffff_ffffn);
      const word = (raw & 3) === 3 ? raw : raw & 0xffff;
      if (is(MAKES_FRAME, word)) made = true;
      else if (is(RESTORES_FRAME, word)) restored = true;
      else if (LEAVES.some((pattern) => is(pattern, word))) restored = false;
      at += (raw & 3) === 3 ? 4 : 2;
    }
    return made && !restored;
  }
}

/** The frames from `framePointer` on, innermost first; the last one is a mark in brackets where the chain is broken. */
function walk(stack: Stack, framePointer: bigint): string[] {
  const frames: string[] = [];
  let frame = framePointer;
  while (frames.length < MOST_FRAMES) {
    if (frame % ALIGNMENT !== 0n) return [...frames, `(misaligned frame ${hex(frame)})`];
    const pc = stack.word(frame - RETURN_ADDRESS);
    const caller = stack.word(frame - CALLER);
    if (pc === undefined || caller === undefined) return [...frames, `(frame ${hex(frame)} outside the guest)`];
    if (caller === 0n) return frames;
    if (stack.isTrapCall(pc)) {
      const trapped = walkTrap(stack, frame);
      frames.push(...trapped.frames);
      if (trapped.next === undefined || trapped.next === 0n) return frames;
      frame = trapped.next;
      continue;
    }
    if (!stack.isText(pc)) return [...frames, `(no code at ${hex(pc)})`];
    frames.push(stack.name(pc, true));
    // A stack grows downwards, so callers lie higher: no circle can come of it.
    if (caller <= frame) return [...frames, `(frame ${hex(caller)} below its callee's)`];
    frame = caller;
  }
  return [...frames, '(and more)'];
}

/** Across a trap: from what it interrupted on. */
function walkTrap(stack: Stack, trap: bigint): { readonly frames: string[]; readonly next: bigint | undefined } {
  const [pc, status, returnAddress, frame] = [TRAP.pc, TRAP.status, TRAP.returnAddress, TRAP.framePointer].map(
    (offset) => stack.word(trap + offset),
  );
  if (pc === undefined || status === undefined || returnAddress === undefined || frame === undefined) {
    return { frames: [`(trap frame ${hex(trap)} outside the guest)`], next: undefined };
  }
  if ((status & FROM_SUPERVISOR) === 0n) return { frames: [`trap in user code at ${hex(pc)}`], next: undefined };
  const at = `trap at ${stack.name(pc, false)}`;
  const direct = stack.isText(returnAddress) ? [at, stack.name(returnAddress, true)] : [at];
  if (!stack.hasFrame(pc)) return { frames: direct, next: frame };
  // A function that calls nobody keeps its return address in ra and has only the caller's frame pointer in its frame.
  const [upper, lower] = [stack.word(frame - RETURN_ADDRESS), stack.word(frame - CALLER)];
  const isLeaf = upper !== undefined && !stack.isText(upper) && stack.word(upper - CALLER) !== undefined;
  return isLeaf && lower !== undefined ? { frames: direct, next: upper } : { frames: [at], next: frame };
}

/** The callers of a guest's first panic, innermost first; nothing where it did not panic, or has no symbols of ours. */
export function backtrace(guest: PlannedGuest, read: ReadMemory): string[] {
  if (!guest.symbols.has(FRAME_SYMBOL)) return [];
  const stack = new Stack(guest, read);
  const frame = stack.word(BigInt(guest.symbols.address(FRAME_SYMBOL)));
  return frame === undefined || frame === 0n ? [] : walk(stack, frame);
}
