import { knownOfQemu } from './known-qemu.ts';
import { Qemu, qemuVersion } from './qemu.ts';
import { Spike, spikeVersion } from './spike.ts';
import { recogniseSpike, SPIKE_LIMITS, SPIKE_TOLERANCE } from './known-spike.ts';
import type { Oracle } from './run.ts';

/** Versions that known.yaml was written for. */
const KNOWN_QEMU = /^7\.2\./;

/** qemu, or where a Spike is. */
export type OracleName = 'qemu' | { readonly spike: string };

/** The oracle, or why it cannot serve. */
export const openOracle = (name: OracleName): Oracle | string =>
  name === 'qemu' ? qemuOracle() : spikeOracle(name.spike);

/** Debian's QEMU, or why it cannot serve. `except`: a known error that is to show. */
export function qemuOracle(except?: string): Oracle | string {
  const version = qemuVersion();
  if (version === undefined) return 'qemu-system-riscv64 is not installed; apt-get install qemu-system-misc';
  if (!KNOWN_QEMU.test(version)) return `qemu-system-riscv64 is ${version}; its errors are known for 7.2 only`;
  return { runner: new Qemu(except), version, ...knownOfQemu(except) };
}

function spikeOracle(path: string): Oracle | string {
  const version = spikeVersion(path);
  if (version === undefined) return `${path} does not run; --spike names a build of riscv-software-src/riscv-isa-sim`;
  const known = { limits: SPIKE_LIMITS, tolerance: SPIKE_TOLERANCE, recognise: recogniseSpike };
  return { runner: new Spike(path), version, ...known };
}
