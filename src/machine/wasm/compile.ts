import type { Block, Expression, FunctionNode, Statement } from './ast.ts';
import { Emitter, type Label, OP } from './emitter.ts';
import type { Body, Signature, ValueType } from './module.ts';
import {
  ARITHMETIC,
  COMPARISON,
  CONVERSION,
  FLOAT,
  FROM_BITS,
  RAW_LOAD,
  RAW_STORE,
  SHIFTS,
  TO_BITS,
} from './operators.ts';
import { SemanticsError } from './parse.ts';

/** A named place in the hart state, at a fixed offset from the base that each function gets as parameter 0. */
export interface Field {
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
}

/** A name an engine gives its own meaning: an operand of an instruction, a local that caches a field. */
export interface EngineName {
  readonly type: ValueType;
  read(compiler: Compiler): void;
  /** `value` leaves the new value on the stack. */
  write?(compiler: Compiler, value: () => void): void;
}

/** A call an engine gives its own meaning (guest memory, jumps, traps); leaves its result, if any, on the stack. */
export interface EngineCall {
  readonly result: ValueType | undefined;
  emit(compiler: Compiler, args: readonly Expression[]): void;
}

export interface Environment {
  readonly fields: ReadonlyMap<string, Field>;
  readonly constants: ReadonlyMap<string, bigint>;
  readonly functions: ReadonlyMap<string, { readonly index: number; readonly signature: Signature }>;
  name?(name: string): EngineName | undefined;
  callee?(name: string): EngineCall | undefined;
}

const FIELD_LOAD = { 1: OP.i32Load8u, 2: OP.i32Load16u, 4: OP.i32Load, 8: OP.i64Load } as const;
const FIELD_STORE = { 1: OP.i32Store8, 2: OP.i32Store16, 4: OP.i32Store, 8: OP.i64Store } as const;
export const fieldType = (field: Field): ValueType => (field.width === 8 ? 'i64' : 'i32');

/** Parameter 0 of every function: the base of the hart state in linear memory. */
export const HART = 0;

/** Emits the trees of one function; engines subclass nothing, they hand in an Environment. */
export class Compiler {
  readonly emit: Emitter;
  readonly environment: Environment;
  private readonly scopes: Map<string, { index: number; type: ValueType }>[] = [new Map()];
  private readonly loops: { exit: Label; again: Label }[] = [];

  constructor(environment: Environment, emit: Emitter) {
    this.environment = environment;
    this.emit = emit;
  }

  bind(name: string, index: number, type: ValueType): void {
    this.scopes.at(-1)?.set(name, { index, type });
  }

  private lookup(name: string): { index: number; type: ValueType } | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Type of an expression; undefined for a bare number, which takes the type its context needs. */
  typeOf(node: Expression): ValueType | undefined {
    switch (node.kind) {
      case 'number':
        return undefined;
      case 'address':
        return 'i32';
      case 'name': {
        const local = this.lookup(node.name);
        if (local !== undefined) return local.type;
        const own = this.environment.name?.(node.name);
        if (own !== undefined) return own.type;
        const field = this.environment.fields.get(node.name);
        if (field !== undefined) return fieldType(field);
        if (this.environment.constants.has(node.name)) return undefined;
        throw new SemanticsError(`unknown name ${node.name}`);
      }
      case 'unary':
        return node.operator === '!' ? 'i32' : this.typeOf(node.operand);
      case 'binary':
        if (node.operator in COMPARISON || node.operator === '&&' || node.operator === '||') return 'i32';
        if (SHIFTS.has(node.operator)) return this.typeOf(node.left) ?? this.typeOf(node.right);
        return this.typeOf(node.left) ?? this.typeOf(node.right);
      case 'choose':
        return this.typeOf(node.yes) ?? this.typeOf(node.no);
      case 'call':
        return this.resultOf(node.name);
    }
  }

  private resultOf(name: string): ValueType | undefined {
    const own = this.environment.callee?.(name);
    if (own !== undefined) return own.result;
    const conversion = CONVERSION[name];
    if (conversion !== undefined) return conversion[1];
    const float = FLOAT[name];
    if (float !== undefined) return float[1] === 'i32' ? 'i32' : 'i64';
    const load = RAW_LOAD[name];
    if (load !== undefined) return load[1];
    if (name in RAW_STORE || name === 'fill' || name === 'copy') return undefined;
    const callee = this.environment.functions.get(name);
    if (callee === undefined) throw new SemanticsError(`unknown function ${name}`);
    return callee.signature.result;
  }

  /** Leaves the value on the stack, of type `want` if that is given. */
  expression(node: Expression, want?: ValueType): ValueType {
    const type = this.typeOf(node) ?? want ?? 'i64';
    if (want !== undefined && type !== want) {
      throw new SemanticsError(`${want} wanted, ${type} found: ${describe(node)}`);
    }
    switch (node.kind) {
      case 'number':
        if (type === 'i32') this.emit.i32(Number(BigInt.asIntN(32, node.value)));
        else this.emit.i64(node.value);
        break;
      case 'name':
        this.readName(node.name, type);
        break;
      case 'address': {
        const field = this.field(node.name);
        this.emit.get(HART);
        this.emit.i32(field.offset);
        this.emit.op(0x6a);
        break;
      }
      case 'unary':
        this.unary(node.operator, node.operand, type);
        break;
      case 'binary':
        this.binary(node.operator, node.left, node.right, type);
        break;
      case 'choose':
        this.test(node.test);
        this.emit.open(OP.if, type);
        this.expression(node.yes, type);
        this.emit.else();
        this.expression(node.no, type);
        this.emit.close();
        break;
      case 'call':
        this.call(node.name, node.args);
        break;
    }
    return type;
  }

  private field(name: string): Field {
    const field = this.environment.fields.get(name);
    if (field === undefined) throw new SemanticsError(`unknown field ${name}`);
    return field;
  }

  private readName(name: string, type: ValueType): void {
    const local = this.lookup(name);
    if (local !== undefined) return this.emit.get(local.index);
    const own = this.environment.name?.(name);
    if (own !== undefined) return own.read(this);
    const field = this.environment.fields.get(name);
    if (field !== undefined) {
      this.emit.get(HART);
      return this.emit.memory(FIELD_LOAD[field.width], field.offset);
    }
    const constant = this.environment.constants.get(name) ?? 0n;
    if (type === 'i32') this.emit.i32(Number(BigInt.asIntN(32, constant)));
    else this.emit.i64(constant);
  }

  /** Stores into a local, an engine's own name or a state field what `value` leaves on the stack. */
  write(name: string, value: (want: ValueType) => void): void {
    const local = this.lookup(name);
    if (local !== undefined) {
      value(local.type);
      return this.emit.set(local.index);
    }
    const own = this.environment.name?.(name);
    if (own !== undefined) {
      if (own.write === undefined) throw new SemanticsError(`${name} cannot be written`);
      return own.write(this, () => value(own.type));
    }
    const field = this.field(name);
    this.emit.get(HART);
    value(fieldType(field));
    this.emit.memory(FIELD_STORE[field.width], field.offset);
  }

  private unary(operator: string, operand: Expression, type: ValueType): void {
    if (operator === '!') {
      const inner = this.expression(operand, this.typeOf(operand) ?? 'i32');
      this.emit.op(inner === 'i64' ? OP.i64Eqz : OP.i32Eqz);
      return;
    }
    const minusOne = () => (type === 'i64' ? this.emit.i64(-1n) : this.emit.i32(-1));
    if (operator === '~') {
      this.expression(operand, type);
      minusOne();
      this.emit.op(type === 'i64' ? 0x85 : 0x73);
      return;
    }
    if (type === 'i64') this.emit.i64(0n);
    else this.emit.i32(0);
    this.expression(operand, type);
    this.emit.op(type === 'i64' ? 0x7d : 0x6b);
  }

  private binary(operator: string, left: Expression, right: Expression, type: ValueType): void {
    if (operator === '&&' || operator === '||') {
      this.test(left);
      this.emit.open(OP.if, 'i32');
      if (operator === '&&') this.test(right);
      else this.emit.i32(1);
      this.emit.else();
      if (operator === '&&') this.emit.i32(0);
      else this.test(right);
      this.emit.close();
      return;
    }
    const comparison = COMPARISON[operator];
    const operands = comparison === undefined ? type : (this.typeOf(left) ?? this.typeOf(right) ?? 'i64');
    this.expression(left, operands);
    if (SHIFTS.has(operator) && operands === 'i64' && this.typeOf(right) === 'i32') {
      this.expression(right, 'i32');
      this.emit.op(OP.i64ExtendI32u);
    } else {
      this.expression(right, operands);
    }
    const pair = comparison ?? ARITHMETIC[operator];
    if (pair === undefined) throw new SemanticsError(`unknown operator ${operator}`);
    this.emit.op(operands === 'i64' ? pair[1] : pair[0]);
  }

  /** Leaves an i32 that is non-zero when the expression is. */
  test(node: Expression): void {
    if (this.expression(node, this.typeOf(node) ?? 'i32') === 'i64') {
      this.emit.i64(0n);
      this.emit.op(OP.i64Ne);
    }
  }

  private call(name: string, args: readonly Expression[]): void {
    const own = this.environment.callee?.(name);
    if (own !== undefined) return own.emit(this, args);
    const [first, second, third] = args;
    const conversion = CONVERSION[name];
    if (conversion !== undefined && first !== undefined) {
      this.expression(first, conversion[0]);
      return this.emit.op(conversion[2]);
    }
    const float = FLOAT[name];
    if (float !== undefined) return this.float(name, float, args);
    const load = RAW_LOAD[name];
    if (load !== undefined && first !== undefined) {
      const offset = this.addressWithOffset(first);
      return this.emit.memory(load[0], offset);
    }
    const store = RAW_STORE[name];
    if (store !== undefined && first !== undefined && second !== undefined) {
      const offset = this.addressWithOffset(first);
      this.expression(second, store[1]);
      return this.emit.memory(store[0], offset);
    }
    if ((name === 'fill' || name === 'copy') && first && second && third) {
      for (const argument of [first, second, third]) this.expression(argument, 'i32');
      this.emit.op(0xfc);
      this.emit.code.unsigned(name === 'fill' ? 11 : 10);
      this.emit.code.byte(0);
      if (name === 'copy') this.emit.code.byte(0);
      return;
    }
    this.callFunction(name, args);
  }

  private float(name: string, [operands, result, opcode]: (typeof FLOAT)[string], args: readonly Expression[]): void {
    if (args.length !== operands.length) throw new SemanticsError(`${name} takes ${operands.length} arguments`);
    args.forEach((argument, i) => {
      this.expression(argument, 'i64');
      for (const conversion of FROM_BITS[operands[i] ?? 'i64']) this.emit.op(conversion);
    });
    for (const byte of opcode) this.emit.op(byte);
    for (const conversion of TO_BITS[result]) this.emit.op(conversion);
  }

  /** A call of a function of the module; the hart base goes first. */
  callFunction(name: string, args: readonly Expression[]): void {
    const callee = this.environment.functions.get(name);
    if (callee === undefined) throw new SemanticsError(`unknown function ${name}`);
    const wanted = callee.signature.parameters.slice(1);
    if (wanted.length !== args.length) throw new SemanticsError(`${name} takes ${wanted.length} arguments`);
    this.emit.get(HART);
    args.forEach((argument, i) => {
      this.expression(argument, wanted[i] ?? 'i64');
    });
    this.emit.call(callee.index);
  }

  /** Leaves the address; a constant addend goes into the instruction's own offset (addresses here never wrap). */
  private addressWithOffset(node: Expression): number {
    if (node.kind === 'address') {
      this.emit.get(HART);
      return this.field(node.name).offset;
    }
    if (node.kind === 'binary' && node.operator === '+' && node.right.kind === 'number') {
      this.expression(node.left, 'i32');
      return Number(node.right.value);
    }
    this.expression(node, 'i32');
    return 0;
  }

  block(statements: Block): void {
    this.scopes.push(new Map());
    for (const statement of statements) this.statement(statement);
    for (const { index, type } of this.scopes.pop()?.values() ?? []) this.emit.release(index, type);
  }

  private statement(node: Statement): void {
    switch (node.kind) {
      case 'let': {
        const type = this.expression(node.value, node.type);
        const index = this.emit.local(type);
        this.emit.set(index);
        this.bind(node.name, index, type);
        return;
      }
      case 'set':
        return this.write(node.name, (want) => this.expression(node.value, want));
      case 'if':
        this.test(node.test);
        if (node.rare) this.emit.openUnlikely();
        else this.emit.open(OP.if);
        this.block(node.yes);
        if (node.no !== undefined) {
          this.emit.else();
          this.block(node.no);
        }
        return this.emit.close();
      case 'while': {
        const exit = this.emit.open(OP.block);
        const again = this.emit.open(OP.loop);
        this.test(node.test);
        this.emit.op(OP.i32Eqz);
        this.emit.brIf(exit);
        this.loops.push({ exit, again });
        this.block(node.body);
        this.loops.pop();
        this.emit.br(again);
        this.emit.close();
        return this.emit.close();
      }
      case 'switch':
        return this.switch(node.on, node.arms, node.otherwise);
      case 'break':
      case 'continue': {
        const loop = this.loops.at(-1);
        if (loop === undefined) throw new SemanticsError(`${node.kind} outside a loop`);
        return this.emit.br(node.kind === 'break' ? loop.exit : loop.again);
      }
      case 'return':
        if (node.value !== undefined) this.expression(node.value, this.result);
        return this.emit.op(OP.return);
      case 'do': {
        const type = node.value.kind === 'call' ? this.resultOf(node.value.name) : this.typeOf(node.value);
        if (node.value.kind === 'call') this.call(node.value.name, node.value.args);
        else this.expression(node.value);
        if (type !== undefined) this.emit.op(OP.drop);
      }
    }
  }

  private switch(on: Expression, arms: readonly Block[], otherwise: Block): void {
    const exit = this.emit.open(OP.block);
    const fallback = this.emit.open(OP.block);
    const labels = arms.map(() => this.emit.open(OP.block)).reverse();
    this.expression(on, 'i32');
    this.emit.brTable(labels, fallback);
    for (const arm of arms) {
      this.emit.close();
      this.block(arm);
      this.emit.br(exit);
    }
    this.emit.close();
    this.block(otherwise);
    this.emit.close();
  }

  /** Result type of the function under construction, for `return`. */
  result: ValueType | undefined;
}

/** Parameters and result of a function as Wasm sees them. */
export function signatureOf(node: FunctionNode): Signature {
  return { parameters: ['i32', ...node.parameters.map((p) => p.type)], result: node.result };
}

/** The body of one function of the semantics language. */
export function compileFunction(node: FunctionNode, environment: Environment): Body {
  const compiler = new Compiler(environment, new Emitter(node.parameters.length + 1));
  compiler.result = node.result;
  compiler.bind('hart', HART, 'i32');
  node.parameters.forEach((parameter, i) => {
    compiler.bind(parameter.name, i + 1, parameter.type);
  });
  try {
    compiler.block(node.body);
  } catch (error) {
    if (error instanceof SemanticsError) throw new SemanticsError(`fn ${node.name}: ${error.message}`);
    throw error;
  }
  // A function whose last statement returns leaves an unreachable end; Wasm wants a value there all the same.
  if (node.result !== undefined) compiler.emit.op(0x00);
  return compiler.emit.body();
}

function describe(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'name':
    case 'address':
      return node.name;
    case 'unary':
      return `${node.operator}${describe(node.operand)}`;
    case 'binary':
      return `(${describe(node.left)} ${node.operator} ${describe(node.right)})`;
    case 'choose':
      return `(${describe(node.test)} ? ${describe(node.yes)} : ${describe(node.no)})`;
    case 'call':
      return `${node.name}(…)`;
  }
}
