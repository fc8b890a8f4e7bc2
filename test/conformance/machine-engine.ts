import { createMachine, type Machine, type MachineOptions } from '../../src/machine/index.ts';
import type { Engine, EngineUnderTest } from './engine.ts';

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

/** A machine with what a case may expect of one. */
export const caseMachine = (timing: MachineOptions['timing'], core?: WebAssembly.Module): Machine =>
  createMachine({ ram: 4 * 2 ** 20, timing, guests: 1, ...(core === undefined ? {} : { core }) });

export const WITHOUT_TLBS = {
  reason: 'without modelled TLBs every fence and every change of satp, vsatp or hgatp forgets all',
  cases: [
    'fences: kept: other pages, by sfence.vma of one address',
    'fences: kept: these entries, by sfence.vma of another ASID',
    'fences: kept: global entries, by sfence.vma of their ASID',
    'fences: kept: the entries of an ASID while another runs',
    'fences: kept: global entries, for every ASID',
    'hypervisor fences: kept: the old translation, until a fence of its own address space',
    'hypervisor fences: kept: a guest’s entries, by sfence.vma of the host',
    'hypervisor fences: kept: a VMID’s entries, by fences while hgatp holds another',
  ],
};

/** The interpreter in each timing, of this source's own core or of another. */
export function interpreters(core?: WebAssembly.Module): EngineUnderTest[] {
  const newEngine = (timing: MachineOptions['timing']) => () => machineEngine(caseMachine(timing, core));
  return [
    { name: 'interpreter, inorder', newEngine: newEngine('inorder'), skip: [] },
    { name: 'interpreter, functional', newEngine: newEngine('functional'), skip: [WITHOUT_TLBS] },
  ];
}
