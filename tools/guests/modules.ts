// Kernel modules in the order in which they must be loaded. What a module needs stands in it, as `depends=` of its
// .modinfo section; Debian's packages leave the list of all of them to a script that runs on installation.
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ToolError } from '../images/compile.ts';

export interface KernelModule {
  /** With underscores, as the kernel names it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const nameOf = (file: string): string =>
  basename(file)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');

/** Names after `depends=` in a module; the text is unique to .modinfo, so no section table is read. */
export function dependenciesOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  const [, list = ''] = /(?:^|\0)depends=([^\0]*)\0/.exec(text) ?? [];
  return list
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'));
}

/** Wanted modules after those they depend on; `read` gives a module's bytes, undefined if it is built in or absent. */
export function inLoadOrder(wanted: readonly string[], read: (name: string) => Uint8Array | undefined): KernelModule[] {
  const ordered = new Map<string, KernelModule>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    if (ordered.has(name) || open.has(name)) return;
    open.add(name);
    const bytes = read(name);
    if (bytes === undefined) return;
    for (const needed of dependenciesOf(bytes)) visit(needed);
    ordered.set(name, { name, bytes });
  };
  for (const name of wanted) visit(name);
  return [...ordered.values()];
}

/** Reads the modules of the one kernel in an unpacked tree, decompressed: busybox' insmod hands over what it finds. */
export function readModules(tree: string, wanted: readonly string[]): KernelModule[] {
  const files = new Map(
    globSync('usr/lib/modules/*/kernel/**/*.ko.xz', { cwd: tree }).map((file) => [nameOf(file), file]),
  );
  for (const name of wanted) if (!files.has(name)) throw new ToolError(`the kernel has no module ${name}`);
  return inLoadOrder(wanted, (name) => {
    const file = files.get(name);
    return file === undefined ? undefined : execFileSync('xz', ['-dc', join(tree, file)], { maxBuffer: 2 ** 27 });
  });
}
