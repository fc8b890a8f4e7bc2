// A timeline in the JSON of Chrome's tracing, which Perfetto reads: "Trace Event Format", events of phases X, i and M.

import type { TimelineEvent } from './event.ts';
import type { Timeline } from './timeline.ts';

/** Cycles of the machine in a microsecond, the unit of the format. */
const CYCLES_PER_MICROSECOND = 1000;

/** The longer of two that begin together is the outer one; else the order in which they ended is kept. */
function outerFirst(a: TimelineEvent, b: TimelineEvent): number {
  return a.start - b.start || (b.end ?? b.start) - (a.end ?? a.start);
}

function place({ track, name, start, end, details }: TimelineEvent): object {
  const common = { name, pid: track.group, tid: track.line, ts: start / CYCLES_PER_MICROSECOND };
  const timed = end === undefined ? { ph: 'i', s: 't' } : { ph: 'X', dur: (end - start) / CYCLES_PER_MICROSECOND };
  return { ...common, ...timed, args: details };
}

/** Lines of the document, one event each. */
export function* timelineDocument(timeline: Timeline): Generator<string> {
  const { groups, line } = timeline.labels();
  // Slices end innermost first: turned round, an outer one of the same length comes before what it holds.
  const events = [...timeline.events].reverse().sort(outerFirst);
  const tracks = new Map(events.map(({ track }) => [`${track.group} ${track.line}`, track]));
  const names: object[] = [];
  for (const track of [...tracks.values()].sort((a, b) => a.group - b.group || a.line - b.line)) {
    const at = { ph: 'M', pid: track.group, tid: track.line };
    names.push({ ...at, name: 'process_name', args: { name: groups.get(track.group) ?? '' } });
    names.push({ ...at, name: 'thread_name', args: { name: line(track) } });
    names.push({ ...at, name: 'thread_sort_index', args: { sort_index: track.line } });
  }
  yield '{"displayTimeUnit":"ns","traceEvents":[\n';
  let separator = '';
  for (const name of names) {
    yield `${separator}${JSON.stringify(name)}`;
    separator = ',\n';
  }
  for (const event of events) {
    yield `${separator}${JSON.stringify(place(event))}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}
