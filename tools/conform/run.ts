import { type Batch, buildBatch, buildHarness, type Harness, newImage, type Runner } from './batch.ts';
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
/** A program, how it differs, the known error that explains it, and our memory unless one of the two was stuck. */
type Told = (program: Program, outcome: Outcome, id: string | undefined, ran: Ran | undefined) => void;

/** Runs programs here and there and tells them apart. */
export class Differ {
  readonly harness: Harness;
  readonly report: Report = { counts: noCounts(), known: new Map(), findings: [] };
  readonly #image = newImage();
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
      await this.#compare(programs.slice(at, at + SLOTS), (program, outcome, id, ran) => {
        this.#note(program, outcome, id, ran);
      });
    }
  }

  #note(program: Program, outcome: Outcome, id: string | undefined, ran: Ran | undefined): void {
    const { counts, known, findings } = this.report;
    if (outcome !== undefined && id === undefined) findings.push({ program, difference: outcome });
    if (id !== undefined) known.set(id, (known.get(id) ?? 0) + 1);
    if (ran === undefined) return;
    const segments = outcome !== undefined && 'segment' in outcome ? outcome.segment : program.segments.length;
    countProgram(counts, ran.memory, ran.slot, program, this.harness, segments);
  }

  #explained(outcome: Outcome, program: Program, ran: Ran): string | undefined {
    if (outcome === undefined) return undefined;
    const last = 'segment' in outcome ? outcome.segment : program.segments.length - 1;
    const region = new Region(ran.memory, ran.slot, this.harness.dumped.length);
    return this.#oracle.recognise(outcome, region.traps(last));
  }

  /** Runs programs here and there; tells of each what came of it while the memory of both is still what they left. */
  async #compare(programs: readonly Program[], told: Told): Promise<void> {
    const batch = buildBatch(this.harness, programs, this.#image);
    const [ours, theirs] = await this.#both(batch);
    if ('stuck' in ours || 'stuck' in theirs) {
      const [program] = programs;
      if (programs.length === 1 && program !== undefined) {
        const name = (runner: Runner, ran: typeof ours) => ('stuck' in ran ? [`${runner.name}: ${ran.stuck}`] : []);
        const why = [...name(this.#here, ours), ...name(this.#oracle.runner, theirs)].join('; ');
        const outcome = { kind: 'stuck', why } as const;
        told(program, outcome, this.#oracle.recognise(outcome, []), undefined);
        return;
      }
      const half = Math.ceil(programs.length / 2);
      await this.#compare(programs.slice(0, half), told);
      await this.#compare(programs.slice(half), told);
      return;
    }
    const { dumped } = this.harness;
    programs.forEach((program, slot) => {
      const count = program.segments.length;
      const outcome = compareProgram(ours.memory, theirs.memory, slot, count, dumped, this.#oracle.tolerance);
      const ran = { memory: ours.memory, slot };
      told(program, outcome, this.#explained(outcome, program, ran), ran);
    });
  }

  #both(batch: Batch) {
    const theirs = this.#oracle.runner.run(batch, this.harness);
    return Promise.all([this.#here.run(batch, this.harness), theirs]);
  }

  /** The shortest program that still shows an unexplained difference, with the difference it shows; undefined where alone it shows none. */
  async shrink(finding: Finding): Promise<Finding | undefined> {
    let last: Finding | undefined;
    const unexplained = async (programs: readonly Program[]) => {
      const shows: boolean[] = [];
      await this.#compare(programs, (program, difference, id) => {
        shows.push(difference !== undefined && id === undefined);
        last = difference && { program, difference };
      });
      return shows;
    };
    const [alone] = await unexplained([finding.program]);
    if (alone !== true) return undefined;
    await unexplained([await shrink(finding.program, unexplained)]);
    return last;
  }
}

interface Ran {
  readonly memory: Uint8Array;
  readonly slot: number;
}
