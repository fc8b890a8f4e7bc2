// Fetches Debian's riscv64 firmware, boot loader, kernel, busybox, QEMU and tests of real-time kernels, and assembles what
// scenarios/debian.yaml, u-boot.yaml, debian-kvm.yaml, linux-rtos.yaml and linux-work.yaml boot. Nothing of it is committed: it lies in guests/debian, with versions and checksums in
// its record.json.
//
//   npm run guests:debian
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Apt, type Package, Unavailable, unpack } from './guests/apt.ts';
import { buildInitramfs, nestedMachine, workPrograms } from './guests/initramfs.ts';
import { readModules } from './guests/modules.ts';
import { ToolError } from './images/compile.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'guests', 'debian');
const KERNEL = 'linux-image-riscv64';
const OTHERS = ['busybox-static', 'opensbi', 'u-boot-qemu', 'rt-tests', 'util-linux', 'libc6', 'libnuma1'];
/** Debian's own virtual machine monitor, for a kernel inside the kernel. */
const MONITOR = 'qemu-system-riscv';
const MODULES = ['virtio_mmio', 'virtio_blk', 'virtio_net', 'virtio_rng'];
/** What application work runs, and the file system that it works on. */
const PROGRAMS = ['usr/bin/cyclictest', 'usr/bin/hackbench', 'usr/bin/chrt'];
const FILE_SYSTEM = ['vfat', 'nls_cp437', 'nls_ascii'];
/** What is taken out of the packages, and where it lies in them. */
const TAKEN: Readonly<Record<string, string>> = {
  'fw_dynamic.bin': 'usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin',
  'u-boot.bin': 'usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin',
  vmlinux: 'boot/vmlinux-*',
};

/** Exit code where nothing can be fetched, EX_UNAVAILABLE of sysexits.h. */
const UNAVAILABLE = 69;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function fetchPackages(apt: Apt): Package[] {
  apt.update();
  // The metapackage names the kernel of the day.
  const kernel = apt.download([KERNEL]).map(({ file }) => apt.dependencyOf(file));
  return apt.download([...new Set([...kernel, ...OTHERS, ...apt.closureOf(MONITOR)])]);
}

function assemble(tree: string): { readonly name: string; readonly bytes: Uint8Array }[] {
  const files = Object.entries(TAKEN).map(([name, pattern]) => ({ name, bytes: takeOut(tree, pattern) }));
  const kernel = files.find(({ name }) => name === 'vmlinux')?.bytes ?? new Uint8Array(0);
  const inner = buildInitramfs(tree, [], []);
  const outer = buildInitramfs(tree, readModules(tree, ['kvm']), nestedMachine(tree, kernel, inner));
  const working = readModules(tree, [...MODULES, ...FILE_SYSTEM]);
  return [
    ...files,
    { name: 'initrd.cpio', bytes: buildInitramfs(tree, readModules(tree, MODULES), []) },
    { name: 'initrd-work.cpio', bytes: buildInitramfs(tree, working, workPrograms(tree, PROGRAMS, working)) },
    { name: 'initrd-kvm.cpio', bytes: outer },
  ];
}

function takeOut(tree: string, pattern: string): Uint8Array {
  const [path] = globSync(pattern, { cwd: tree });
  if (path === undefined) throw new ToolError(`the packages have no ${pattern}\n  see TAKEN in tools/guests-debian.ts`);
  return readFileSync(join(tree, path));
}

function main(): void {
  mkdirSync(folder, { recursive: true });
  const packages = fetchPackages(new Apt(join(folder, 'apt')));
  const tree = join(folder, 'tree');
  rmSync(tree, { recursive: true, force: true });
  unpack(packages, tree);
  const files = assemble(tree);
  rmSync(tree, { recursive: true });
  for (const { name, bytes } of files) {
    const temporary = join(folder, `${name}.tmp`);
    writeFileSync(temporary, bytes);
    renameSync(temporary, join(folder, name));
  }
  const record = {
    packages: packages.map(({ name, version, file }) => ({ name, version, sha256: sha256(readFileSync(file)) })),
    files: files.map(({ name, bytes }) => ({ name, size: bytes.length, sha256: sha256(bytes) })),
  };
  writeFileSync(join(folder, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  console.log(`${packages.length} packages, ${packages[0]?.name} among them; all of them are in record.json`);
  for (const { name, size, sha256: hash } of record.files)
    console.log(`${hash}  guests/debian/${name} (${size} bytes)`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof Unavailable ? UNAVAILABLE : 1;
}
