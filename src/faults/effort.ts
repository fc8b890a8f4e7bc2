// Which random classes a run of the whole argument draws, and how many of each. Their bounds say how many that were.

import { directedClasses } from './catalogue.ts';

interface Drawn {
  readonly class: string;
  /** Per guest, in each mode. */
  readonly n: number;
}

interface Effort {
  readonly random: readonly Drawn[];
  /** Directed classes that are left to longer runs. */
  readonly without: readonly string[];
  /** Runs of each control. */
  readonly controls: number;
  /** Of each class and guest, draws that are made with every guest on a machine of its own, too. */
  readonly separate: number;
  /** Faults in each component of a layer, of each class. */
  readonly layer: number;
  /** Of the faults that lost a guest, those of each guest and component that are tried again with restarts. */
  readonly recovery: number;
}

/** One of each kind: registers, program counter, control registers, each kind of memory, code as it is decoded, software. */
const CLASSES = [
  'HWF-1',
  'HWF-2',
  'HWF-3-control',
  'HWF-4-text',
  'HWF-4-data',
  'HWF-4-stack',
  'HWF-4-tables',
  'HWF-9',
  'SWF',
] as const;

/** What ten minutes on two cores have no room for. */
const LONG_ONLY: ReadonlySet<string> = new Set(['HWF-3-control', 'HWF-4-stack', 'HWF-4-tables']);

const all = (n: number): Drawn[] => CLASSES.map((name) => ({ class: name, n }));

/** Acts that keep the hart busy for ever, each ten times as long to run as any other. TIM-2 stands for them. */
const ENDLESS = ['TIM-1', 'TIM-6', 'TIM-13', 'TIM-13-storm', 'HCL-6', 'IRQ-6', 'XCH-10', 'XCH-12', 'PRV-1-satp'];

/** All acts but one of each kind, the first that ends. */
const mostActs = (): string[] => {
  const ending = directedClasses.filter(({ id }) => !ENDLESS.includes(id));
  const first = new Map(ending.toReversed().map(({ id, group }) => [group, id]));
  return directedClasses.map(({ id }) => id).filter((id) => ![...first.values()].includes(id));
};

export const EFFORTS = {
  /** Every part of the argument, and of each as little as there can be: shows that a scenario bears it. */
  brief: {
    random: [{ class: 'HWF-1', n: 5 }],
    without: mostActs(),
    controls: 3,
    separate: 1,
    layer: 1,
    recovery: 1,
  },
  quick: {
    random: [
      { class: 'HWF-1', n: 100 },
      { class: 'HWF-4-text', n: 15 },
      { class: 'SWF', n: 10 },
    ],
    without: ENDLESS,
    controls: 10,
    separate: 5,
    layer: 6,
    recovery: 1,
  },
  standard: {
    random: all(400).filter(({ class: name }) => !LONG_ONLY.has(name)),
    without: [],
    controls: 100,
    separate: 30,
    layer: 400,
    recovery: 20,
  },
  long: { random: all(10_000), without: [], controls: 1000, separate: 1000, layer: 2000, recovery: 200 },
} as const satisfies Readonly<Record<string, Effort>>;
