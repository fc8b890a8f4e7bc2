// S1 to S3: what the vendor of a co-locating product said of it.

import { grouped, percent } from '../paper.ts';
import {
  type CapabilityRow,
  type Claim,
  COLOCATED,
  type Evidence,
  inMode,
  NATIVE,
  PARTITIONED,
  sumOf,
  UNTESTED,
  VLX,
} from './claim.ts';

const MOST = 0.5;

/** Which mode "the default" was is a judgement, so both are judged. */
const DEFAULTS = [COLOCATED, PARTITIONED] as const;

const accesses = (evidence: Evidence, mode: string): CapabilityRow[] =>
  inMode(evidence.capability, mode).filter((row) => row.fault.startsWith('MEM-'));

const refusedIn = (rows: readonly CapabilityRow[]): number => rows.filter((row) => !row.reached).length;

const refusedText = (evidence: Evidence, mode: string): string => {
  const rows = accesses(evidence, mode);
  return `${mode}: ${refusedIn(rows)} of ${rows.length} directed foreign accesses refused`;
};

/** By chance where any fault aimed at another's, with an interval; else by the acts, which are exact. */
function caughtIn(evidence: Evidence, mode: string): { readonly lower: number; readonly upper: number } | undefined {
  const [random] = inMode(evidence.caught, mode);
  if (random !== undefined) return { lower: random.lower95, upper: random.upper95 };
  const rows = accesses(evidence, mode);
  const share = refusedIn(rows) / rows.length;
  return rows.length === 0 ? undefined : { lower: share, upper: share };
}

function caughtText(evidence: Evidence, mode: string): string[] {
  const random = inMode(evidence.caught, mode).map(
    ({ refused, aimed, lower95, upper95 }) =>
      `${mode}: of ${grouped(aimed)} random faults that aimed at what is another’s, ${grouped(refused)} were refused it [${percent(lower95)}, ${percent(upper95)}]`,
  );
  return accesses(evidence, mode).length === 0 ? random : [...random, refusedText(evidence, mode)];
}

export const S1: Claim = {
  id: 'S1',
  quote: 'enough isolation to catch most memory access errors',
  source: VLX,
  hypothesis: 'more than half of foreign accesses are refused, in colocated and in partitioned',
  rule(evidence) {
    const judged = DEFAULTS.flatMap((mode) => {
      const interval = caughtIn(evidence, mode);
      return interval === undefined ? [] : [{ mode, ...interval }];
    });
    if (judged.length === 0) return UNTESTED;
    const most = judged.filter(({ lower }) => lower > MOST);
    const few = judged.filter(({ upper }) => upper < MOST);
    const isOpen = most.length + few.length < judged.length && (most.length === 0 || few.length === 0);
    const agreed = few.length === judged.length ? 'contradicted' : isOpen ? 'inconclusive' : 'mixed';
    return {
      verdict: most.length === DEFAULTS.length ? 'supported' : agreed,
      for: most.flatMap(({ mode }) => caughtText(evidence, mode)),
    };
  },
  against(evidence) {
    const judged = DEFAULTS.filter((mode) => caughtIn(evidence, mode) !== undefined);
    if (judged.length === 0) return ['needs directed acts on memory, or random faults, in colocated or partitioned'];
    return [
      ...judged
        .filter((mode) => (caughtIn(evidence, mode)?.lower ?? 0) <= MOST)
        .flatMap((mode) => caughtText(evidence, mode)),
      'in colocated a refusal comes from the faulty kernel’s own page tables alone: a kernel without paging is refused nothing',
      'which mode the "default" was is a judgement; directed acts are exact and without an interval',
    ];
  },
};

export const S2: Claim = {
  id: 'S2',
  quote: 'unbreakable and complete isolation',
  source: VLX,
  hypothesis: 'in partitioned nothing foreign is reached, by processor or device, and no neighbour is late',
  rule(evidence) {
    const swept = inMode(evidence.reach, PARTITIONED);
    const acts = inMode(evidence.capability, PARTITIONED);
    if (sumOf(swept, 'tried') === 0 || acts.length === 0) return UNTESTED;
    const late = inMode(evidence.rates, PARTITIONED).some((row) => row.late > 0 || row.reached > 0);
    const broken = sumOf(swept, 'reached') > 0 || acts.some((row) => row.reached || row.late) || late;
    const closed = [...new Set(swept.map((row) => row.resource))].filter(
      (resource) =>
        sumOf(
          swept.filter((row) => row.resource === resource),
          'reached',
        ) === 0,
    );
    return {
      verdict: broken ? 'contradicted' : 'supported',
      for: [`partitioned: nothing reached of ${closed.join(', ')}`],
    };
  },
  against(evidence) {
    const swept = inMode(evidence.reach, PARTITIONED).filter((row) => row.reached > 0);
    const acts = inMode(evidence.capability, PARTITIONED);
    if (acts.length === 0) return ['needs the sweep and the directed acts in partitioned'];
    const resources = [...new Set(swept.map((row) => row.resource))];
    const reaching = [...new Set(acts.filter((row) => row.reached || row.late).map((row) => row.fault))];
    return [
      ...resources.map((resource) => {
        const rows = swept.filter((row) => row.resource === resource);
        return `partitioned: ${resource} reached by ${grouped(sumOf(rows, 'reached'))} of ${grouped(sumOf(rows, 'tried'))} accesses`;
      }),
      ...(reaching.length === 0 ? [] : [`partitioned: reached or late by the acts ${reaching.join(', ')}`]),
      ...inMode(evidence.layer, PARTITIONED).map(
        (row) =>
          `faults in the ${row.component}, ${row.class}: every guest lost in ${row.guestsLost} of ${row.injected}`,
      ),
    ];
  },
};

const RTOS = 'rtos';
const responses = (evidence: Evidence) =>
  evidence.latency.filter(
    (row) => row.guest === RTOS && row.kind === 'response' && row.bound !== null && row.mode !== NATIVE,
  );

export const S3: Claim = {
  id: 'S3',
  quote: 'a real-time guest OS will get a higher priority',
  source: VLX,
  hypothesis: 'rtos answers within its bound whatever its neighbour does, in every mode',
  rule(evidence) {
    const rows = responses(evidence);
    if (rows.length === 0) return UNTESTED;
    const broken = evidence.rates.some((row) => row.bystander === RTOS && row.late > 0);
    const verdict = broken ? 'mixed' : 'supported';
    return {
      verdict: rows.some((row) => row.late > 0) ? 'contradicted' : verdict,
      for: rows
        .filter((row) => row.late === 0)
        .map(
          (row) =>
            `${row.mode}, its neighbour ${row.neighbour}: at most ${grouped(row.max)} of ${grouped(row.bound ?? 0)} ns`,
        ),
    };
  },
  against(evidence) {
    const rows = responses(evidence);
    if (rows.length === 0) return ['needs response times of rtos beside its neighbour'];
    return [
      ...rows
        .filter((row) => row.late > 0)
        .map((row) => `${row.mode}, its neighbour ${row.neighbour}: ${row.late} of ${row.n} late`),
      ...evidence.rates
        .filter((row) => row.bystander === RTOS && row.late > 0)
        .map((row) => `${row.mode}: late after ${row.late} of ${row.injected} faults ${row.class} in ${row.faulty}`),
    ];
  },
};
