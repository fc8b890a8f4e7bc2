// DMA and IRQ: devices that copy, and devices that interrupt.

import { BUG } from '../saboteur.ts';
import { awaiting, directed, type FaultClass } from './fault-class.ts';

const ACCESS = 'read or write access to memory of another element';
const BLOCKING = 'blocking of execution';
const LOSS = 'loss of information';

/** A transfer of the saboteur covers one page. */
const PAGE = 4096n;

const NO_RING = 'needs devices with descriptor rings';
const NO_DOORBELL = 'needs a device that interrupts at will';

export const devices: readonly FaultClass[] = [
  directed('DMA-1', 'device copies into foreign memory', ACCESS, ({ to }) => ({
    bug: BUG.DMA,
    target: (BigInt(to.symbol('trap_entry')) / PAGE) * PAGE,
    value: 0n,
  })),
  awaiting('directed', 'DMA-2', 'transfer overruns its buffer', ACCESS, 'needs a bug with a length'),
  awaiting('directed', 'DMA-3', 'descriptor table in foreign memory', ACCESS, NO_RING),
  awaiting('directed', 'DMA-4', 'late transfer after a restart', ACCESS, 'needs restart'),
  awaiting('directed', 'DMA-5', 'register of an unassigned device', ACCESS, 'swept by `probe`, no directed act yet'),
  awaiting('directed', 'DMA-6', 'device answers with garbage', 'corruption of information', NO_RING),
  awaiting('directed', 'DMA-7', 'device never completes', LOSS, NO_RING),
  awaiting('directed', 'DMA-8', 'doorbell forged', 'insertion of information', 'swept by `probe`, no directed act yet'),
  awaiting('directed', 'DMA-9', 'virtual function touches its parent', ACCESS, 'no such device'),
  awaiting('directed', 'IRQ-1', 'interrupt storm', BLOCKING, NO_DOORBELL),
  awaiting('directed', 'IRQ-2', 'level interrupt never cleared', BLOCKING, NO_DOORBELL),
  awaiting('directed', 'IRQ-3', 'interrupt without a source', 'insertion of information', NO_DOORBELL),
  awaiting('directed', 'IRQ-4', 'interrupt lost', LOSS, NO_DOORBELL),
  awaiting('directed', 'IRQ-5', 'interrupt routed astray', 'masquerade or incorrect addressing', NO_DOORBELL),
  awaiting('directed', 'IRQ-6', 'flood of cross interrupts', BLOCKING, 'needs cross interrupts'),
  awaiting('directed', 'IRQ-7', 'claim without complete', LOSS, 'needs an act inside a handler'),
  awaiting('directed', 'IRQ-8', 'foreign source masked', LOSS, 'PRV-4 is its one act so far'),
  awaiting('directed', 'IRQ-9', 'machine check inside the layer', BLOCKING, 'the machine has no such interrupt'),
];
