// S4 to S6: what was said about hypervisors, for and against, by those who sell the one or the other.

import { grouped } from '../paper.ts';
import { type Claim, type Evidence, inMode, SLIDES, UNTESTED, VIRTUALIZED, WHITE_PAPER } from './claim.ts';

const MEASURES = [
  ['text', 'bytes of code'],
  ['sourceLines', 'source lines'],
  ['reachable', 'instructions reached from above'],
] as const;

/** Hypervisor and rtos by each measure that both have. */
function compared({ footprint }: Evidence) {
  const of = (name: string) => footprint.find(({ component }) => component === name);
  const [hypervisor, rtos] = [of('hypervisor'), of('rtos')];
  return MEASURES.flatMap(([field, title]) => {
    const [a, b] = [hypervisor?.[field] ?? undefined, rtos?.[field] ?? undefined];
    return a === undefined || b === undefined ? [] : [{ title, a, b }];
  });
}

const text = ({ title, a, b }: { title: string; a: number; b: number }): string =>
  `${title}: hypervisor ${grouped(a)}, rtos ${grouped(b)}`;

export const S4: Claim = {
  id: 'S4',
  quote: 'dramatically simpler and smaller than an (RT)OS',
  source: SLIDES,
  hypothesis: 'the hypervisor is smaller than rtos in bytes of code, source lines and reachable instructions',
  rule(evidence) {
    const rows = compared(evidence);
    if (rows.length === 0) return UNTESTED;
    const smaller = rows.filter(({ a, b }) => a < b);
    const settled = smaller.length === 0 ? 'contradicted' : 'supported';
    const agree = smaller.length === 0 || smaller.length === rows.length;
    const known = rows.length === MEASURES.length ? settled : 'inconclusive';
    return { verdict: agree ? known : 'mixed', for: smaller.map(text) };
  },
  against(evidence) {
    const rows = compared(evidence);
    if (rows.length === 0) return ['needs the footprint of hypervisor and rtos'];
    const missing = MEASURES.filter(([, title]) => !rows.some((row) => row.title === title));
    return [
      ...rows.filter(({ a, b }) => a >= b).map(text),
      ...missing.map(([, title]) => `${title}: not counted for a file that nobody built here`),
      'reached from above: a hypervisor by all its guests do, rtos by traps and calls of its tasks',
      'our rtos is tiny; beside Debian’s Linux any hypervisor here is small',
    ];
  },
};

/** What in virtualized was reached, or came late. */
function harms(evidence: Evidence): string[] {
  const acts = inMode(evidence.capability, VIRTUALIZED).filter((row) => row.reached || row.late);
  const swept = inMode(evidence.reach, VIRTUALIZED).filter((row) => row.reached > 0);
  const rates = inMode(evidence.rates, VIRTUALIZED).filter((row) => row.reached > 0 || row.late > 0);
  const waits = inMode(evidence.latency, VIRTUALIZED).filter((row) => row.late > 0);
  return [
    ...swept.map((row) => `virtualized: ${row.reached} of ${row.tried} accesses reach ${row.resource}`),
    ...acts.map(
      (row) => `virtualized: ${row.fault} of ${row.from} ${row.reached ? 'reaches' : 'makes late'} ${row.to}`,
    ),
    ...rates.map((row) => `virtualized: ${row.class} in ${row.faulty}: ${row.reached} reached, ${row.late} late`),
    ...waits.map((row) => `virtualized: ${row.guest} beside ${row.neighbour}: ${row.late} of ${row.n} late`),
  ];
}

const INTERFERENCE = 'interference by caches and by other harts: UNTESTED, the timing model has none';

export const S5: Claim = {
  id: 'S5',
  quote: 'not completely clear if hypervisor are really able to provide effective temporal/spatial isolation',
  source: SLIDES,
  hypothesis: 'the doubt is justified: something foreign is reached, or somebody is late, in virtualized as it is set',
  rule(evidence) {
    if (inMode(evidence.capability, VIRTUALIZED).length === 0) return UNTESTED;
    const found = harms(evidence);
    // Without a cache model, nothing found is no proof that there is nothing.
    return found.length === 0 ? UNTESTED : { verdict: 'supported', for: found };
  },
  against(evidence) {
    const acts = inMode(evidence.capability, VIRTUALIZED);
    if (acts.length === 0) return ['needs the directed acts in virtualized', INTERFERENCE];
    const quiet = acts.filter((row) => !row.reached && !row.late).length;
    return [`virtualized: ${quiet} of ${acts.length} directed acts reach nothing and make nobody late`, INTERFERENCE];
  },
};

export const S6: Claim = {
  id: 'S6',
  quote: 'virtualization is unable to meet the special requirements of embedded systems',
  source: WHITE_PAPER,
  hypothesis: 'virtualized fails a requirement that a microkernel meets',
  rule: () => UNTESTED,
  against: () => ['needs a microkernel mode'],
};
