import type { Machine } from '../../src/machine/index.ts';
import type { Engine } from './engine.ts';

/** The machine of this project, as a case sees it. */
export function machineEngine(machine: Machine): Engine {
  const pristine = machine.snapshot();
  return {
    reset: () => machine.restore(pristine),
    load: (paddr, bytes) => machine.write(paddr, bytes),
    read: (paddr, length) => machine.read(paddr, length),
    start: (entry) => machine.start(entry, 0, 0),
    run: (untilCycle) => {
      const { kind } = machine.run(untilCycle);
      if (kind === 'limit' || kind === 'finished' || kind === 'idle') return kind;
      throw new Error(`the machine stopped for ${kind}`);
    },
    get cycles() {
      return machine.cycles;
    },
    get instret() {
      return machine.instret;
    },
    hash: () => machine.hash(),
    accounted: () => {
      const { idle, firmware, layer, guests } = machine.accounting();
      const sum = (parts: readonly { cycles: number; instret: number }[]) => ({
        cycles: parts.reduce((all, { cycles }) => all + cycles, 0),
        instret: parts.reduce((all, { instret }) => all + instret, 0),
      });
      const own = sum([firmware, layer, ...guests]);
      const onBehalf = sum(
        guests.map(({ layerCycles, layerInstret }) => ({ cycles: layerCycles, instret: layerInstret })),
      );
      return { cycles: idle + own.cycles + onBehalf.cycles, instret: own.instret + onBehalf.instret };
    },
  };
}
