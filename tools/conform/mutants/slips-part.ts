import { Random } from '../../../src/faults/random.ts';
import type { Part } from '../part.ts';
import { EQUIVALENT } from './equivalent.ts';
import { allSlips, type Sampled, sample } from './slips.ts';
import { JudgeThread } from './thread.ts';

const THREADS = 2;

/** Titles of those that no case found, in the order of the sample. */
async function survivorsOf(sampled: readonly Sampled[]): Promise<string[]> {
  const queue = sampled.values();
  const survivors = new Set<string>();
  const work = async () => {
    const thread = new JudgeThread();
    try {
      for (const { title, core } of queue) {
        const killedBy = await thread.judge(core);
        if (killedBy === null) survivors.add(title);
        console.error(`${title}\n  ${killedBy === null ? 'SURVIVED' : `by ${killedBy}`}`);
      }
    } finally {
      await thread.close();
    }
  };
  await Promise.all(Array.from({ length: THREADS }, work));
  return sampled.map(({ title }) => title).filter((title) => survivors.has(title));
}

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;

/** A sample of single slips anywhere in the machine's rules: how many of them the conformance suite finds. */
export async function slipsPart({ seed, count }: { seed: number; count: number }): Promise<Part> {
  const slips = allSlips();
  const sampled = sample(Random.seeded(seed), slips, count);
  const survivors = await survivorsOf(sampled);
  const reasons = new Map(EQUIVALENT.flatMap((row) => row.slips.map((title) => [title, row.reason] as const)));
  const there = new Set(slips.map(({ title }) => title));
  const stale = [...reasons.keys()].filter((title) => !there.has(title));
  const open = survivors.filter((title) => !reasons.has(title));
  const equivalent = survivors.length - open.length;
  const total = sampled.length;
  const killed = total - survivors.length;
  return {
    key: 'slips',
    holds: open.length === 0,
    record: { seed, of: slips.length, total, killed, equivalent, open },
    text: [
      `single slips: ${killed} of ${total} killed (${percent(killed, total)}), out of ${slips.length}, seed ${seed}`,
      `  ${equivalent} of the survivors are equivalent; of the others, ${percent(killed, total - equivalent)} are killed`,
      ...open.map((title) => `  SURVIVED ${title}`),
      ...survivors.flatMap((title) =>
        reasons.has(title) ? [`  equivalent ${title}\n         ${reasons.get(title)}`] : [],
      ),
      ...stale.map((title) => `  NO LONGER THERE, though listed as equivalent: ${title}`),
    ].join('\n'),
  };
}
