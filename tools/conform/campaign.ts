import { virtualShare } from './count.ts';
import { type Setup, shareOut, Worker } from './crew.ts';
import { differenceText, progressText, reportText, shortestText } from './describe.ts';
import { Here } from './here.ts';
import { openOracle } from './oracles.ts';
import type { Part } from './part.ts';
import { addReport, type Finding, noReport } from './report.ts';
import { Differ, type Oracle, type Round } from './run.ts';

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
  /** Whether the modes are the usual ones, so that enough of it must run with V = 1. */
  readonly usual: boolean;
  /** Differences that are shrunk and shown. */
  readonly show: number;
  /** Processes. Without `seconds` the result does not depend on it. */
  readonly jobs: number;
}

/** A difference that is shown, and the round it was found in. */
interface Shown {
  readonly finding: Finding;
  readonly round: Round;
}

/** Compares this machine with an oracle on random programs; tells people how far it is, and what it finds at once. */
export async function differentialPart(setup: Setup, wish: Wish): Promise<Part | string> {
  const oracle = openOracle(setup.oracle);
  if (typeof oracle === 'string') return oracle;
  const workers = Array.from({ length: wish.jobs }, () => new Worker(setup));
  const close = () => {
    oracle.runner.close();
    for (const worker of workers) worker.close();
  };
  const stop = () => {
    close();
    process.exit(1);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await campaign(setup, oracle, workers, wish);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    close();
  }
}

async function campaign(setup: Setup, oracle: Oracle, workers: readonly Worker[], wish: Wish): Promise<Part> {
  const { name } = oracle.runner;
  const { seed } = wish;
  const report = noReport();
  const { counts, findings, known } = report;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const enough = () => counts.instructions >= wish.instructions;
  const end = wish.from + wish.count;
  const shown: Shown[] = [];
  let told = 0;
  let at = wish.from;
  const next = (): Round | undefined => {
    if (at >= end || enough() || seconds() >= wish.seconds) return undefined;
    const from = at;
    at = Math.min(from + ROUND, end);
    return { seed, from, to: at };
  };
  await shareOut(workers, next, (part, round) => {
    // Rounds that were begun before it was known that there are enough.
    if (enough()) return;
    addReport(report, part);
    for (const finding of part.findings) {
      if (shown.length >= wish.show) break;
      shown.push({ finding, round });
      console.log(`\ndifference in program ${finding.index}\n${differenceText(finding.difference, name)}`);
    }
    if (seconds() - told > PROGRESS_SECONDS) {
      told = seconds();
      console.error(progressText(report, told));
    }
  });
  const taken = seconds();
  if (shown.length > 0)
    await shrinkAll(new Differ(new Here(setup.timing, setup.engine), oracle, setup.modes), name, shown);
  const share = virtualShare(counts);
  const virtual = !wish.usual || share >= VIRTUAL_SHARE;
  const text = reportText(report, taken, name);
  return {
    key: 'differential',
    holds: findings.length === 0 && virtual && counts.programs > 0,
    record: {
      oracle: name,
      version: oracle.version,
      seed,
      ...counts,
      virtualShare: share,
      explained: Object.fromEntries(known),
      unexplained: findings.length,
    },
    text: virtual ? text : `${text}\n  FAILED: fewer than ${100 * VIRTUAL_SHARE} % with V = 1`,
  };
}

async function shrinkAll(differ: Differ, oracle: string, shown: readonly Shown[]): Promise<void> {
  for (const { finding, round } of shown) {
    const again = (from: number, count: number) =>
      `npm run conform -- --oracle ${oracle} --seed ${round.seed} --from ${from} --count ${count}`;
    console.log(`\nprogram ${finding.index}; again: ${again(finding.index, 1)}`);
    // Where one does not end, each try costs seconds.
    if (finding.difference.kind === 'stuck') continue;
    const short = await differ.shrink(round.seed, finding);
    if (short === undefined)
      console.log(`alone it shows no difference; with others: ${again(round.from, round.to - round.from)}`);
    else console.log(`shortest:\n${shortestText(short, oracle)}`);
  }
}
