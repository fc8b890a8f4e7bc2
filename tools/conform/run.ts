import { type Batch, buildBatch, buildHarness, type Harness, newImage, type Ran, type Runner } from './batch.ts';
import { compareProgram, type Difference, Region, type Tolerance, type Trapped } from './compare.ts';
import { countProgram } from './count.ts';
import { sortForms } from './forms.ts';
import { comparedCsrs, type Limits } from './csr-rules.ts';
import { generate, type Shape } from './generate.ts';
import { SLOTS } from './layout.ts';
import { type Mode, NOTHING, type Program } from './program.ts';
import { type Finding, noReport, type Report } from './report.ts';
import { shrink } from './shrink.ts';

/** A machine to compare with, and what is known of its errors. */
export interface Oracle {
  readonly runner: Runner;
  readonly version: string;
  readonly limits: Limits;
  readonly tolerance: Tolerance;
  recognise(difference: Difference, trapped: Trapped): string | undefined;
}

/** Programs `from` to below `to` of a seed. */
export interface Round {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What is left of a program that shows a finding. */
export interface Shortest {
  readonly program: Program;
  readonly difference: Difference;
}

type Outcome = Difference | undefined;
/** A program by its place in the batch, how it differs and what explains it. */
interface Compared {
  readonly at: number;
  readonly program: Program;
  readonly outcome: Outcome;
  /** The id of a known error. */
  readonly id: string | undefined;
  /** Where our memory has it, until the next batch; undefined where one of the two was stuck. */
  readonly place: Place | undefined;
}
type Told = (compared: Compared) => void;

/** Runs programs here and there and tells them apart. */
export class Differ {
  readonly harness: Harness;
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

  /** Runs and compares programs: the same report whatever was run before. */
  async round({ seed, from, to }: Round): Promise<Report> {
    const report = noReport();
    const programs = Array.from({ length: to - from }, (_, i) => generate(seed, from + i, this.#shape));
    for (let start = 0; start < programs.length; start += SLOTS) {
      const batch = programs.slice(start, start + SLOTS);
      await this.#compare(batch, (compared) => this.#note(report, from + start + compared.at, compared));
    }
    return report;
  }

  #note({ counts, known, findings }: Report, index: number, { program, outcome, id, place }: Compared): void {
    if (outcome !== undefined && id === undefined) findings.push({ index, difference: outcome });
    if (id !== undefined) known.set(id, (known.get(id) ?? 0) + 1);
    if (place === undefined) return;
    const segments = outcome !== undefined && 'segment' in outcome ? outcome.segment : program.segments.length;
    countProgram(counts, place.memory, place.slot, program, this.harness, segments);
  }

  #explained(outcome: Outcome, program: Program, { memory, slot }: Place): string | undefined {
    if (outcome === undefined) return undefined;
    const last = 'segment' in outcome ? outcome.segment : program.segments.length - 1;
    const region = new Region(memory, slot, this.harness.dumped.length);
    return this.#oracle.recognise(outcome, region.traps(last));
  }

  /**
   * Runs programs here and there and tells of each what came of it, while our memory is what they left. Any program may store
   * into what is another's, so one that diverged by a known error may leave a difference there: a difference counts only where
   * it shows without those.
   */
  async #compare(programs: readonly Program[], told: Told): Promise<void> {
    const batch = buildBatch(this.harness, programs, this.#image);
    const [ours, theirs] = await this.#both(batch);
    if ('stuck' in ours || 'stuck' in theirs) {
      await this.#stuck(programs, ours, theirs, told);
      return;
    }
    const { dumped } = this.harness;
    const compared = programs.map((program, at): Compared => {
      const count = program.segments.length;
      const outcome = compareProgram(ours.memory, theirs.memory, at, count, dumped, this.#oracle.tolerance);
      const place = { memory: ours.memory, slot: at };
      return { at, program, outcome, id: this.#explained(outcome, program, place), place };
    });
    const explained = new Set(compared.filter(({ id }) => id !== undefined));
    const open = compared.some(({ outcome, id }) => outcome !== undefined && id === undefined);
    const again = open && explained.size > 0;
    for (const one of again ? explained : compared) if (one.program !== NOTHING) told(one);
    if (!again) return;
    const rest = compared.map((one) => (explained.has(one) ? NOTHING : one.program));
    await this.#compare(rest, told);
  }

  /** Halves a batch that did not end until it is one program. */
  async #stuck(programs: readonly Program[], ours: Ran, theirs: Ran, told: Told): Promise<void> {
    const [program] = programs;
    if (programs.length === 1 && program !== undefined) {
      const name = (runner: Runner, ran: Ran) => ('stuck' in ran ? [`${runner.name}: ${ran.stuck}`] : []);
      const why = [...name(this.#here, ours), ...name(this.#oracle.runner, theirs)].join('; ');
      const outcome = { kind: 'stuck', why } as const;
      told({ at: 0, program, outcome, id: this.#oracle.recognise(outcome, []), place: undefined });
      return;
    }
    const half = Math.ceil(programs.length / 2);
    await this.#compare(programs.slice(0, half), told);
    await this.#compare(programs.slice(half), (one) => told({ ...one, at: one.at + half }));
  }

  #both(batch: Batch) {
    const theirs = this.#oracle.runner.run(batch, this.harness);
    return Promise.all([this.#here.run(batch, this.harness), theirs]);
  }

  /** The shortest program that still shows an unexplained difference, with the difference it shows; undefined where alone it shows none. */
  async shrink(seed: number, { index }: Finding): Promise<Shortest | undefined> {
    let last: Shortest | undefined;
    const unexplained = async (programs: readonly Program[]) => {
      const shows: boolean[] = [];
      await this.#compare(programs, ({ at, program, outcome, id }) => {
        shows[at] = outcome !== undefined && id === undefined;
        last = outcome && { program, difference: outcome };
      });
      return shows;
    };
    const whole = generate(seed, index, this.#shape);
    const [alone] = await unexplained([whole]);
    if (alone !== true) return undefined;
    await unexplained([await shrink(whole, unexplained)]);
    return last;
  }
}

interface Place {
  readonly memory: Uint8Array;
  readonly slot: number;
}
