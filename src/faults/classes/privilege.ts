// PRV: a guest and the privileged parts of the machine.

import { BUG } from '../saboteur.ts';
import { awaiting, directed, type FaultClass } from './fault-class.ts';

const BLOCKING = 'blocking of execution';
const FLOW = 'incorrect execution flow';
const ACCESS = 'read or write access to memory of another element';

/** SRST: type 0 is shutdown, reason 0 is "no reason"; the type lies in the upper half. */
const SHUTDOWN = 0n;

export const privilege: readonly FaultClass[] = [
  awaiting('directed', 'PRV-1', 'privileged register written', FLOW, 'needs the sweep of CSRs'),
  awaiting('directed', 'PRV-2', 'privileged instruction', FLOW, 'needs the sweep of instructions'),
  awaiting('directed', 'PRV-3', 'foreign trap vector replaced', FLOW, 'needs the sweep of CSRs'),
  directed('PRV-4', "neighbour's interrupt source disabled", 'loss of information', ({ to, board }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.plicPriority(to.dmaSource)),
    value: 0n,
  })),
  directed('PRV-5a', 'shutdown by SBI call', BLOCKING, () => ({ bug: BUG.SBI_RESET, target: 0n, value: SHUTDOWN })),
  directed('PRV-5b', 'store to the reset device', BLOCKING, ({ board }) => ({
    bug: BUG.STORE32,
    target: BigInt(board.finisher),
    value: BigInt(board.finisherPass),
  })),
  awaiting('directed', 'PRV-6', 'firmware or PMP area accessed', ACCESS, 'swept by `probe`, no directed act yet'),
  awaiting('directed', 'PRV-7', 'reserved encoding or absent CSR', FLOW, 'needs the sweep of instructions'),
  awaiting('directed', 'PRV-8', 'timing side channel read', ACCESS, 'needs a second run with a changed neighbour'),
];
