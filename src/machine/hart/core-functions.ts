import type { Environment } from '../wasm/compile.ts';
import type { ModuleBuilder, Signature } from '../wasm/module.ts';

/** Functions of the core as another module sees them: imported one by one, as its code first calls them. */
export class CoreFunctions extends Map<string, { readonly index: number; readonly signature: Signature }> {
  private readonly builder: ModuleBuilder;
  private readonly signatures: Environment['functions'];

  constructor(builder: ModuleBuilder, signatures: Environment['functions']) {
    super();
    this.builder = builder;
    this.signatures = signatures;
  }

  override has(name: string): boolean {
    return this.signatures.has(name);
  }

  override get(name: string): { readonly index: number; readonly signature: Signature } | undefined {
    const known = super.get(name);
    const declared = this.signatures.get(name);
    if (known !== undefined || declared === undefined) return known;
    const { signature } = declared;
    const imported = { index: this.builder.importFunction(name, signature), signature };
    this.set(name, imported);
    return imported;
  }
}
