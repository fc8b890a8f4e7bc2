// Kills coordinators and workers at random moments, tears the last lines of their files, and demands that nothing is lost,
// nothing doubled, and that every campaign comes to the result it comes to in peace.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Results } from '../../src/campaign/results.ts';
import { Random } from '../../src/faults/random.ts';
import { fakeRow, fakeUnits, sha256, type Verdict } from './protocol.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly units: number;
  readonly seed: number;
  readonly onKill?: (kills: number) => void;
}

export interface ChaosResult {
  readonly coordinators: number;
  readonly workers: number;
  readonly torn: number;
  /** Campaigns that came to their end. */
  readonly campaigns: number;
  /** What should not have been; empty when all is well. */
  readonly problems: readonly string[];
}

/** Of four kills one hits the coordinator, which takes longest to come back. */
const COORDINATOR_SHARE = 4;
const TEAR_SHARE = 3;
/** Peace between two kills, at most, in times that a coordinator takes to come up: hosts differ, and a campaign that is
 * always killed before it begins tests nothing. */
const LONGEST_PEACE = 1;
const LONGEST_TEAR = 900;
const NEWLINE = 0x0a;

/** Processes that this one started, as Linux tells. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function reference(units: number): string {
  const results = new Results<unknown>(sha256);
  for (const { key, task } of fakeUnits(units)) results.add({ key, rows: [fakeRow(task)] }, 'here');
  return results.hashOf(fakeUnits(units).map(({ key }) => key));
}

function shardsOf(folder: string): string[] {
  const shards = join(folder, 'shards');
  if (!existsSync(shards)) return [];
  const names = readdirSync(shards).filter((file) => file.endsWith('.jsonl'));
  return names.sort().map((name) => join(shards, name));
}

/** Lines that are whole on the disk, in all shards. */
function wholeLines(folder: string): number {
  const newlines = (shard: string): number =>
    readFileSync(shard).reduce((n, byte) => n + (byte === NEWLINE ? 1 : 0), 0);
  return shardsOf(folder).reduce((sum, shard) => sum + newlines(shard), 0);
}

export async function chaos({ kills, units, seed, onKill }: ChaosOptions): Promise<ChaosResult> {
  const random = Random.seeded(seed).split('chaos');
  const wanted = reference(units);
  const problems: string[] = [];
  let [killed, coordinators, workers, torn, campaigns] = [0, 0, 0, 0, 0];
  let folder = mkdtempSync(join(tmpdir(), 'taco-chaos-'));
  let lines = 0;

  const start = (): ChildProcess =>
    spawn(process.execPath, [join(import.meta.dirname, 'coordinator.ts'), folder, String(units)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const startup = await new Promise<number>((resolve) => {
    const begun = performance.now();
    const child = start();
    child.stdout?.once('data', () => {
      child.kill('SIGKILL');
      resolve(performance.now() - begun);
    });
  });

  /** Only what had no newline yet, or a part of the last line, as a crash of the computer leaves it. */
  const tear = (): void => {
    const shard = shardsOf(folder).at(-1);
    if (shard === undefined || random.below(TEAR_SHARE) > 0) return;
    const { length } = readFileSync(shard);
    truncateSync(shard, Math.max(0, length - 1 - random.below(LONGEST_TEAR)));
    torn++;
    lines = wholeLines(folder);
  };

  const checkNothingLost = (): void => {
    const now = wholeLines(folder);
    if (now < lines) problems.push(`${lines - now} lines of ${folder} vanished at kill ${killed}`);
    lines = now;
  };

  /** True when its campaign came to an end. */
  const live = async (): Promise<boolean> => {
    const child = start();
    const [out, complaints] = [text(child.stdout ?? process.stdin), text(child.stderr ?? process.stdin)];
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over && killed < kills) {
      await sleep(random.below(Math.ceil(LONGEST_PEACE * startup)));
      const pid = child.pid;
      if (over || pid === undefined) break;
      const ours = childrenOf(pid);
      const victim = ours[random.below(Math.max(1, ours.length))];
      const hitsCoordinator = random.below(COORDINATOR_SHARE) === 0;
      if (!hitsCoordinator && victim === undefined) continue;
      killed++;
      onKill?.(killed);
      if (!hitsCoordinator && victim !== undefined) {
        workers++;
        try {
          process.kill(victim, 'SIGKILL');
        } catch {
          // It ended by itself in the meantime.
          workers--;
          killed--;
        }
        continue;
      }
      coordinators++;
      child.kill('SIGKILL');
      await ended;
    }
    const code = await ended;
    const told = await complaints;
    if (code === null) {
      checkNothingLost();
      tear();
      return false;
    }
    if (code !== 0) {
      problems.push(`a coordinator ended with ${code}: ${told}`);
      return false;
    }
    const verdict = JSON.parse((await out).split('\n')[1] ?? '') as Verdict;
    if (verdict.lost > 0) return false;
    campaigns++;
    if (verdict.hash !== wanted || verdict.size !== units || verdict.duplicates !== 0) {
      problems.push(`${JSON.stringify(verdict)} instead of ${wanted} of ${units}`);
    }
    return true;
  };

  for (let complete = false; killed < kills || !complete; ) {
    if (problems.length > 0) break;
    complete = await live();
    if (!complete || killed >= kills) continue;
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'taco-chaos-'));
    lines = 0;
  }
  if (problems.length === 0) rmSync(folder, { recursive: true });
  return { coordinators, workers, torn, campaigns, problems };
}
