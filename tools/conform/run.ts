import { type Batch, buildBatch, buildHarness, type Harness, type Runner } from './batch.ts';
import { compareProgram, type Difference, Region, type Tolerance, type Trapped } from './compare.ts';
import { type Counts, countProgram, noCounts } from './count.ts';
import { sortForms } from './forms.ts';
import { comparedCsrs, type Limits } from './csr-rules.ts';
import { generate, type Shape } from './generate.ts';
import { SLOTS } from './layout.ts';
import type { Mode, Program } from './program.ts';
import { shrink } from './shrink.ts';

/** A machine to compare with, and what is known of its errors. */
export interface Oracle {
  readonly runner: Runner;
  readonly version: string;
  readonly limits: Limits;
  readonly tolerance: Tolerance;
  recognise(difference: Difference, trapped: Trapped): string | undefined;
}

/** A difference that nothing explains. */
export interface Finding {
  readonly program: Program;
  readonly difference: Difference;
}

export interface Report {
  readonly counts: Counts;
  /** How often each known error showed. */
  readonly known: Map<string, number>;
  readonly findings: Finding[];
}

type Outcome = Difference | undefined;

/** Runs programs here and there and tells them apart. */
export class Differ {
  readonly harness: Harness;
  readonly report: Report = { counts: noCounts(), known: new Map(), findings: [] };
  readonly #here: Runner;
  readonly #oracle: Oracle;
  readonly #shape: Shape;

  constructor(here: Runner, oracle: Oracle, modes: readonly Mode[]) {
    this.#here = here;
    this.#oracle = oracle;
    const { limits } = oracle;
    this.harness = buildHarness(comparedCsrs(limits));
    const variants = [false, true].flatMap((sstc) => [false, true].map((adue) => ({ sstc, adue })));
    const possible = variants.filter(({ adue }) => adue || !limits.alwaysAdue);
    this.#shape = { modes, forms: possible.map((variant) => sortForms(limits, variant)) };
  }

  /** Runs and compares programs `from` to below `to` of a seed. */
  async round(seed: number, from: number, to: number): Promise<void> {
    const programs = Array.from({ length: to - from }, (_, i) => generate(seed, from + i, this.#shape));
    for (let at = 0; at < programs.length; at += SLOTS) {
      const part = programs.slice(at, at + SLOTS);
      const { outcomes, memory } = await this.#outcomes(part);
      outcomes.forEach((outcome, slot) => {
        const program = part[slot];
        if (program !== undefined) this.#note(program, outcome, memory[slot]);
      });
    }
  }

  #note(program: Program, outcome: Outcome, ran: Ran | undefined): void {
    const { counts, known, findings } = this.report;
    const id = this.#explained(outcome, program, ran);
    if (outcome !== undefined && id === undefined) findings.push({ program, difference: outcome });
    if (id !== undefined) known.set(id, (known.get(id) ?? 0) + 1);
    if (ran === undefined) return;
    const segments = outcome !== undefined && 'segment' in outcome ? outcome.segment : program.segments.length;
    countProgram(counts, ran.memory, ran.slot, program, this.harness, segments);
  }

  #explained(outcome: Outcome, program: Program, ran: Ran | undefined): string | undefined {
    if (outcome?.kind === 'stuck') return this.#oracle.recognise(outcome, []);
    if (outcome === undefined || ran === undefined) return undefined;
    const last = 'segment' in outcome ? outcome.segment : program.segments.length - 1;
    const region = new Region(ran.memory, ran.slot, this.harness.dumped.length);
    return this.#oracle.recognise(outcome, region.traps(last));
  }

  async #outcomes(programs: readonly Program[]): Promise<{ outcomes: Outcome[]; memory: (Ran | undefined)[] }> {
    const batch = buildBatch(this.harness, programs);
    const [ours, theirs] = await this.#both(batch);
    if ('stuck' in ours || 'stuck' in theirs) {
      const [program] = programs;
      if (programs.length === 1 && program !== undefined) {
        const name = (runner: Runner, ran: typeof ours) => ('stuck' in ran ? [`${runner.name}: ${ran.stuck}`] : []);
        const why = [...name(this.#here, ours), ...name(this.#oracle.runner, theirs)].join('; ');
        return { outcomes: [{ kind: 'stuck', why }], memory: [undefined] };
      }
      const half = Math.ceil(programs.length / 2);
      const left = await this.#outcomes(programs.slice(0, half));
      const right = await this.#outcomes(programs.slice(half));
      return { outcomes: [...left.outcomes, ...right.outcomes], memory: [...left.memory, ...right.memory] };
    }
    const { dumped } = this.harness;
    const outcomes = programs.map((program, slot) =>
      compareProgram(ours.memory, theirs.memory, slot, program.segments.length, dumped, this.#oracle.tolerance),
    );
    return { outcomes, memory: programs.map((_, slot) => ({ memory: ours.memory, slot })) };
  }

  #both(batch: Batch) {
    const theirs = this.#oracle.runner.run(batch, this.harness);
    return Promise.all([this.#here.run(batch, this.harness), theirs]);
  }

  /** The shortest program that still shows an unexplained difference, with the difference it shows; undefined where alone it shows none. */
  async shrink(finding: Finding): Promise<Finding | undefined> {
    const unexplained = async (programs: readonly Program[]) => {
      const { outcomes, memory } = await this.#outcomes(programs);
      return programs.map((program, i) => {
        const outcome = outcomes[i];
        return outcome !== undefined && this.#explained(outcome, program, memory[i]) === undefined;
      });
    };
    const [alone] = await unexplained([finding.program]);
    if (alone !== true) return undefined;
    const program = await shrink(finding.program, unexplained);
    const { outcomes } = await this.#outcomes([program]);
    const [difference] = outcomes;
    return difference === undefined ? undefined : { program, difference };
  }
}

interface Ran {
  readonly memory: Uint8Array;
  readonly slot: number;
}
