import { Writer } from './writer.ts';

/** Value types of the machine's Wasm. */
export type ValueType = 'i32' | 'i64';
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

/** Encodings of the value types (WebAssembly core 5.3.1). */
export const VALUE_CODE: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e };

/** Local declarations and code of a function, without a length prefix. */
export interface Body {
  readonly bytes: Uint8Array;
  /** Offsets in it of instructions `if` whose condition is rarely true, in rising order. */
  readonly unlikely: readonly number[];
}

const UNLIKELY = 0;

interface Import {
  readonly name: string;
  readonly signature: number;
}
interface Defined {
  readonly name: string;
  readonly signature: number;
  body: Body | undefined;
}

/**
 * A Wasm module over one imported memory `env.memory`: imported functions first, then defined ones, all of them
 * exported by name. Indices are given out when a function is declared, so bodies may call in any order.
 */
export class ModuleBuilder {
  private readonly signatures: string[] = [];
  private readonly imports: Import[] = [];
  private readonly functions: Defined[] = [];
  private tabled = false;

  /** Number of a signature among the module's types. */
  signatureIndex(signature: Signature): number {
    const key = `${signature.parameters.join(',')}:${signature.result ?? ''}`;
    const known = this.signatures.indexOf(key);
    if (known >= 0) return known;
    this.signatures.push(key);
    return this.signatures.length - 1;
  }

  /** Index of a new imported function `env.<name>`; all imports come before the first definition. */
  importFunction(name: string, signature: Signature): number {
    if (this.functions.length > 0) throw new Error(`import ${name} after the first definition`);
    this.imports.push({ name, signature: this.signatureIndex(signature) });
    return this.imports.length - 1;
  }

  /** Imports `env.table`, for indirect calls. */
  importTable(): void {
    this.tabled = true;
  }

  /** Index of a new function whose body is given later by `define`. */
  declareFunction(name: string, signature: Signature): number {
    this.functions.push({ name, signature: this.signatureIndex(signature), body: undefined });
    return this.imports.length + this.functions.length - 1;
  }

  define(index: number, body: Body): void {
    const target = this.functions[index - this.imports.length];
    if (target === undefined) throw new Error(`function ${index} is not declared`);
    target.body = body;
  }

  build(): Uint8Array<ArrayBuffer> {
    const out = new Writer(1 << 16);
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) out.byte(byte);
    section(out, 1, (s) => {
      s.unsigned(this.signatures.length);
      for (const key of this.signatures) {
        const [parameters = '', result = ''] = key.split(':');
        const list = parameters === '' ? [] : (parameters.split(',') as ValueType[]);
        s.byte(0x60);
        s.unsigned(list.length);
        for (const type of list) s.byte(VALUE_CODE[type]);
        s.unsigned(result === '' ? 0 : 1);
        if (result !== '') s.byte(VALUE_CODE[result as ValueType]);
      }
    });
    section(out, 2, (s) => {
      s.unsigned(this.imports.length + (this.tabled ? 2 : 1));
      s.text('env');
      s.text('memory');
      s.byte(2);
      s.byte(0);
      s.unsigned(1);
      if (this.tabled) {
        s.text('env');
        s.text('table');
        // A table of funcref with no maximum, of any size.
        for (const byte of [1, 0x70, 0, 0]) s.byte(byte);
      }
      for (const entry of this.imports) {
        s.text('env');
        s.text(entry.name);
        s.byte(0);
        s.unsigned(entry.signature);
      }
    });
    section(out, 3, (s) => {
      s.unsigned(this.functions.length);
      for (const entry of this.functions) s.unsigned(entry.signature);
    });
    section(out, 7, (s) => {
      s.unsigned(this.functions.length);
      this.functions.forEach((entry, i) => {
        s.text(entry.name);
        s.byte(0);
        s.unsigned(this.imports.length + i);
      });
    });
    this.hints(out);
    section(out, 10, (s) => {
      s.unsigned(this.functions.length);
      for (const { name, body } of this.functions) {
        if (body === undefined) throw new Error(`function ${name} has no body`);
        s.unsigned(body.bytes.length);
        s.append(body.bytes, body.bytes.length);
      }
    });
    return out.done();
  }

  /** Custom section `metadata.code.branch_hint`; an engine that does not know it passes over it. */
  private hints(out: Writer): void {
    const hinted = this.functions.flatMap(({ body }, i) =>
      body === undefined || body.unlikely.length === 0 ? [] : [{ index: this.imports.length + i, at: body.unlikely }],
    );
    if (hinted.length === 0) return;
    section(out, 0, (s) => {
      s.text('metadata.code.branch_hint');
      s.unsigned(hinted.length);
      for (const { index, at } of hinted) {
        s.unsigned(index);
        s.unsigned(at.length);
        for (const offset of at) {
          s.unsigned(offset);
          s.byte(1);
          s.byte(UNLIKELY);
        }
      }
    });
  }
}

function section(out: Writer, id: number, fill: (section: Writer) => void): void {
  const content = new Writer(1 << 14);
  fill(content);
  out.byte(id);
  out.unsigned(content.length);
  out.append(content.bytes, content.length);
}
