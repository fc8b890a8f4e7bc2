import { offsetOf } from '../hart/layout.ts';
import { HART } from '../wasm/compile.ts';
import { type Emitter, OP } from '../wasm/emitter.ts';
import type { Region, RegionInstruction } from './region.ts';

type File = 'x' | 'f';
const FILE = 32;
const OPERANDS = ['rd', 'rs1', 'rs2', 'rs3'] as const;
type Operand = (typeof OPERANDS)[number];

const registerOf = (file: File, number: number): number => (file === 'x' ? number : FILE + number);
const place = (key: number): number => offsetOf(key < FILE ? 'x' : 'f') + 8 * (key % FILE);

/** The register file that an operand of an instruction names, if the instruction has it. */
function fileOf({ row }: RegionInstruction, operand: Operand): File | undefined {
  if (row.format[operand] === undefined) return undefined;
  if (operand === 'rs3') return 'f';
  return row.fp?.[operand] ? 'f' : 'x';
}

/** The registers that a region names, in Wasm locals while it runs. */
export class RegionRegisters {
  private readonly emit: Emitter;
  /** Local of each: x0 to x31, then f0 to f31. */
  private readonly locals = new Map<number, number>();
  private readonly written = new Set<number>();

  constructor(emit: Emitter, region: Region) {
    this.emit = emit;
    for (const { instructions } of region.blocks) {
      for (const instruction of instructions) {
        for (const operand of OPERANDS) {
          const file = fileOf(instruction, operand);
          const number = instruction.decoded.operands[operand];
          if (file === undefined || (file === 'x' && number === 0)) continue;
          const key = registerOf(file, number);
          if (!this.locals.has(key)) this.locals.set(key, emit.local('i64'));
          if (operand === 'rd') this.written.add(key);
        }
      }
    }
  }

  load(): void {
    for (const [key, local] of this.locals) {
      this.emit.get(HART);
      this.emit.memory(OP.i64Load, place(key));
      this.emit.set(local);
    }
  }

  store(): void {
    for (const key of this.written) {
      this.emit.get(HART);
      this.emit.get(this.locals.get(key) ?? 0);
      this.emit.memory(OP.i64Store, place(key));
    }
  }

  /** Leaves the value of a register on the stack. */
  read(file: File, register: number): void {
    const local = this.locals.get(registerOf(file, register));
    if (local === undefined) this.emit.i64(0n);
    else this.emit.get(local);
  }

  /** Takes the value from the stack. */
  write(file: File, register: number): void {
    const local = this.locals.get(registerOf(file, register));
    if (local === undefined) this.emit.op(OP.drop);
    else this.emit.set(local);
  }
}
