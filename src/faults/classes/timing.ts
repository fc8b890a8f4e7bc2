// TIM: one guest and the time of the others.

import { PROCESS_POLL } from '../processes.ts';
import { BUG } from '../saboteur.ts';
import { awaiting, directed, directedBy, type FaultClass, random } from './fault-class.ts';

const BLOCKING = 'blocking of execution';
const ALLOCATION = 'incorrect allocation of execution time';
const SYNCHRONIZATION = 'incorrect synchronization';
const FLOW = 'incorrect execution flow';

const NO_LOCK = 'no layer has a lock that a guest can hold';
/** Ticks of mtime: beyond every timer that a guest has set. */
const FAR_AHEAD = 1n << 40n;
/** The longest time that a task is held up, three of its periods. */
const HELD_UP_CYCLES = 3_000_000;

const acting = (bug: number) => () => ({ bug, target: 0n, value: 0n });

export const timing: readonly FaultClass[] = [
  directed('TIM-1', 'endless loop', BLOCKING, acting(BUG.SPIN)),
  directedBy(PROCESS_POLL, 'TIM-1-fifo', 'endless loop of real-time priority', BLOCKING, acting(BUG.REAL_TIME_LOOP)),
  directed('TIM-2', 'endless loop, interrupts masked', BLOCKING, acting(BUG.SPIN_MASKED)),
  directedBy(PROCESS_POLL, 'TIM-2-panic', 'panic, by sysrq', BLOCKING, acting(BUG.PANIC)),
  awaiting('directed', 'TIM-3', 'deadlock', 'deadlocks', NO_LOCK),
  awaiting('directed', 'TIM-4', 'livelock', 'livelocks', NO_LOCK),
  awaiting('directed', 'TIM-5', 'wrong priority or budget', ALLOCATION, 'a factor of the scenario, not swept yet'),
  directed('TIM-6', 'processor time depleted by output', 'CPU-time depletion', acting(BUG.CONSOLE_FLOOD)),
  directedBy(PROCESS_POLL, 'TIM-6-fork', 'fork bomb', 'CPU-time depletion', acting(BUG.FORK_BOMB)),
  awaiting('directed', 'TIM-7', 'lost or spurious wake-up', SYNCHRONIZATION, 'no guest waits for another'),
  directed('TIM-8', 'timer of the machine overwritten', ALLOCATION, ({ board }) => ({
    bug: BUG.STORE64,
    target: BigInt(board.mtimecmp),
    value: 0xffff_ffff_ffff_ffffn,
  })),
  directed('TIM-9', 'clock tampered with', ALLOCATION, ({ board }) => ({
    bug: BUG.STORE64,
    target: BigInt(board.mtime),
    value: FAR_AHEAD,
  })),
  directed('TIM-10', 'idle abuse', BLOCKING, acting(BUG.WFI_MASKED)),
  directed('TIM-11', 'jump astray', FLOW, ({ to }) => ({
    bug: BUG.JUMP,
    target: BigInt(to.symbol('trap_entry')),
    value: 0n,
  })),
  random('TIM-12', 'late task', ALLOCATION, (_, random) => ({
    kind: 'delay',
    cycles: 1 + random.below(HELD_UP_CYCLES),
  })),
  directed('TIM-13', 'trap recursion', FLOW, acting(BUG.DOUBLE_FAULT)),
  directed('TIM-13-storm', 'trap that comes back for ever', FLOW, acting(BUG.TRAP_STORM)),
  awaiting('random', 'TIM-14', 'contention for caches and bus', ALLOCATION, 'the machine models neither'),
];
