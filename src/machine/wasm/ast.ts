import type { ValueType } from './module.ts';

/**
 * The semantics language: what instructions, CSRs, the page-table walker and the trap entry are written in.
 * It is parsed once into these trees; each engine emits Wasm from the same trees and only resolves names differently.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'address'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choose'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] };

export type Statement =
  | { readonly kind: 'let'; readonly name: string; readonly type: ValueType | undefined; readonly value: Expression }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly yes: Block;
      readonly no: Block | undefined;
      /** Written `rarely`: the engine may lay code out for the other case. */
      readonly rare: boolean;
    }
  | { readonly kind: 'while'; readonly test: Expression; readonly body: Block }
  | { readonly kind: 'switch'; readonly on: Expression; readonly arms: readonly Block[]; readonly otherwise: Block }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'return'; readonly value: Expression | undefined }
  | { readonly kind: 'do'; readonly value: Expression };

export type Block = readonly Statement[];

export interface FunctionNode {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result: ValueType | undefined;
  readonly body: Block;
}
