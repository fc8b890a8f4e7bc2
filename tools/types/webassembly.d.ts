// The part of WebAssembly's JavaScript interface that the engine uses, with the names of lib.dom. The whole of lib.dom
// would also make `window`, `name` or `status` compile, and a forgotten import would then pass the type check.
declare namespace WebAssembly {
  type ImportExportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';
  type ExportFunction = (...args: never) => unknown;
  type ExportValue = ExportFunction | Global | Memory | Table;
  type Exports = Record<string, ExportValue>;
  type ImportValue = ExportValue | number | bigint;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;

  interface Module {
    readonly [Symbol.toStringTag]?: string;
  }
  const Module: {
    prototype: Module;
    new (bytes: ArrayBuffer | ArrayBufferView): Module;
    exports(module: Module): { kind: ImportExportKind; name: string }[];
    imports(module: Module): { kind: ImportExportKind; module: string; name: string }[];
  };

  interface Instance {
    readonly exports: Exports;
  }
  const Instance: { prototype: Instance; new (module: Module, imports?: Imports): Instance };

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(delta: number): number;
  }
  const Memory: {
    prototype: Memory;
    new (descriptor: { initial: number; maximum?: number; shared?: boolean }): Memory;
  };

  interface Table {
    readonly length: number;
    get(index: number): unknown;
    grow(delta: number, value?: unknown): number;
    set(index: number, value?: unknown): void;
  }
  const Table: {
    prototype: Table;
    new (descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number }, value?: unknown): Table;
  };

  interface Global {
    value: number | bigint;
    valueOf(): number | bigint;
  }
  const Global: {
    prototype: Global;
    new (descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64'; mutable?: boolean }, value?: number | bigint): Global;
  };

  interface CompileError extends Error {}
  const CompileError: { prototype: CompileError; new (message?: string): CompileError };
  interface LinkError extends Error {}
  const LinkError: { prototype: LinkError; new (message?: string): LinkError };
  interface RuntimeError extends Error {}
  const RuntimeError: { prototype: RuntimeError; new (message?: string): RuntimeError };

  function validate(bytes: ArrayBuffer | ArrayBufferView): boolean;
}
