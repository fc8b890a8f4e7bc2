// The record of an experiment that never was, for tests of tallies and sections.
import { NO_DELAYS } from '../../src/faults/delays.ts';
import { type BystanderOutcome, NO_ENDPOINT, type Outcome } from '../../src/faults/outcome.ts';
import { type ExperimentRecord, RECORD_VERSION } from '../../src/faults/records.ts';

/** Of unix, which nothing happened to. */
export const unharmed: BystanderOutcome = {
  guest: 'unix',
  endpoints: NO_ENDPOINT,
  failure: 'none',
  words: 64,
  work: 64,
  instretAfter: 10,
};

type Change = Partial<Omit<ExperimentRecord, 'outcome'>> & {
  readonly bystander?: Partial<BystanderOutcome>;
  readonly outcome?: Partial<Outcome>;
};

/** A flip in rtos that was used and did nothing, but for what is given otherwise. */
export function madeUpRecord({ bystander, outcome, ...change }: Change = {}): ExperimentRecord {
  const { class: name = 'HWF-1', mode = 'colocated', from = 'rtos', n = 0 } = change;
  return {
    version: RECORD_VERSION,
    id: `t1.00000000.${name}.${mode}.${from}.1-${n}`,
    class: name,
    mode,
    from,
    n,
    trajectory: 0,
    what: '',
    passesSelfTest: null,
    injected: true,
    context: 'c0',
    exact: true,
    activated: true,
    delays: NO_DELAYS,
    outcome: {
      faulty: 'masked',
      bystanders: [{ ...unharmed, guest: from === 'unix' ? 'rtos' : 'unix', ...bystander }],
      crashes: [],
      layer: 'ok',
      harnessError: '',
      ...outcome,
    },
    mechanism: '',
    effects: [],
    refusals: [],
    capped: false,
    stateHash: 'aa',
    ...change,
  };
}
