// A process of its own: the shipped scenario (128 MiB) under the hypervisor, by compiled regions, run from a snapshot until
// nothing more is compiled. Prints what the process takes, in MiB.
import { join } from 'node:path';
import { planMode } from '../../src/cli/tasks.ts';
import { openWorkspace } from '../../src/cli/workspace.ts';
import { createMachine } from '../../src/machine/index.ts';
import { bootScenario } from '../../src/scenario/boot.ts';

const CYCLES = 100_000_000;
const AGAIN = 10;
const MIB = 2 ** 20;

const workspace = openWorkspace(join(import.meta.dirname, '..', '..'), undefined);
const plan = planMode(workspace, 'virtualized');
const machine = bootScenario((options) => createMachine({ ...options, engine: { kind: 'regions' } }), plan);
const snapshot = machine.snapshot();
for (let time = 0; time < AGAIN; time++) {
  machine.restore(snapshot);
  machine.run(CYCLES);
}
const guest = machine.ram.size / MIB;
const { regionsCompiled: regions } = machine;
// maxRSS is in KiB.
console.log(
  JSON.stringify({ guest, regions, most: process.resourceUsage().maxRSS / 1024, now: process.memoryUsage().rss / MIB }),
);
