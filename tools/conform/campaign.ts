import { virtualShare } from './count.ts';
import { differenceText, findingText, progressText, reportText } from './describe.ts';
import type { Here } from './here.ts';
import type { Part } from './part.ts';
import type { Mode } from './program.ts';
import { Differ, type Oracle } from './run.ts';

const PROGRESS_SECONDS = 5;
/** Programs of a round: one start of the other machine. */
const ROUND = 240;
/** With V = 1, of all that is compared. */
const VIRTUAL_SHARE = 0.25;

export interface Wish {
  readonly seed: number;
  /** The first program. */
  readonly from: number;
  /** Ends after so many programs, instructions or seconds, whichever comes first. */
  readonly count: number;
  readonly instructions: number;
  readonly seconds: number;
  readonly modes: readonly Mode[];
  /** Whether the modes are the usual ones, so that enough of it must run with V = 1. */
  readonly usual: boolean;
  /** Differences that are shrunk and shown. */
  readonly show: number;
}

/** Compares this machine with an oracle on random programs; tells people how far it is, and what it finds at once. */
export async function differentialPart(here: Here, oracle: Oracle, wish: Wish): Promise<Part> {
  const { name } = oracle.runner;
  const differ = new Differ(here, oracle, wish.modes);
  const { counts, findings, known } = differ.report;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const end = wish.from + wish.count;
  let shown = 0;
  let told = 0;
  for (let next = wish.from; next < end; ) {
    const to = Math.min(next + ROUND, end);
    await differ.round(wish.seed, next, to);
    next = to;
    for (; shown < Math.min(findings.length, wish.show); shown++) {
      const finding = findings[shown];
      if (finding === undefined) break;
      const [seed, index] = finding.program.name.split(':');
      console.log(`\ndifference; again: npm run conform -- --oracle ${name} --seed ${seed} --from ${index} --count 1`);
      console.log(differenceText(finding, name));
      // Where one does not end, each try costs seconds.
      const short = finding.difference.kind === 'stuck' ? finding : await differ.shrink(finding);
      console.log(short === undefined ? 'alone it shows no difference' : `shortest:\n${findingText(short, name)}`);
    }
    if (seconds() - told > PROGRESS_SECONDS) {
      told = seconds();
      console.error(progressText(differ.report, told));
    }
    if (seconds() >= wish.seconds || counts.instructions >= wish.instructions) break;
  }
  const share = virtualShare(counts);
  const enough = !wish.usual || share >= VIRTUAL_SHARE;
  const text = reportText(differ.report, seconds(), name);
  return {
    key: 'differential',
    holds: findings.length === 0 && enough && counts.programs > 0,
    record: {
      oracle: name,
      version: oracle.version,
      seed: wish.seed,
      ...counts,
      virtualShare: share,
      explained: Object.fromEntries(known),
      unexplained: findings.length,
    },
    text: enough ? text : `${text}\n  FAILED: fewer than ${100 * VIRTUAL_SHARE} % with V = 1`,
  };
}
