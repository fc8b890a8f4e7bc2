import { buildCore, CORE_FUNCTIONS } from '../../../src/machine/hart/core.ts';
import type { FunctionNode } from '../../../src/machine/wasm/ast.ts';
import { type Case, casesOf, type Engine } from '../../../test/conformance/engine.ts';
import { interpreters } from '../../../test/conformance/machine-engine.ts';

/** They take longer than all others together, and speak of arithmetic alone, where no mutant is. */
const LEFT_OUT = 'float arithmetic';
const nameOf = ({ group, name }: Case) => `${group}: ${name}`;

/** A core in which these functions stand in the place of those of the same names. */
export function coreWith(functions: readonly FunctionNode[]): WebAssembly.Module {
  const changed = new Map(functions.map((node) => [node.name, node]));
  return new WebAssembly.Module(buildCore(CORE_FUNCTIONS.map((node) => changed.get(node.name) ?? node)));
}

/** Runs the conformance suite against one core after another. A case that killed comes first from then on. */
export class Judge {
  private current: Engine | undefined;
  private readonly cases: Case[];

  constructor() {
    const cases = casesOf(() => {
      if (this.current === undefined) throw new Error('a case ran outside of a judgement');
      return this.current;
    });
    this.cases = cases.filter(({ group }) => group !== LEFT_OUT);
  }

  /** The first case that fails on this core, `undefined` where all pass. Calls `starting` before each case. */
  killer(core: WebAssembly.Module, starting: (name: string) => void = () => {}): string | undefined {
    for (const { newEngine, skip } of interpreters(core)) {
      const skipped = new Set(skip.flatMap(({ cases }) => cases));
      this.current = newEngine();
      for (const [i, one] of this.cases.entries()) {
        const name = nameOf(one);
        if (skipped.has(name)) continue;
        starting(name);
        if (this.passes(one)) continue;
        this.cases.splice(i, 1);
        this.cases.unshift(one);
        return name;
      }
    }
    return undefined;
  }

  /** Not only what a case expects: a wrong core may also run out of its memory, or never end its program. */
  private passes(one: Case): boolean {
    try {
      one.run();
      return true;
    } catch {
      return false;
    }
  }
}
