// DMA and IRQ: devices that copy, and devices that interrupt.

import { constants } from '../../../images/index.ts';
import { BUG } from '../saboteur.ts';
import { awaiting, directed, directedAt, directedBy, type FaultClass } from './fault-class.ts';

const ACCESS = 'read or write access to memory of another element';
const BLOCKING = 'blocking of execution';
const LOSS = 'loss of information';

/** A transfer of the saboteur covers one page. */
const PAGE = 4096n;

/** Odd, so that a corrupted pointer shows. */
const STRAY = 0x7ac07ac07ac07ac1n;

/** PLIC source of guest 0's service interrupt, the first that the doorbell raises. */
const SERVICE_SOURCE = 24;

const NO_RING = 'needs an act on the ring of a guest’s disk';
const NO_FAULTY_DEVICE = 'needs a device that can be told to fail';

export const devices: readonly FaultClass[] = [
  directedBy('dma_channel', 'DMA-1', 'device copies into foreign memory', ACCESS, ({ to }) => ({
    bug: BUG.DMA,
    target: (BigInt(to.symbol('trap_entry')) / PAGE) * PAGE,
    value: 0n,
  })),
  {
    ...directedAt('slot_behind_another', 'DMA-2', 'transfer overruns its buffer', ACCESS, ({ to }) => ({
      bug: BUG.DMA,
      target: BigInt(to.memory.base) - PAGE / 2n,
      value: 0n,
    })),
    by: 'dma_channel',
  },
  awaiting('directed', 'DMA-3', 'descriptor table in foreign memory', ACCESS, NO_RING),
  awaiting('directed', 'DMA-4', 'late transfer after a restart', ACCESS, 'memory keeps its owner across a restart'),
  directed('DMA-5', 'register of an unassigned device', ACCESS, ({ to, board }) => ({
    bug: BUG.STORE64,
    target: BigInt(board.dma(to.index)),
    value: STRAY,
  })),
  awaiting('directed', 'DMA-6', 'device answers with garbage', 'corruption of information', NO_FAULTY_DEVICE),
  awaiting('directed', 'DMA-7', 'device never completes', LOSS, NO_FAULTY_DEVICE),
  directed('DMA-8', 'doorbell forged', 'insertion of information', ({ to, board }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.doorbell),
    value: BigInt(SERVICE_SOURCE + to.index),
  })),
  awaiting('directed', 'DMA-9', 'virtual function touches its parent', ACCESS, 'no such device'),
  awaiting('directed', 'IRQ-1', 'interrupt storm', BLOCKING, NO_FAULTY_DEVICE),
  awaiting('directed', 'IRQ-2', 'level interrupt never cleared', BLOCKING, NO_FAULTY_DEVICE),
  directed('IRQ-3', 'interrupt without a source', 'insertion of information', ({ to }) => ({
    bug: BUG.CALL,
    target: BigInt(constants.SERVICE_EID),
    value: BigInt(constants.SERVICE_RING),
    args: [BigInt(to.index)],
  })),
  awaiting('directed', 'IRQ-4', 'interrupt lost', LOSS, NO_FAULTY_DEVICE),
  directed('IRQ-5', 'interrupt routed astray', 'masquerade or incorrect addressing', ({ board, to }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.plicMachineEnable),
    value: 1n << BigInt(to.dmaSource),
  })),
  directed('IRQ-6', 'flood of cross interrupts', BLOCKING, ({ to }) => ({
    bug: BUG.CALL_FOR_EVER,
    target: BigInt(constants.SERVICE_EID),
    value: BigInt(constants.SERVICE_RING),
    args: [BigInt(to.index)],
  })),
  awaiting('directed', 'IRQ-7', 'claim without complete', LOSS, 'needs an act inside a handler'),
  awaiting('directed', 'IRQ-8', 'foreign source masked', LOSS, 'PRV-4 is its one act so far'),
  awaiting('directed', 'IRQ-9', 'machine check inside the layer', BLOCKING, 'the machine has no such interrupt'),
];
