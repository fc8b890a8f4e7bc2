// Reads the imports below src and says which break the rules of layers.json. A module's layer is its folder; what is
// imported for its types alone is gone at run time, so it counts for the `types` rule and never for a cycle.

/** What one layer may import. A name is a folder of src ("machine"), or one module of it ("machine/index"). */
export interface LayerRule {
  readonly values: readonly string[];
  /** Beyond `values`, importable for types alone. */
  readonly types: readonly string[];
  /** Packages by name; "node:*" for the runtime's own. */
  readonly packages: readonly string[];
  /** True: no host clock, no host randomness, no process. */
  readonly deterministic: boolean;
}

export interface Layers {
  /** Fewer modules than this means that the scan, not the code, is broken. */
  readonly leastModules: number;
  readonly layers: Readonly<Record<string, LayerRule>>;
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Module path relative to the root ("src/machine/bus.ts") to its text. */
export type Sources = ReadonlyMap<string, string>;

const STATEMENT = /^(?:import|export)\s+(type\s)?[^;'"]*?\bfrom\s+['"]([^'"]+)['"]/gm;
const BARE = /^import\s+['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const HOST = /\b(?:Math\.random|Date\.now|new Date|performance\.now|process\.|setTimeout|setInterval)/;

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

export function readImports(text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    found.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const pattern of [BARE, DYNAMIC]) {
    for (const match of code.matchAll(pattern)) found.push({ specifier: match[1] ?? '', typeOnly: false });
  }
  return found;
}

function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

/** "src/machine/bus.ts" is "machine/bus" of layer "machine"; "images/index.ts" is of layer "images". */
function nameOf(path: string): { layer: string; module: string } {
  const module = path.replace(/^src\//, '').replace(/\.ts$/, '');
  return { layer: module.split('/')[0] ?? '', module };
}

function allows(list: readonly string[], target: { layer: string; module: string }): boolean {
  return list.includes(target.layer) || list.includes(target.module);
}

function allowsPackage(list: readonly string[], specifier: string): boolean {
  return list.includes(specifier) || (specifier.startsWith('node:') && list.includes('node:*'));
}

function checkModule(path: string, text: string, rule: LayerRule): string[] {
  const from = nameOf(path);
  const problems: string[] = [];
  for (const { specifier, typeOnly } of readImports(text)) {
    if (!specifier.startsWith('.')) {
      if (!allowsPackage(rule.packages, specifier)) problems.push(`${path} imports package ${specifier}`);
      continue;
    }
    const target = nameOf(resolve(path, specifier));
    const allowed =
      target.layer === from.layer || allows(rule.values, target) || (typeOnly && allows(rule.types, target));
    if (!allowed) problems.push(`${path} imports ${typeOnly ? 'types of ' : ''}${target.module}`);
  }
  const host = rule.deterministic ? HOST.exec(withoutComments(text)) : null;
  if (host) problems.push(`${path} uses ${host[0]}: only src/cli knows the host`);
  return problems;
}

/** Cycles of value imports, each as the modules along it. */
export function findCycles(sources: Sources): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const { specifier, typeOnly } of readImports(sources.get(path) ?? '')) {
      const target = resolve(path, specifier);
      if (!typeOnly && specifier.startsWith('.') && sources.has(target)) visit(target);
    }
    trail.pop();
    state.set(path, 'done');
  };
  for (const path of sources.keys()) visit(path);
  return cycles;
}

export function checkLayers(sources: Sources, layers: Layers): string[] {
  const problems: string[] = [];
  if (sources.size < layers.leastModules) {
    problems.push(`only ${sources.size} modules found, expected at least ${layers.leastModules}`);
  }
  for (const [path, text] of sources) {
    const rule = layers.layers[nameOf(path).layer];
    if (rule) problems.push(...checkModule(path, text, rule));
    else problems.push(`${path} is in no layer of layers.json`);
  }
  for (const cycle of findCycles(sources)) problems.push(`import cycle ${cycle.join(' -> ')}`);
  return problems.sort();
}
