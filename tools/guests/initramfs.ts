// The root file system of a Debian kernel that boots here: busybox, a few modules, and an /init of a dozen lines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ArchiveEntry,
  CHARACTER_DEVICE,
  DIRECTORY,
  EXECUTABLE,
  PLAIN_FILE,
  writeCpio,
} from '../../src/scenario/cpio.ts';
import { LIBRARY_FOLDER, readLibraries } from './libraries.ts';
import type { KernelModule } from './modules.ts';

const BUSYBOX = '/bin/busybox';
/** Where a kernel and a file system for a machine inside the machine lie. */
const NESTED_KERNEL = 'nested/vmlinux';
const NESTED_INITRD = 'nested/initrd.cpio';
const NESTED = 'bin/nested';
/** Names of modules, a line each. */
const MODULE_ORDER = 'lib/modules/order';

/** The kernel hands LEVEL=... of its command line to /init: the first words of user space say whose it is. */
function initScript(modules: readonly KernelModule[]): string {
  return `#!${BUSYBOX} sh
${BUSYBOX} --install -s /bin
echo "taco: /init $LEVEL"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
${modules.map(({ name }) => `insmod /lib/modules/${name}.ko || echo "taco: ${name} was not loaded"\n`).join('')}ip link set lo up
uname -srm
# The shell gets the console as its controlling terminal, so that job control and interrupts work.
setsid cttyhack sh
poweroff -f
`;
}

/** A script that boots the nested kernel under KVM, by Debian's own QEMU. */
const NESTED_SCRIPT = `#!/bin/sh
exec qemu-system-riscv64 -nodefaults -M virt -accel kvm -cpu host -m 96M -smp 1 -display none -monitor none \\
  -serial stdio -no-reboot -kernel /${NESTED_KERNEL} -initrd /${NESTED_INITRD} \\
  -append "console=ttyS0 quiet panic=-1 LEVEL=nested $(sed 's/console=ttyS0//;s/LEVEL=[^ ]*//' /proc/cmdline)"
`;

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const folders = (...paths: string[]): ArchiveEntry[] => paths.map((path) => ({ path, mode: DIRECTORY }));

export function buildInitramfs(
  tree: string,
  modules: readonly KernelModule[],
  more: readonly ArchiveEntry[],
): Uint8Array {
  return writeCpio([
    ...folders('bin', 'dev', 'etc', 'lib', 'lib/modules', 'proc', 'root', 'run', 'sys', 'tmp'),
    // Before devtmpfs is mounted: what /init writes to.
    { path: 'dev/console', mode: CHARACTER_DEVICE, device: [5, 1] },
    { path: 'bin/busybox', mode: EXECUTABLE, bytes: readFileSync(join(tree, 'usr/bin/busybox')) },
    { path: 'init', mode: EXECUTABLE, bytes: text(initScript(modules)) },
    ...modules.map(({ name, bytes }): ArchiveEntry => ({ path: `lib/modules/${name}.ko`, mode: PLAIN_FILE, bytes })),
    ...more,
  ]);
}

/** Programs of the tree with what they need to run. */
function programsOf(tree: string, programs: readonly string[]): ArchiveEntry[] {
  const { libraries, interpreter } = readLibraries(tree, programs);
  const loader = libraries.find(({ name }) => interpreter.endsWith(`/${name}`));
  return [
    ...folders('usr', 'usr/bin', 'usr/lib', LIBRARY_FOLDER),
    ...programs.map((path): ArchiveEntry => ({ path, mode: EXECUTABLE, bytes: readFileSync(join(tree, path)) })),
    ...libraries.map(
      ({ name, bytes }): ArchiveEntry => ({ path: `${LIBRARY_FOLDER}/${name}`, mode: EXECUTABLE, bytes }),
    ),
    { path: interpreter.slice(1), mode: EXECUTABLE, bytes: loader?.bytes ?? new Uint8Array(0) },
  ];
}

/** What application work needs besides busybox: Debian's programs, and for a script that takes the place of /init the order
 * in which modules are loaded. */
export function workPrograms(
  tree: string,
  programs: readonly string[],
  modules: readonly KernelModule[],
): ArchiveEntry[] {
  const order = modules.map(({ name }) => `${name}\n`).join('');
  return [...programsOf(tree, programs), { path: MODULE_ORDER, mode: PLAIN_FILE, bytes: text(order) }];
}

/** What a nested boot needs in the file system around it: QEMU with its libraries, the kernel, and its file system. */
export function nestedMachine(tree: string, kernel: Uint8Array, initrd: Uint8Array): ArchiveEntry[] {
  return [
    ...programsOf(tree, ['usr/bin/qemu-system-riscv64']),
    ...folders('nested'),
    { path: NESTED_KERNEL, mode: PLAIN_FILE, bytes: kernel },
    { path: NESTED_INITRD, mode: PLAIN_FILE, bytes: initrd },
    { path: NESTED, mode: EXECUTABLE, bytes: text(NESTED_SCRIPT) },
  ];
}
