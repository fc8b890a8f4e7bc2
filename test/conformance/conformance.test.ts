import { expect, it } from 'vitest';
import { createMachine } from '../../src/machine/index.ts';
import { runBlocks } from './block-runner.ts';
import { describeEngine } from './engine.ts';
import { machineEngine } from './machine-engine.ts';

const machine = (timing: 'inorder' | 'functional') => createMachine({ ram: 4 * 2 ** 20, timing, guests: 1 });

describeEngine({ name: 'interpreter, inorder', newEngine: () => machineEngine(machine('inorder')), skip: [] });
describeEngine({
  name: 'interpreter, functional',
  newEngine: () => machineEngine(machine('functional')),
  skip: [
    {
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
    },
  ],
});
const blocks = runBlocks(machine('inorder'));
describeEngine({ name: 'compiled blocks, inorder', newEngine: () => machineEngine(blocks.machine), skip: [] });
it('has run compiled blocks', () => {
  expect(blocks.count()).toBeGreaterThan(100_000);
});
