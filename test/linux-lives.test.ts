// Debian's kernel ended again and again beside rtos, behind the hypervisor: the real-time guest does not notice, and the layer
// is what it was. LINUX_LIVES=100 ends a hundred lives in each way, which takes some minutes.
import { describe, expect, it } from 'vitest';
import { layouts } from '../images/index.ts';
import { missingStrangers } from '../tools/validate/strangers.ts';
import { beginLives, type Change, changes, digestAlone, ENDS, layerMemory, type Lives } from './linux-lives.ts';

const FEW = 2;
const LIVES = Number(process.env.LINUX_LIVES ?? FEW);
const missing = missingStrangers();
/** Host time on a busy machine. */
const PATIENCE = 60_000 + 30_000 * LIVES;
const HOWS = Object.keys(ENDS) as (keyof typeof ENDS)[];

const { scheduler, scheduled_guest: scheduled } = layouts;
const { left, period_end: period, slice_left: slice, turn } = scheduled.fields;
/** Of the scheduler, what counts time and turns. */
const CLOCKS = [left, period, slice, turn].flatMap(({ offset }) => [offset, offset + 4]);
/** A guest's registers and pairs of guests' queues, at equal distances. */
const GUESTS = 4;
/** Of a queue, how many words and bytes have gone in and out. */
const COUNTS = 16;

const guestOf = ({ plan }: Lives, name: string, { offset }: Change): number =>
  Math.floor(offset / ((plan.layers.get('hypervisor')?.size(name) ?? 0) / GUESTS));

/** What must differ: times, counters of events, what rtos does and says to a neighbour that does not listen. */
function isExpected(lives: Lives, change: Change): boolean {
  switch (change.name) {
    case 'running_since':
    case 'timer_ticks':
    case 'external_ticks':
    case 'world_switches':
    // Each exit begins at the top of an empty stack (exit.S): what lies below is dead.
    case 'stack_bottom':
      return true;
    case 'vms':
      return guestOf(lives, 'vms', change) === lives.rtos.index;
    case 'schedulers': {
      const { guests, turns } = scheduler.fields;
      const at = change.offset - guests.offset;
      return at < 0 ? change.offset >= turns.offset : CLOCKS.includes(at % scheduled.size);
    }
    case 'queues': {
      const size = (lives.plan.layers.get('hypervisor')?.size('queues') ?? 0) / GUESTS ** 2;
      return change.offset % size >= COUNTS && guestOf(lives, 'queues', change) === lives.rtos.index;
    }
    default:
      return false;
  }
}

describe.skipIf(missing !== undefined)(
  `Linux, ended ${LIVES} times when virtualized${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: PATIENCE },
  () => {
    it.each(HOWS)('and %s each time, leaves rtos and the layer as they were', (how) => {
      const lives = beginLives('virtualized', LIVES + 1);
      const { machine, rtos, plan } = lives;
      lives.end(how);
      const before = layerMemory(lives);
      for (let life = 0; life < LIVES; life++) lives.end(how);
      const all = changes(lives, before, layerMemory(lives));

      // Of Linux the layer knows one thing that it did not know: that it has so many restarts fewer.
      const unexpected = all.filter((change) => !isExpected(lives, change));
      expect(unexpected.map(({ name, before: was, after: is }) => [name, was - is])).toEqual([['vms', LIVES]]);
      expect(machine.layerConsole.text()).toBe('');
      expect(machine.ledger.entries).toEqual([]);

      // A job each millisecond, in time, with the words that it has alone.
      const { deadlines, deadlineMax = Number.NaN, outputs, crash, digest } = machine.monitors[rtos.index] ?? {};
      expect(deadlines?.count).toBeGreaterThan(machine.cycles / 1_000_000 - 2);
      expect(outputs?.count).toBe(deadlines?.count);
      expect(deadlineMax).toBeLessThan(rtos.boundTicks);
      expect(crash).toBeUndefined();
      expect(digest?.call(machine.monitors[rtos.index])).toBe(digestAlone(lives));
      if (LIVES > FEW)
        process.stdout.write(
          `${LIVES} lives ${how}: ${machine.cycles} cycles; rtos: ${deadlines?.count} jobs, the slowest after ${deadlineMax} of ` +
            `${rtos.boundTicks} ticks; ${plan.mode}: ${all.length} words differ, ${unexpected.length} of them of Linux\n`,
        );
    });
  },
);
