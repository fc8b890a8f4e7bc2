// Compiles and links one image with Debian's bare-metal compiler. The bytes depend on sources, flags and compiler version
// only: paths are relative to the root, archives carry no dates, nothing else enters.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { countReachable, readInstructions, readReferences } from './reachable.ts';
import type { ImageRow } from './table.ts';
import { compileFlags, flagsOf } from './table.ts';

const PREFIX = 'riscv64-unknown-elf-';

export class ToolError extends Error {}

function run(tool: string, args: readonly string[], root: string): string {
  try {
    return execFileSync(PREFIX + tool, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const failed = error as { code?: string; stderr?: string; message: string };
    if (failed.code === 'ENOENT') {
      throw new ToolError(`${PREFIX}${tool} is not installed\n  apt-get install gcc-riscv64-unknown-elf`);
    }
    throw new ToolError(failed.stderr || failed.message);
  }
}

export function compilerVersion(root: string): string {
  return (run('gcc', ['--version'], root).split('\n')[0] ?? '').trim();
}

export function listSources(root: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) => globSync(`${folder}/**/*.{c,S}`, { cwd: root }).sort());
}

/** Assembly text of a C file: how constants get out of the compiler. */
export function compileToAssembly(root: string, file: string): string {
  return run('gcc', [...compileFlags, '-Isrc', '-Isrc/onboard', '-S', '-o', '-', file], root);
}

interface Compiled {
  readonly object: string;
  /** Every file the compiler read for it, headers of its own package excepted. */
  readonly inputs: readonly string[];
}

/** The source's path is in the object's name, so that a member of an archive tells where it comes from. */
const objectName = (source: string): string => `${source.replaceAll('/', '__')}.o`;

function compile(root: string, row: ImageRow, sources: readonly string[], folder: string): Compiled[] {
  const flags = [...flagsOf(row).compile, `-ffile-prefix-map=${root}/=`];
  return sources.map((source) => {
    const object = join(folder, objectName(source));
    const dependencies = `${object}.d`;
    run('gcc', [...flags, '-MMD', '-MF', dependencies, '-c', source, '-o', object], root);
    const rule = readFileSync(join(root, dependencies), 'utf8').replaceAll('\\\n', ' ');
    const files = rule
      .slice(rule.indexOf(':') + 1)
      .trim()
      .split(/\s+/);
    return { object, inputs: files.filter((file) => file.startsWith('src/')).map((file) => join(file)) };
  });
}

const PC_RELATIVE =
  /^R_RISCV_(?:BRANCH|JAL|CALL|CALL_PLT|PCREL_HI20|PCREL_LO12_[IS]|RVC_BRANCH|RVC_JUMP|RELAX|ALIGN|ADD\d+|SUB\d+|SET\d+|32_PCREL|NONE)$/;

/** Guests relocate the words of this section themselves, and no others. */
const RELOCATED = '.relocated';

/** Linked at 0 and loaded anywhere: every absolute address must be a word that the guest relocates. */
function checkRelocatable(root: string, linked: string): void {
  const section = readSections(root, linked).find(({ name }) => name === RELOCATED);
  const start = section?.address ?? 0;
  const end = start + (section?.size ?? 0);
  for (const line of run('readelf', ['-rW', linked], root).split('\n')) {
    const match = /^([0-9a-f]{8,16})\s+[0-9a-f]+\s+(R_RISCV_\w+)\s*(?:[0-9a-f]+\s+(\S+))?/.exec(line);
    if (!match) continue;
    const [, offset = '', type = '', symbol = ''] = match;
    const address = Number.parseInt(offset, 16);
    const moves = type === 'R_RISCV_64' ? address >= start && address < end : PC_RELATIVE.test(type);
    if (!moves)
      throw new ToolError(`an absolute address at 0x${address.toString(16)} (${symbol}) is not in ${RELOCATED}`);
  }
}

interface Linked {
  readonly file: string;
  /** The objects that went into it, as the linker names them. */
  readonly members: string;
}

function link(
  root: string,
  row: ImageRow,
  folder: string,
  objects: readonly string[],
  more: readonly string[],
): Linked {
  const file = join(folder, `${row.name}.linked`);
  const options = [...flagsOf(row).link, '-Wl,--trace', ...more];
  const members = run(
    'gcc',
    ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64', ...options, ...objects, '-o', file],
    root,
  );
  return { file, members };
}

/** Lines with code in these files. */
function countLines(root: string, files: Iterable<string>): number {
  let lines = 0;
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '');
    lines += text.split('\n').filter((line) => line.trim() !== '').length;
  }
  return lines;
}

export interface SymbolRow {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: string;
}

export interface Section {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** Letters of readelf: A allocated, W writable, X executable. */
  readonly flags: string;
}

export interface BuiltImage {
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  /** Lines with code of what was linked, headers included. */
  readonly sourceLines: number;
  /** Instructions that acts of whoever runs above it can reach: a layer's guests, a kernel's processes. */
  readonly reachable: number | null;
  readonly sections: readonly Section[];
  readonly symbols: readonly SymbolRow[];
}

export function readSections(root: string, file: string): Section[] {
  const sections: Section[] = [];
  for (const line of run('readelf', ['-SW', file], root).split('\n')) {
    const match = /^\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+([0-9a-f]{16})\s+\S+\s+([0-9a-f]+)\s+\S+\s+([A-Z]*)\s/.exec(line);
    if (!match) continue;
    const [, name = '', address = '', size = '', flags = ''] = match;
    if (flags.includes('A')) {
      sections.push({ name, address: Number.parseInt(address, 16), size: Number.parseInt(size, 16), flags });
    }
  }
  return sections;
}

export function readSymbols(root: string, file: string): SymbolRow[] {
  const symbols: SymbolRow[] = [];
  for (const line of run('nm', ['-n', '-f', 'sysv', '--defined-only', file], root).split('\n')) {
    const [name = '', value = '', , type = '', size = '', , section = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^[A-Za-z_][\w.$]*$/.test(name) || !/^[0-9a-f]{16}$/.test(value) || section === '*ABS*') continue;
    symbols.push({ name, address: Number.parseInt(value, 16), size: Number.parseInt(size || '0', 16), kind: type });
  }
  return symbols.sort((a, b) => a.address - b.address || (a.name < b.name ? -1 : 1));
}

/** The allocated sections of the linker scripts: one they do not place would land anywhere. */
const PLACED = ['.text', '.saboteur', '.user', '.rodata', '.work', RELOCATED, '.data', '.bss', '.stacks'];

function checkSections(row: ImageRow, sections: readonly Section[]): void {
  for (const { name, flags } of sections) {
    if (!PLACED.includes(name)) throw new ToolError(`${row.script} does not place section ${name}`);
    if (flags.includes('W') && flags.includes('X')) throw new ToolError(`${name} is writable and executable`);
  }
  if (!sections.some(({ name, size }) => name === '.text' && size > 0)) throw new ToolError('there is no code');
}

export function buildImage(root: string, row: ImageRow): BuiltImage {
  const folder = join('build', 'images', row.name);
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  const own = compile(root, row, listSources(root, row.folders), folder);
  const shared = compile(root, row, listSources(root, row.libraries), folder);
  const archive = join(folder, 'shared.a');
  run('ar', ['rcsD', archive, ...shared.map(({ object }) => object)], root);
  const objects = [...own.map(({ object }) => object), archive];
  const { file: relocatable } = link(root, row, folder, objects, ['-Wl,--emit-relocs']);
  if (row.place === 'slot') checkRelocatable(root, relocatable);
  const references = readReferences(run('readelf', ['-rW', relocatable], root));
  const { file: linked, members } = link(root, row, folder, objects, []);
  const used = [...own, ...shared].filter(({ object }) => members.includes(basename(object)));
  const output = join(folder, `${row.name}.elf`);
  run('objcopy', ['--strip-debug', linked, output], root);
  const sections = readSections(root, output);
  checkSections(row, sections);
  const symbols = readSymbols(root, output);
  const instructions = readInstructions(run('objdump', ['-d', output], root));
  return {
    bytes: readFileSync(join(root, output)),
    inputs: [...new Set([...own, ...shared].flatMap(({ inputs }) => inputs).concat(row.script))].sort(),
    sourceLines: countLines(root, new Set(used.flatMap(({ inputs }) => inputs))),
    reachable: row.entrance === undefined ? null : countReachable(symbols, references, instructions, row.entrance),
    sections,
    symbols,
  };
}
