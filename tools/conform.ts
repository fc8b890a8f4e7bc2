// Compares this machine with another one on random programs.
//
//   npm run conform                                  against Debian's QEMU, until 1 M instructions are compared
//   npm run conform -- --seconds 60                  for that long
//   npm run conform -- --instructions 50000000       until that many are compared
//   npm run conform -- --seed 7 --from 1200 --count 1   one program again
//   npm run conform -- --modes VS,VU                 programs of these modes only
//   npm run conform -- --oracle spike --spike PATH   against Spike
//   npm run conform -- --timing inorder              with the timed machine and its finite TLBs
import { parseArgs } from 'node:util';
import { differenceText, findingText, progressText, reportText } from './conform/describe.ts';
import { MODES } from './conform/generate.ts';
import { Here } from './conform/here.ts';
import { qemuOracle, spikeOracle } from './conform/oracles.ts';
import type { Mode } from './conform/program.ts';
import { Differ, type Oracle } from './conform/run.ts';

const PROGRESS_SECONDS = 5;
/** Programs of a round: one start of the other machine. */
const ROUND = 240;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    count: { type: 'string' },
    instructions: { type: 'string' },
    seconds: { type: 'string' },
    modes: { type: 'string' },
    oracle: { type: 'string', default: 'qemu' },
    spike: { type: 'string', default: 'spike' },
    timing: { type: 'string', default: 'functional' },
    show: { type: 'string', default: '3' },
  },
});

function number(name: 'seed' | 'from' | 'count' | 'instructions' | 'seconds' | 'show'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} wants a number, not ${text}`);
  return value;
}

function modes(): readonly Mode[] {
  if (values.modes === undefined) return MODES;
  return values.modes.split(',').map((name) => {
    const mode = MODES.find((known) => known === name);
    if (mode === undefined) throw new Error(`no mode is called ${name}; there are M, S, U, VS, VU`);
    return mode;
  });
}

function findOracle(): Oracle | string {
  if (values.oracle === 'spike') return spikeOracle(values.spike);
  if (values.oracle === 'qemu') return qemuOracle();
  return `no oracle is called ${values.oracle}; there are qemu and spike`;
}

async function main(): Promise<number> {
  const oracle = findOracle();
  if (typeof oracle === 'string') {
    console.error(oracle);
    return 78;
  }
  const name = oracle.runner.name;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      oracle.runner.close();
      process.exit(1);
    });
  }
  const differ = new Differ(new Here(values.timing === 'inorder' ? 'inorder' : 'functional'), oracle, modes());
  const { report } = differ;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const seed = number('seed') ?? 1;
  const first = number('from') ?? 0;
  const count = number('count') ?? Number.POSITIVE_INFINITY;
  const time = number('seconds') ?? Number.POSITIVE_INFINITY;
  const unbounded = !Number.isFinite(count) && !Number.isFinite(time);
  const instructions = number('instructions') ?? (unbounded ? 1_000_000 : Number.POSITIVE_INFINITY);
  const show = number('show') ?? 3;
  let shown = 0;
  let told = 0;
  for (let next = first; next < first + count; ) {
    const to = Math.min(next + ROUND, first + count);
    await differ.round(seed, next, to);
    next = to;
    for (; shown < Math.min(report.findings.length, show); shown++) {
      const finding = report.findings[shown];
      if (finding === undefined) break;
      console.log(`\n${finding.program.name} (--seed ${seed} --from ${finding.program.name.split(':')[1]} --count 1)`);
      console.log(differenceText(finding, name));
      // Where one does not end, each try costs seconds.
      const short = finding.difference.kind === 'stuck' ? finding : await differ.shrink(finding);
      console.log(short === undefined ? 'alone it shows no difference' : `shortest:\n${findingText(short, name)}`);
    }
    if (seconds() - told > PROGRESS_SECONDS) {
      told = seconds();
      console.error(progressText(report, told));
    }
    if (seconds() >= time || report.counts.instructions >= instructions) break;
  }
  oracle.runner.close();
  console.log(reportText(report, seconds(), name));
  return report.findings.length === 0 ? 0 : 1;
}

process.exitCode = await main();
