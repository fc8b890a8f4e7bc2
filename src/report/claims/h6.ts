// H6: no whole workload on which colocated beats virtualized by 5 %, and no deadline met in colocated alone. A benefit in
// pieces of work alone is MIXED.

import { grouped } from '../paper.ts';
import { BLOG, type Claim, COLOCATED, type Evidence, inMode, UNTESTED, VIRTUALIZED } from './claim.ts';

const BENEFIT = 1.05;
/** Classes whose workloads do something for its own sake; the others repeat one operation of a kernel. */
const WHOLE: ReadonlySet<string> = new Set(['computing', 'input and output']);

type CostRow = Evidence['cost'][number];

const dearer = (rows: readonly CostRow[]): CostRow[] => rows.filter((row) => row.ratioToColocated >= BENEFIT);
const listed = (rows: readonly CostRow[]): string =>
  rows.map((row) => `${row.workload} ${row.ratioToColocated.toFixed(2)}`).join(' · ');

/** Deadlines that the same guest beside the same neighbour meets in one of the modes and misses in the other. */
function onlyMetIn(evidence: Evidence, mode: string, other: string): string[] {
  const rows = evidence.latency.filter((row) => row.bound !== null);
  return inMode(rows, mode).flatMap((row) => {
    const against = inMode(rows, other).find(
      ({ kind, guest, neighbour }) => kind === row.kind && guest === row.guest && neighbour === row.neighbour,
    );
    return row.late === 0 && against !== undefined && against.late > 0
      ? [`${row.guest} beside ${row.neighbour}: ${against.late} of ${against.n} late in ${other}, none in ${mode}`]
      : [];
  });
}

export const H6: Claim = {
  id: 'H6',
  quote: 'I have never seen a use case where pseudo-virtualization has any real benefit over virtualization',
  source: BLOG,
  hypothesis: 'no whole workload that virtualized needs 1.05 times as long for, no deadline met only in colocated',
  rule(evidence) {
    const rows = inMode(evidence.cost, VIRTUALIZED);
    const whole = rows.filter((row) => WHOLE.has(row.class));
    if (whole.length === 0) return UNTESTED;
    const deadlines = onlyMetIn(evidence, COLOCATED, VIRTUALIZED);
    const most = Math.max(...whole.map((row) => row.ratioToColocated));
    const cheaper = rows.filter((row) => row.ratioToColocated < 1);
    const verdict = dearer(rows).length > 0 ? 'mixed' : 'supported';
    return {
      verdict: dearer(whole).length > 0 || deadlines.length > 0 ? 'contradicted' : verdict,
      for: [
        `whole workloads: virtualized needs at most ${most.toFixed(3)} of the cycles of colocated`,
        ...(cheaper.length === 0 ? [] : [`virtualized is the cheaper one in ${listed(cheaper)}`]),
        ...onlyMetIn(evidence, VIRTUALIZED, COLOCATED),
      ],
    };
  },
  against(evidence) {
    const rows = inMode(evidence.cost, VIRTUALIZED);
    if (!rows.some((row) => WHOLE.has(row.class))) return ['needs whole workloads in colocated and virtualized'];
    const whole = dearer(rows.filter((row) => WHOLE.has(row.class)));
    const pieces = dearer(rows.filter((row) => !WHOLE.has(row.class)));
    const bytes = (name: string) => evidence.footprint.find(({ component }) => component === name)?.text;
    const [nanokernel, hypervisor] = [bytes('nanokernel'), bytes('hypervisor')];
    return [
      ...(whole.length === 0 ? [] : [`whole workloads, virtualized against colocated: ${listed(whole)}`]),
      ...(pieces.length === 0 ? [] : [`pieces of work, virtualized against colocated: ${listed(pieces)}`]),
      ...onlyMetIn(evidence, COLOCATED, VIRTUALIZED),
      ...evidence.search
        .filter(({ claim }) => claim === 'H6')
        .map(
          ({ found, tried }) =>
            `search over workloads and settings: a benefit in ${grouped(found)} of ${grouped(tried)} tries`,
        ),
      ...(evidence.latency.length === 0 ? ['no response time was measured'] : []),
      ...(nanokernel !== undefined && hypervisor !== undefined && nanokernel < hypervisor
        ? [`code: nanokernel ${grouped(nanokernel)} bytes, hypervisor ${grouped(hypervisor)}`]
        : []),
    ];
  },
};
