// What going back to a snapshot costs, against how many pages were written since: memory, devices, TLBs and caches.
import { createMachine, RAM_BASE } from '../../src/machine/index.ts';
import { forVerdict } from '../../src/faults/translation.ts';
import { bootScenario, type BootPlan } from '../../src/scenario/boot.ts';

const PAGE = 4096;
export const DIRTY_PAGES = [1, 10, 50, 200, 1000] as const;
/** Where both guests are at work. */
const CYCLE = 15_000_000;
const TIMES = 300;

export interface RestoreCost {
  readonly pages: number;
  /** Microseconds of the host's clock. */
  readonly best: number;
  readonly median: number;
}

/** In the scenario's machine, as experiments boot it. The pages are at the end of RAM; what they held was not zero. */
export function restoreCosts(plan: BootPlan): RestoreCost[] {
  const machine = bootScenario(createMachine, forVerdict(plan));
  const last = RAM_BASE + machine.ram.size - PAGE;
  const write = (pages: number, byte: number): void => {
    for (let page = 0; page < pages; page++) machine.write(last - page * PAGE, Uint8Array.of(byte));
  };
  machine.run(CYCLE);
  write(Math.max(...DIRTY_PAGES), 1);
  const snapshot = machine.snapshot();
  return DIRTY_PAGES.map((pages) => {
    const times = Array.from({ length: TIMES }, () => {
      write(pages, 2);
      const before = performance.now();
      machine.restore(snapshot);
      return (performance.now() - before) * 1000;
    }).sort((a, b) => a - b);
    return { pages, best: times[0] ?? Number.NaN, median: times[TIMES / 2] ?? Number.NaN };
  });
}
