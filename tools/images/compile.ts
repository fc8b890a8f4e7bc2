// Compiles and links one image with Debian's bare-metal compiler. The bytes depend on sources, flags and compiler version
// only: paths are relative to the root, archives carry no dates, nothing else enters.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

interface Objects {
  readonly objects: string[];
  /** Every file the compiler read, headers of its own package excepted. */
  readonly inputs: string[];
}

function compile(root: string, row: ImageRow, sources: readonly string[], folder: string): Objects {
  const flags = flagsOf(row).compile;
  const inputs = new Set<string>();
  const objects = sources.map((source) => {
    const object = join(folder, `${source}.o`);
    const dependencies = `${object}.d`;
    mkdirSync(dirname(join(root, object)), { recursive: true });
    run(
      'gcc',
      [...flags, `-ffile-prefix-map=${root}/=`, '-MMD', '-MF', dependencies, '-c', source, '-o', object],
      root,
    );
    const rule = readFileSync(join(root, dependencies), 'utf8').replaceAll('\\\n', ' ');
    for (const file of rule
      .slice(rule.indexOf(':') + 1)
      .trim()
      .split(/\s+/)) {
      if (file.startsWith('src/')) inputs.add(join(file));
    }
    return object;
  });
  return { objects, inputs: [...inputs] };
}

const PC_RELATIVE =
  /^R_RISCV_(?:BRANCH|JAL|CALL|CALL_PLT|PCREL_HI20|PCREL_LO12_[IS]|RVC_BRANCH|RVC_JUMP|RELAX|ALIGN|ADD\d+|SUB\d+|SET\d+|32_PCREL|NONE)$/;

/** One word that holds an address: where it is and what it holds, relative to the image's start. */
interface Relocation {
  readonly offset: number;
  readonly value: number;
}

/** The words that hold addresses, from the relocations the linker kept; RELATIVE ones are this table's own. */
function findRelocations(listing: string): Relocation[] {
  const relocations: Relocation[] = [];
  for (const line of listing.split('\n')) {
    const match = /^([0-9a-f]{8,16})\s+[0-9a-f]+\s+(R_RISCV_\w+)(?:\s+([0-9a-f]+).* \+ ([0-9a-f]+)\s*$)?/.exec(line);
    if (!match) continue;
    const [, offset = '', type = '', symbol = '0', addend = '0'] = match;
    if (type === 'R_RISCV_64') {
      const value = Number.parseInt(symbol, 16) + Number.parseInt(addend, 16);
      relocations.push({ offset: Number.parseInt(offset, 16), value });
    } else if (type !== 'R_RISCV_RELATIVE' && !PC_RELATIVE.test(type)) {
      throw new ToolError(`${type} at 0x${offset} does not move with the image`);
    }
  }
  return relocations.sort((a, b) => a.offset - b.offset);
}

/** The table as a dynamic linker knows it: Elf64_Rela records of type R_RISCV_RELATIVE, and one of type NONE at the end,
 * so that the table is never empty. */
function relocationSource(relocations: readonly Relocation[]): string {
  const records = relocations.map(({ offset, value }) => `  .dword ${offset}, 3, ${value}\n`);
  return `  .section .rela.self, "aR", @progbits\n  .balign 8\n${records.join('')}  .dword 0, 0, 0\n`;
}

function link(
  root: string,
  row: ImageRow,
  folder: string,
  objects: readonly string[],
  keepRelocations: boolean,
): string {
  const output = join(folder, keepRelocations ? `${row.name}.relocatable` : `${row.name}.linked`);
  const options = [...flagsOf(row).link];
  if (keepRelocations) options.push('-Wl,--emit-relocs');
  run('gcc', ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64', ...options, ...objects, '-o', output], root);
  return output;
}

/** The size of the table is known after one link, its contents after two; the third is the image. */
function linkSelfRelocating(root: string, row: ImageRow, folder: string, objects: readonly string[]): string {
  const source = join(folder, 'relocations.S');
  const object = join(folder, 'relocations.o');
  let table: Relocation[] = [];
  for (let pass = 0; pass < 4; pass++) {
    writeFileSync(join(root, source), relocationSource(table));
    run('gcc', [...flagsOf(row).compile, '-c', source, '-o', object], root);
    const linked = link(root, row, folder, [object, ...objects], true);
    const found = findRelocations(run('readelf', ['-rW', linked], root));
    if (JSON.stringify(found) === JSON.stringify(table)) return link(root, row, folder, [object, ...objects], false);
    table = found;
  }
  throw new ToolError(`the relocations of ${row.name} do not settle`);
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
const PLACED = ['.text', '.saboteur', '.user', '.rodata', '.rela.dyn', '.work', '.data', '.bss', '.stacks'];

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
  const objects = [...own.objects];
  if (shared.objects.length > 0) {
    const archive = join(folder, 'shared.a');
    run('ar', ['rcsD', archive, ...shared.objects], root);
    objects.push(archive);
  }
  const linked =
    row.place === 'slot' ? linkSelfRelocating(root, row, folder, objects) : link(root, row, folder, objects, false);
  const output = join(folder, `${row.name}.elf`);
  run('objcopy', ['--strip-debug', linked, output], root);
  const sections = readSections(root, output);
  checkSections(row, sections);
  return {
    bytes: readFileSync(join(root, output)),
    inputs: [...new Set([...own.inputs, ...shared.inputs, row.script])].sort(),
    sections,
    symbols: readSymbols(root, output),
  };
}
