import type { Block, Expression, FunctionNode, Statement } from './ast.ts';
import type { ValueType } from './module.ts';

/**
 * Syntax of the semantics language, C-like:
 *   fn name(a: i32, b: i64): i64 { let x = a; if (c) {…} else {…} while (c) {…} x = e; x |= e; return e; }
 * `<u <=u >u >=u /u %u` are the unsigned operators, `>>>` the logical shift, `&name` the address of a state field.
 * Operators bind as in C, except that `& ^ |` bind tighter than comparisons.
 */
const TOKEN =
  /\s+|\/\/[^\n]*|(0x[0-9a-fA-F_]+|\d[\d_]*)|([A-Za-z_][A-Za-z_0-9]*)|(<=u(?=\s)|>=u(?=\s)|<u(?=\s)|>u(?=\s)|\/u(?=\s)|%u(?=\s)|>>>=?|<<=|>>=|[-+*&|^]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>=?:;,(){}[\]])/y;

const PRECEDENCE: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '<u': 4,
  '<=u': 4,
  '>u': 4,
  '>=u': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 8,
  '>>': 8,
  '>>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
  '/u': 10,
  '%u': 10,
};

/** A source that does not parse or type-check: a mistake of ours, so it names the text around it. */
export class SemanticsError extends Error {}

function tokenize(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw new SemanticsError(`unexpected character at: ${source.slice(start, start + 40)}`);
    const text = match[1] ?? match[2] ?? match[3];
    if (text !== undefined) tokens.push(text);
  }
  return tokens;
}

class Parser {
  private at = 0;
  private readonly tokens: string[];
  constructor(source: string) {
    this.tokens = tokenize(source);
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  private peek(): string {
    return this.tokens[this.at] ?? '';
  }

  private next(): string {
    return this.tokens[this.at++] ?? '';
  }

  private fail(what: string): never {
    const around = this.tokens.slice(Math.max(0, this.at - 8), this.at + 4).join(' ');
    throw new SemanticsError(`${what} near: ${around}`);
  }

  private expect(token: string): void {
    if (this.next() !== token) this.fail(`expected '${token}'`);
  }

  private accept(token: string): boolean {
    if (this.peek() !== token) return false;
    this.at++;
    return true;
  }

  private identifier(): string {
    const token = this.next();
    if (!/^[A-Za-z_]/.test(token)) this.fail('expected a name');
    return token;
  }

  private type(): ValueType {
    const token = this.next();
    if (token !== 'i32' && token !== 'i64') this.fail('expected i32 or i64');
    return token as ValueType;
  }

  function(): FunctionNode {
    this.expect('fn');
    const name = this.identifier();
    this.expect('(');
    const parameters: { name: string; type: ValueType }[] = [];
    while (!this.accept(')')) {
      const parameter = this.identifier();
      this.expect(':');
      parameters.push({ name: parameter, type: this.type() });
      if (this.peek() !== ')') this.expect(',');
    }
    const result = this.accept(':') ? this.type() : undefined;
    return { name, parameters, result, body: this.block() };
  }

  private block(): Block {
    this.expect('{');
    const statements: Statement[] = [];
    while (!this.accept('}')) statements.push(this.statement());
    return statements;
  }

  statements(): Block {
    const statements: Statement[] = [];
    while (!this.done) statements.push(this.statement());
    return statements;
  }

  private statement(): Statement {
    const token = this.peek();
    switch (token) {
      case 'let': {
        this.next();
        const name = this.identifier();
        const type = this.accept(':') ? this.type() : undefined;
        this.expect('=');
        const value = this.expression();
        this.expect(';');
        return { kind: 'let', name, type, value };
      }
      case 'if':
      case 'rarely': {
        this.next();
        const test = this.parenthesized();
        const yes = this.branch();
        const no = this.accept('else') ? this.branch() : undefined;
        return { kind: 'if', test, yes, no, rare: token === 'rarely' };
      }
      case 'while': {
        this.next();
        return { kind: 'while', test: this.parenthesized(), body: this.branch() };
      }
      case 'break':
      case 'continue':
        this.next();
        this.expect(';');
        return { kind: token };
      case 'return': {
        this.next();
        const value = this.peek() === ';' ? undefined : this.expression();
        this.expect(';');
        return { kind: 'return', value };
      }
    }
    const following = this.tokens[this.at + 1] ?? '';
    if (/^[A-Za-z_]/.test(token) && /^([-+*&|^]|<<|>>>?)?=$/.test(following)) {
      const name = this.identifier();
      const operator = this.next().slice(0, -1);
      const right = this.expression();
      this.expect(';');
      const value: Expression =
        operator === '' ? right : { kind: 'binary', operator, left: { kind: 'name', name }, right };
      return { kind: 'set', name, value };
    }
    const value = this.expression();
    this.expect(';');
    return { kind: 'do', value };
  }

  private branch(): Block {
    return this.peek() === '{' ? this.block() : [this.statement()];
  }

  private parenthesized(): Expression {
    this.expect('(');
    const inner = this.expression();
    this.expect(')');
    return inner;
  }

  expression(): Expression {
    const test = this.binary(1);
    if (!this.accept('?')) return test;
    const yes = this.expression();
    this.expect(':');
    return { kind: 'choose', test, yes, no: this.expression() };
  }

  private binary(minimum: number): Expression {
    let left = this.unary();
    for (;;) {
      const operator = this.peek();
      const precedence = PRECEDENCE[operator];
      if (precedence === undefined || precedence < minimum) return left;
      this.next();
      left = { kind: 'binary', operator, left, right: this.binary(precedence + 1) };
    }
  }

  private unary(): Expression {
    const token = this.peek();
    if (token === '-' || token === '~' || token === '!') {
      this.next();
      return { kind: 'unary', operator: token, operand: this.unary() };
    }
    if (token === '&') {
      this.next();
      return { kind: 'address', name: this.identifier() };
    }
    if (token === '(') return this.parenthesized();
    if (/^\d/.test(token)) {
      this.next();
      return { kind: 'number', value: BigInt(token.replaceAll('_', '')) };
    }
    const name = this.identifier();
    if (!this.accept('(')) return { kind: 'name', name };
    const args: Expression[] = [];
    while (!this.accept(')')) {
      args.push(this.expression());
      if (this.peek() !== ')') this.expect(',');
    }
    return { kind: 'call', name, args };
  }
}

/** Functions of one source text. */
export function parseFunctions(source: string): FunctionNode[] {
  const parser = new Parser(source);
  const functions: FunctionNode[] = [];
  while (!parser.done) functions.push(parser.function());
  return functions;
}

/** A sequence of statements: the body of an instruction or the write of a CSR. */
export function parseStatements(source: string): Block {
  return new Parser(source).statements();
}

/** One expression: the read of a CSR. */
export function parseExpression(source: string): Expression {
  return new Parser(source).expression();
}
