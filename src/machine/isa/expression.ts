/** Values in assembly text: integers, characters, symbols, `.`, `%hi(…)` and `%lo(…)`, with the operators of C. */

/** What is wrong with an operand, in words that also name the remedy; the assembler adds the line. */
export class OperandError extends Error {}

/** Gives the value of a symbol, or undefined where it is not known. */
export type Symbols = (name: string) => bigint | undefined;

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*(?![\d#]))|'(\\?.)'|(%hi|%lo|[A-Za-z_.$\d][\w.$#]*)|(<<|>>|[-+*/%&|^~()]))/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const PRECEDENCE: Readonly<Record<string, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

/** Text between quotes with its escapes resolved. */
export function resolveEscapes(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** Upper 20 bits for `lui` and `auipc`, so that adding the sign-extended low 12 gives the value. */
function high(value: bigint): bigint {
  if (value < -(1n << 31n) || value >= (1n << 31n) - 0x800n) {
    throw new OperandError(`${value} does not fit 32 signed bits; use li, which builds any 64-bit value`);
  }
  return BigInt.asUintN(20, (value + 0x800n) >> 12n);
}

class Reader {
  private readonly tokens: { kind: 'number' | 'char' | 'name' | 'operator'; text: string }[] = [];
  private at = 0;
  private readonly source: string;
  private readonly symbols: Symbols;

  constructor(source: string, symbols: Symbols) {
    this.source = source;
    this.symbols = symbols;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < source.length) {
      const match = TOKEN.exec(source);
      if (match === null) throw new OperandError(`'${source}' is no value; write a number, a label or an expression`);
      const [, number, char, name, operator] = match;
      if (number !== undefined) this.tokens.push({ kind: 'number', text: number });
      else if (char !== undefined) this.tokens.push({ kind: 'char', text: char });
      else if (name !== undefined) this.tokens.push({ kind: 'name', text: name });
      else this.tokens.push({ kind: 'operator', text: operator ?? '' });
    }
  }

  whole(): bigint {
    const value = this.binary(1);
    if (this.at < this.tokens.length) throw new OperandError(`'${this.source}' does not end where a value should`);
    return value;
  }

  private expect(text: string): void {
    if (this.tokens[this.at++]?.text !== text) throw new OperandError(`'${this.source}': '${text}' is missing`);
  }

  private binary(minimum: number): bigint {
    let left = this.unary();
    for (;;) {
      const operator = this.tokens[this.at];
      const precedence = operator?.kind === 'operator' ? PRECEDENCE[operator.text] : undefined;
      if (operator === undefined || precedence === undefined || precedence < minimum) return left;
      this.at++;
      left = apply(operator.text, left, this.binary(precedence + 1));
    }
  }

  private unary(): bigint {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new OperandError(`'${this.source}': a value is missing`);
    if (token.kind === 'number') return BigInt(token.text.replaceAll('_', ''));
    if (token.kind === 'char') return BigInt(resolveEscapes(token.text).codePointAt(0) ?? 0);
    if (token.text === '-') return -this.unary();
    if (token.text === '~') return ~this.unary();
    if (token.text === '+') return this.unary();
    if (token.text === '(') {
      const value = this.binary(1);
      this.expect(')');
      return value;
    }
    if (token.text === '%hi' || token.text === '%lo') {
      this.expect('(');
      const value = this.binary(1);
      this.expect(')');
      return token.text === '%hi' ? high(value) : BigInt.asIntN(12, value);
    }
    if (token.kind === 'operator') throw new OperandError(`'${this.source}': a value is wanted before '${token.text}'`);
    const value = this.symbols(token.text);
    if (value === undefined) throw new OperandError(`${named(token.text)} is not defined; add the label or an .equ`);
    return value;
  }
}

/** How a symbol was written: numeric labels carry their occurrence inside. */
const named = (symbol: string): string => symbol.replace(/#.*/, '');

function apply(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '<<':
      return left << right;
    case '>>':
      return left >> right;
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
  }
  if (right === 0n) throw new OperandError('division by zero');
  return operator === '/' ? left / right : left % right;
}

export function evaluate(source: string, symbols: Symbols): bigint {
  return new Reader(source, symbols).whole();
}
