import { encode, lengthOf } from './encode.ts';
import { evaluate, OperandError, type Symbols, resolveEscapes } from './expression.ts';
import { type Expansion, expand, loadImmediate, operandCounts, splitInstruction } from './pseudo.ts';

/** A line that does not assemble: its number, what is wrong, and the remedy. */
export class AssemblyError extends Error {}

/** Something with a place in the output, waiting for the second pass. */
interface Item {
  readonly line: number;
  readonly address: number;
  readonly length: number;
  emit(symbols: Symbols): Uint8Array;
}

export interface Program {
  readonly bytes: Uint8Array;
  /** Addresses of labels and values of `.equ`. */
  readonly symbols: ReadonlyMap<string, bigint>;
}

const NOP = [0x13, 0, 0, 0];
const COMPRESSED_NOP = [0x01, 0];
const DIRECTIVES = '.byte .half .word .dword .align .balign .org .space .zero .ascii .asciz .equ';
const DATA_WIDTH: Readonly<Record<string, number>> = { '.byte': 1, '.half': 2, '.word': 4, '.dword': 8 };

function littleEndian(value: bigint | number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = BigInt.asUintN(64, BigInt(value));
  for (let i = 0; i < width; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The line without its comment: `#`, `;` or `//` outside quotes. */
function withoutComment(line: string): string {
  return /^(?:[^"#;/]|"(?:[^"\\]|\\.)*"|\/(?!\/))*/.exec(line)?.[0] ?? '';
}

/** Nops where they fit, so that code may run through the gap. */
function padding(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = length & 1;
  if (length & 2) {
    bytes.set(COMPRESSED_NOP, at);
    at += 2;
  }
  for (; at < length; at += 4) bytes.set(NOP, at);
  return bytes;
}

/** First pass: lengths and labels. The second, in `finish`, emits every item with all symbols known. */
class Assembly {
  private readonly items: Item[] = [];
  private readonly symbols = new Map<string, bigint>();
  /** How often each numeric label (`1:`) was defined so far. */
  private readonly occurrences = new Map<string, number>();
  private readonly base: number;
  private at: number;
  private line = 0;

  constructor(base: number) {
    this.base = base;
    this.at = base;
  }

  private here(address = this.at): Symbols {
    return (name) => (name === '.' ? BigInt(address) : this.symbols.get(name));
  }

  private place(length: number, emit: (symbols: Symbols) => Uint8Array): void {
    this.items.push({ line: this.line, address: this.at, length, emit });
    this.at += length;
  }

  private define(name: string, value: bigint): void {
    if (this.symbols.has(name)) throw new OperandError(`${name} is defined twice; rename one`);
    this.symbols.set(name, value);
  }

  private label(name: string): void {
    if (!/^\d+$/.test(name)) return this.define(name, BigInt(this.at));
    const count = (this.occurrences.get(name) ?? 0) + 1;
    this.occurrences.set(name, count);
    this.define(`${name}#${count}`, BigInt(this.at));
  }

  /** `1b` and `1f` become the occurrence they mean. */
  private resolveNumeric(text: string): string {
    return text.replace(/(?<![\w.$])(\d+)([bf])(?!\w)/g, (_, name: string, way: string) => {
      return `${name}#${(this.occurrences.get(name) ?? 0) + (way === 'f' ? 1 : 0)}`;
    });
  }

  statement(line: number, source: string): void {
    this.line = line;
    let text = withoutComment(source).trim();
    for (;;) {
      const [whole = '', name = ''] = /^([A-Za-z_.$][\w.$]*|\d+)\s*:/.exec(text) ?? [];
      if (whole === '') break;
      this.label(name);
      text = text.slice(whole.length).trim();
    }
    if (text === '') return;
    if (text.startsWith('.')) return this.directive(text);
    const [name, ...operands] = splitInstruction(this.resolveNumeric(text));
    for (const [real, ...texts] of this.expansion(name, operands)) this.instruction(real, texts);
  }

  private expansion(name: string, operands: string[]): Expansion {
    if (name === 'li' && operands.length === 2) {
      const [rd = '', value = ''] = operands;
      return loadImmediate(rd, this.known(value));
    }
    return expand(name, operands) ?? [[name, ...operands]];
  }

  /** A value that lengths depend on, so that it must be known at this line. */
  private known(text: string): bigint {
    try {
      return evaluate(this.resolveNumeric(text), this.here());
    } catch (error) {
      if (!(error instanceof OperandError)) throw error;
      throw new OperandError(`${error.message} (above this line; for an address below use la)`);
    }
  }

  private instruction(name: string, operands: readonly string[]): void {
    const length = lengthOf(name);
    if (length === undefined && operandCounts(name).length > 0) {
      throw new OperandError(`${name}: takes ${operandCounts(name).join(' or ')} operands, ${operands.length} given`);
    }
    if (length === undefined) throw new OperandError(`${name} is no instruction of this machine; see src/machine/isa`);
    this.place(length, (symbols) => {
      try {
        return littleEndian(encode(name, operands, symbols), length);
      } catch (error) {
        if (error instanceof OperandError) throw new OperandError(`${name}: ${error.message}`);
        throw error;
      }
    });
  }

  private directive(text: string): void {
    const [name, ...operands] = splitInstruction(text);
    const width = DATA_WIDTH[name];
    const [first = '', second = ''] = operands;
    if (width !== undefined) {
      for (const operand of operands) {
        const value = this.resolveNumeric(operand);
        this.place(width, (symbols) => littleEndian(evaluate(value, symbols), width));
      }
    } else if (name === '.align' || name === '.balign') {
      const value = Number(this.known(first));
      const to = name === '.align' ? 2 ** value : value;
      this.skip(Math.ceil(this.at / to) * to, padding);
    } else if (name === '.org') {
      this.skip(Number(this.known(first)), (length) => new Uint8Array(length));
    } else if (name === '.space' || name === '.zero') {
      this.skip(this.at + Number(this.known(first)), (length) => new Uint8Array(length));
    } else if (name === '.asciz' || name === '.ascii') {
      const [, quoted] = /"((?:[^"\\]|\\.)*)"\s*$/.exec(text) ?? [];
      if (quoted === undefined) throw new OperandError(`${name} wants a text in double quotes`);
      const bytes = new TextEncoder().encode(resolveEscapes(quoted) + (name === '.asciz' ? '\0' : ''));
      this.place(bytes.length, () => bytes);
    } else if (name === '.equ' && operands.length === 2) {
      this.define(first, this.known(second));
    } else {
      throw new OperandError(`${name} is no directive here; there are ${DIRECTIVES}`);
    }
  }

  private skip(to: number, fill: (length: number) => Uint8Array): void {
    const length = to - this.at;
    if (!(length >= 0 && length <= 1 << 28)) {
      throw new OperandError(`the place would move by ${length} bytes; it moves on, and by at most 256 MiB`);
    }
    this.place(length, () => fill(length));
  }

  finish(): Program {
    const bytes = new Uint8Array(this.at - this.base);
    for (const item of this.items) {
      this.line = item.line;
      bytes.set(item.emit(this.here(item.address)), item.address - this.base);
    }
    return { bytes, symbols: this.symbols };
  }

  /** Runs a step, and puts the line in front of what went wrong. */
  guarded<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof OperandError) throw new AssemblyError(`line ${this.line}: ${error.message}`);
      throw error;
    }
  }
}

/** Assembles for that address; see `pseudo.ts` for the pseudo-instructions and `expression.ts` for values. */
export function assembleProgram(text: string, base: number): Program {
  const assembly = new Assembly(base);
  text.split('\n').forEach((line, i) => {
    assembly.guarded(() => assembly.statement(i + 1, line));
  });
  return assembly.guarded(() => assembly.finish());
}

export function assemble(text: string, base: number): Uint8Array {
  return assembleProgram(text, base).bytes;
}
