import { SLOTS } from './layout.ts';
import type { Item, Program } from './program.ts';

/** Tells of each program whether it still shows what is looked for. */
export type Test = (programs: readonly Program[]) => Promise<readonly boolean[]>;

/** Candidates that one batch tries. */
const BREADTH = Math.min(96, SLOTS);

type Place = readonly [segment: number, item: number];

const places = (program: Program): Place[] =>
  program.segments.flatMap((segment, s) =>
    segment.items.flatMap((item, i) => (item === undefined ? [] : [[s, i] as const])),
  );

/** The program without some of its items; distances between the others stay what they were, in items. */
function without(program: Program, gone: readonly Place[]): Program {
  const removed = new Set(gone.map(([s, i]) => `${s}.${i}`));
  const keep = (s: number) => (item: Item | undefined, i: number) => (removed.has(`${s}.${i}`) ? undefined : item);
  const segments = program.segments.map((segment, s) => {
    const items = segment.items.map(keep(s));
    // A body runs in the mode it was made for, or not at all: what it may do in another is another matter.
    const enter = segment.setup - 1;
    const body = items.slice(segment.setup).some((item) => item !== undefined);
    if (segment.mode !== 'M' && body) items[enter] = segment.items[enter];
    return { ...segment, items };
  });
  return { ...program, segments };
}

/** Removes empty segments at the end, which nothing can depend on, and those before. */
function withoutEmpty(program: Program): Program {
  const segments = program.segments.filter((segment) => segment.items.some((item) => item !== undefined));
  return segments.length === 0 ? program : { ...program, segments };
}

/** Makes a program as short as removing runs of items makes it: runs of half of it first, single items last. */
export async function shrink(program: Program, test: Test): Promise<Program> {
  let best = program;
  let size = Math.ceil(places(best).length / 2);
  for (;;) {
    const all = places(best);
    const count = all.length;
    const candidates: Program[] = [];
    for (let at = 0; at < count; at += size) {
      const candidate = without(best, all.slice(at, at + size));
      if (places(candidate).length < count) candidates.push(candidate);
    }
    let found = false;
    for (let at = 0; at < candidates.length && !found; at += BREADTH) {
      const part = candidates.slice(at, at + BREADTH);
      const shows = await test(part);
      const first = part.filter((_, i) => shows[i] === true);
      if (first.length === 0) continue;
      found = true;
      best = (await merged(best, first, test)) ?? first[0] ?? best;
    }
    if (found) continue;
    if (size === 1) break;
    size = Math.ceil(size / 2);
  }
  const tight = withoutEmpty(best);
  const [still] = tight === best ? [false] : await test([tight]);
  return still === true ? tight : best;
}

/** All removals together, if what is looked for survives them; else the first half of them. */
async function merged(program: Program, smaller: readonly Program[], test: Test): Promise<Program | undefined> {
  for (let take = smaller.length; take > 1; take = Math.floor(take / 2)) {
    const gone = places(program).filter(([s, i]) =>
      smaller.slice(0, take).some((candidate) => candidate.segments[s]?.items[i] === undefined),
    );
    const candidate = without(program, gone);
    const [shows] = await test([candidate]);
    if (shows === true) return candidate;
  }
  return undefined;
}
