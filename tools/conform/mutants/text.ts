import type { Block, Expression, Statement } from '../../../src/machine/wasm/ast.ts';

/** A tree of the semantics language as text. Equal trees have equal texts, so texts compare trees. */
export function expressionText(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return node.value < 10n ? String(node.value) : `0x${node.value.toString(16)}`;
    case 'name':
      return node.name;
    case 'address':
      return `&${node.name}`;
    case 'unary':
      return `${node.operator}${operandText(node.operand)}`;
    case 'binary':
      return `${operandText(node.left)} ${node.operator} ${operandText(node.right)}`;
    case 'choose':
      return `${operandText(node.test)} ? ${operandText(node.yes)} : ${operandText(node.no)}`;
    case 'call':
      return `${node.name}(${node.args.map(expressionText).join(', ')})`;
  }
}

const operandText = (node: Expression): string =>
  node.kind === 'binary' || node.kind === 'choose' ? `(${expressionText(node)})` : expressionText(node);

export function statementText(node: Statement): string {
  switch (node.kind) {
    case 'let':
      return `let ${node.name}${node.type === undefined ? '' : `: ${node.type}`} = ${expressionText(node.value)};`;
    case 'set':
      return `${node.name} = ${expressionText(node.value)};`;
    case 'if': {
      const no = node.no === undefined ? '' : ` else { ${blockText(node.no)} }`;
      return `if (${expressionText(node.test)}) { ${blockText(node.yes)} }${no}`;
    }
    case 'while':
      return `while (${expressionText(node.test)}) { ${blockText(node.body)} }`;
    case 'switch': {
      const arms = [...node.arms, node.otherwise].map((arm) => `{ ${blockText(arm)} }`);
      return `switch (${expressionText(node.on)}) ${arms.join(' ')}`;
    }
    case 'return':
      return node.value === undefined ? 'return;' : `return ${expressionText(node.value)};`;
    case 'do':
      return `${expressionText(node.value)};`;
    case 'break':
    case 'continue':
      return `${node.kind};`;
  }
}

export const blockText = (block: Block): string => block.map(statementText).join(' ');
