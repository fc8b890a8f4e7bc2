import { createMachine, type Machine } from '../../src/machine/index.ts';
import { describeEngine, type Engine } from './engine.ts';

/** The machine of this project, as a case sees it. */
function interpreter(timing: 'inorder' | 'functional'): Engine {
  const machine: Machine = createMachine({ ram: 4 * 2 ** 20, timing, guests: 1 });
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
      const parts = [firmware, layer, ...guests];
      const sum = (of: (part: { cycles: number; instret: number }) => number) =>
        parts.reduce((all, part) => all + of(part), 0);
      return {
        cycles: idle + sum(({ cycles }) => cycles) + guests.reduce((all, { layerCycles }) => all + layerCycles, 0),
        instret: sum(({ instret }) => instret) + guests.reduce((all, { layerInstret }) => all + layerInstret, 0),
      };
    },
  };
}

describeEngine({ name: 'interpreter, inorder', newEngine: () => interpreter('inorder'), skip: [] });
describeEngine({
  name: 'interpreter, functional',
  newEngine: () => interpreter('functional'),
  skip: [
    {
      reason: 'without modelled TLBs every fence and every change of satp, vsatp or hgatp forgets all',
      cases: [
        'paging: kept: other pages, by sfence.vma of one address',
        'paging: kept: these entries, by sfence.vma of another ASID',
        'paging: kept: global entries, by sfence.vma of their ASID',
        'paging: kept: the entries of an ASID while another runs',
        'paging: kept: global entries, for every ASID',
        'hypervisor memory: kept: the old translation, until a fence of its own address space',
        'hypervisor memory: kept: a guest’s entries, by sfence.vma of the host',
        'hypervisor memory: kept: a VMID’s entries, by fences while hgatp holds another',
      ],
    },
  ],
});
