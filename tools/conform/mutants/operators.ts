import type { Block, Expression, Statement } from '../../../src/machine/wasm/ast.ts';

/** The slips of a hand: what may stand in the place of an expression, or of the statements of a block. */

/** Opposite, and off by one. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['>=', '<='],
  '<=': ['>', '<'],
  '>': ['<=', '>='],
  '>=': ['<', '>'],
  '<u': ['>=u', '<=u'],
  '<=u': ['>u', '<u'],
  '>u': ['<=u', '>=u'],
  '>=u': ['<u', '>u'],
};

/** Each is taken for its neighbours: the other stage, level, privilege or kind. */
const CONFUSED: readonly (readonly string[])[] = [
  ['PTE_R', 'PTE_W', 'PTE_X', 'PTE_U'],
  ['PTE_A', 'PTE_D'],
  ['LOAD', 'STORE', 'FETCH'],
  ['LOAD_PAGE', 'STORE_PAGE', 'FETCH_PAGE'],
  ['LOAD_GUEST_PAGE', 'STORE_GUEST_PAGE', 'FETCH_GUEST_PAGE'],
  ['LOAD_ACCESS', 'STORE_ACCESS', 'FETCH_ACCESS'],
  ['mstatus', 'vsstatus'],
  ['satp', 'vsatp', 'hgatp'],
  ['medeleg', 'hedeleg'],
  ['mideleg', 'hideleg'],
  ['menvcfg', 'henvcfg'],
  ['mcounteren', 'hcounteren', 'scounteren'],
  ['stvec', 'vstvec', 'mtvec'],
  ['stimecmp', 'vstimecmp'],
  ['SIE', 'SPIE'],
  ['MIE', 'MPIE'],
  ['SUM', 'MXR'],
  ['TVM', 'TSR'],
  ['VTVM', 'VTSR'],
  ['SPV', 'SPVP'],
  ['TAG_ASID', 'TAG_VMID'],
  ['data_priv', 'priv'],
  ['data_virt', 'virt'],
];

const name = (text: string): Expression => ({ kind: 'name', name: text });
const number = (value: bigint): Expression => ({ kind: 'number', value });
const isConstant = (node: Expression) => node.kind === 'name' && /^[A-Z][A-Z0-9_]*$/.test(node.name);

/** A mask one bit too high. */
function shifted(node: Expression): Expression[] {
  if (node.kind === 'number' && node.value !== 0n) return [number((node.value << 1n) & 0xffff_ffff_ffff_ffffn)];
  return isConstant(node) ? [{ kind: 'binary', operator: '<<', left: node, right: number(1n) }] : [];
}

function slippedOperands(node: Expression & { kind: 'binary' }): Expression[] {
  const { operator, left, right } = node;
  if (operator === '&' || operator === '|') {
    return [
      ...shifted(left).map((by) => ({ ...node, left: by })),
      ...shifted(right).map((by) => ({ ...node, right: by })),
    ];
  }
  return right.kind === 'number' ? [{ ...node, right: number(right.value + 1n) }] : [];
}

export function slips(node: Expression): Expression[] {
  switch (node.kind) {
    case 'binary': {
      const { operator, left, right } = node;
      const compared = (COMPARISONS[operator] ?? []).map((by) => ({ ...node, operator: by }));
      // A condition, a mask or a bit forgotten.
      const dropped = operator === '&&' || operator === '||' || operator === '|' ? [left, right] : [];
      return [...compared, ...dropped, ...(operator === '&' ? [left] : []), ...slippedOperands(node)];
    }
    case 'choose':
      return [node.yes, node.no];
    case 'unary':
      return node.operator === '-' ? [] : [node.operand];
    case 'name': {
      const others = CONFUSED.filter((group) => group.includes(node.name)).flat();
      return others.filter((other) => other !== node.name).map(name);
    }
    case 'call':
      if (node.name === 'illegal') return [{ ...node, name: 'virtual_instruction' }];
      if (node.name === 'virtual_instruction') return [{ ...node, name: 'illegal' }];
      return [];
    case 'number':
    case 'address':
      return [];
  }
}

interface Forgotten {
  readonly statement: Statement;
  readonly how: 'nothing' | 'without its condition';
  readonly block: Block;
}

/** A statement forgotten, or done without its condition. */
export function forgotten(block: Block, judged: (statement: Statement) => boolean): Forgotten[] {
  return block.flatMap((statement, at): Forgotten[] => {
    if (!judged(statement)) return [];
    const without = { statement, how: 'nothing', block: block.toSpliced(at, 1) } as const;
    switch (statement.kind) {
      case 'set':
      case 'do':
        return [without];
      case 'if': {
        if (statement.no !== undefined) return [];
        const always = block.toSpliced(at, 1, ...statement.yes);
        return [without, { statement, how: 'without its condition', block: always }];
      }
      default:
        return [];
    }
  });
}
