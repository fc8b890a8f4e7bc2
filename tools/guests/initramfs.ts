// The root file system of a Debian kernel that boots here: busybox, a few modules, and an /init of a dozen lines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveEntry, CHARACTER_DEVICE, DIRECTORY, EXECUTABLE, PLAIN_FILE, writeCpio } from './cpio.ts';
import type { KernelModule } from './modules.ts';

/** The first words of user space, for those who wait for it. */
export const MARKER = 'taco: /init';

const BUSYBOX = '/bin/busybox';

function initScript(modules: readonly KernelModule[]): string {
  return `#!${BUSYBOX} sh
${BUSYBOX} --install -s /bin
echo "${MARKER}"
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

export function buildInitramfs(tree: string, modules: readonly KernelModule[]): Uint8Array {
  const folders = ['bin', 'dev', 'etc', 'lib', 'lib/modules', 'proc', 'root', 'run', 'sys', 'tmp'];
  return writeCpio([
    ...folders.map((path): ArchiveEntry => ({ path, mode: DIRECTORY })),
    // Before devtmpfs is mounted: what /init writes to.
    { path: 'dev/console', mode: CHARACTER_DEVICE, device: [5, 1] },
    { path: 'bin/busybox', mode: EXECUTABLE, bytes: readFileSync(join(tree, 'usr/bin/busybox')) },
    { path: 'init', mode: EXECUTABLE, bytes: new TextEncoder().encode(initScript(modules)) },
    ...modules.map(({ name, bytes }): ArchiveEntry => ({ path: `lib/modules/${name}.ko`, mode: PLAIN_FILE, bytes })),
  ]);
}
