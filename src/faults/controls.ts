// Runs whose outcome is known beforehand: they show that harness and detector can be relied on. All are printed, and one
// that does not hold makes the campaign inconclusive.

import { NATIVE } from './lab.ts';
import type { FaultyOutcome } from './outcome.ts';
import type { ControlRow, ExperimentRecord } from './records.ts';
import { sortBy } from './tally.ts';

export const CONTROLS = { NO_FAULT: 'no-fault', SHAM: 'sham', DELAY: 'delay', OWN_FAULT: 'own-fault' } as const;

/** The class that must fail a neighbour where nothing protects it, else the detector is blind. */
export const POSITIVE_CONTROL = 'MEM-14';

export function isControl(name: string): boolean {
  return Object.values<string>(CONTROLS).includes(name);
}

function anyFailed(record: ExperimentRecord): boolean {
  return record.outcome.bystanders.some(({ endpoints }) => endpoints.failed);
}

/** Nothing was done, or only the value already there written: the run must end in the golden state. */
function disturbed(record: ExperimentRecord): boolean {
  const { faulty, harnessError } = record.outcome;
  const golden = faulty === 'masked' || faulty === 'not reached';
  return !golden || anyFailed(record) || harnessError !== '';
}

/** The guest that was hit is judged by the same words, bounds and crashes as a bystander is. */
const NOTICED: ReadonlySet<FaultyOutcome> = new Set(['crashed', 'hung', 'late', 'wrong words']);
/** What was overwritten unread, or never happened, cannot be noticed by anybody. */
const TRACELESS: ReadonlySet<FaultyOutcome> = new Set(['not reached', 'not activated', 'masked']);

/** `mustFail` says of which experiments of the positive class failure was predicted. */
export function controlsOf(
  records: readonly ExperimentRecord[],
  mustFail: (record: ExperimentRecord) => boolean,
): ControlRow[] {
  const of = (name: string) => records.filter((record) => record.class === name);
  const row = (name: string, own: readonly ExperimentRecord[], failed: (record: ExperimentRecord) => boolean) => ({
    name,
    n: own.length,
    failed: own.filter(failed).length,
    expected: 0,
  });
  const positive = of(POSITIVE_CONTROL).filter(mustFail);
  // The recall of the detector: of the faults in a bystander itself that left a trace, those it noticed.
  const traced = of(CONTROLS.OWN_FAULT).filter(({ outcome }) => !TRACELESS.has(outcome.faulty));
  // A campaign on layers alone strikes no guest, together or apart.
  const struck = records.some(({ class: name }) => !isControl(name) && name !== POSITIVE_CONTROL);
  const apart = records.filter(({ mode }) => mode === NATIVE);
  const disturbs = (record: ExperimentRecord) => anyFailed(record) || record.outcome.harnessError !== '';
  const rows: ControlRow[] = [
    row('no fault', of(CONTROLS.NO_FAULT), disturbed),
    row('sham', of(CONTROLS.SHAM), disturbed),
    row('delay only', of(CONTROLS.DELAY), disturbs),
    { ...row('own fault noticed', traced, ({ outcome }) => NOTICED.has(outcome.faulty)), expected: null },
    { ...row('positive', positive, anyFailed), expected: positive.length },
    ...(struck ? [row('separate machines', apart, disturbs)] : []),
    row(
      'harness errors',
      records.filter((record) => !isControl(record.class) && record.mode !== NATIVE),
      (record) => record.outcome.harnessError !== '',
    ),
  ];
  return sortBy(rows, ({ name }) => [name]);
}

/** A control that ran nothing proves nothing. A recall below one is a figure to print; a recall of zero is a blind
 * detector. */
export function controlHolds({ n, failed, expected }: ControlRow): boolean {
  return n > 0 && (expected === null ? failed > 0 : failed === expected);
}
