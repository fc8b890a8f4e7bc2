// TIM: one guest and the time of the others.

import { BUG } from '../saboteur.ts';
import { awaiting, directed, type FaultClass } from './fault-class.ts';

const BLOCKING = 'blocking of execution';
const ALLOCATION = 'incorrect allocation of execution time';
const SYNCHRONIZATION = 'incorrect synchronization';
const FLOW = 'incorrect execution flow';

const LATER = 'the saboteur can do it; not yet a row of the report';

export const timing: readonly FaultClass[] = [
  awaiting('directed', 'TIM-1', 'endless loop', BLOCKING, LATER),
  directed('TIM-2', 'endless loop, interrupts masked', BLOCKING, () => ({
    bug: BUG.SPIN_MASKED,
    target: 0n,
    value: 0n,
  })),
  awaiting('directed', 'TIM-3', 'deadlock', 'deadlocks', 'needs a lock shared through the layer'),
  awaiting('directed', 'TIM-4', 'livelock', 'livelocks', 'needs a lock shared through the layer'),
  awaiting('directed', 'TIM-5', 'wrong priority or budget', ALLOCATION, 'a factor of the scenario, not swept yet'),
  awaiting('directed', 'TIM-6', 'processor time depleted', 'CPU-time depletion', LATER),
  awaiting('directed', 'TIM-7', 'lost or spurious wake-up', SYNCHRONIZATION, 'needs cross interrupts'),
  directed('TIM-8', 'timer of the machine overwritten', ALLOCATION, ({ board }) => ({
    bug: BUG.STORE64,
    target: BigInt(board.mtimecmp),
    value: 0xffff_ffff_ffff_ffffn,
  })),
  awaiting('directed', 'TIM-9', 'clock tampered with', ALLOCATION, 'needs an act on mtime'),
  awaiting('directed', 'TIM-10', 'idle abuse', BLOCKING, LATER),
  awaiting('directed', 'TIM-11', 'jump astray', FLOW, LATER),
  awaiting('random', 'TIM-12', 'late or early task', ALLOCATION, 'needs delays inside a task'),
  awaiting('directed', 'TIM-13', 'trap recursion', FLOW, LATER),
  awaiting('random', 'TIM-14', 'contention for caches and bus', ALLOCATION, 'the machine models neither'),
];
