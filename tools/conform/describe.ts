import { disassemble } from '../../src/machine/isa/disassemble.ts';
import type { Difference, LogEntry } from './compare.ts';
import { virtualShare } from './count.ts';
import { LOG_FIELDS } from './handlers.ts';
import { listing } from './program.ts';
import type { Report } from './report.ts';
import type { Shortest } from './run.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const entryText = (entry: LogEntry | undefined): string =>
  entry === undefined ? 'no trap' : LOG_FIELDS.map((field) => `${field} ${hex(entry[field])}`).join(', ');

export function differenceText(difference: Difference, oracle: string): string {
  switch (difference.kind) {
    case 'stuck':
      return difference.why;
    case 'trap': {
      const at = `segment ${difference.segment}, trap differs in ${difference.fields.join(', ')}`;
      const lines = [
        `${at} at ${disassemble(difference.word)}`,
        `  taco  ${entryText(difference.ours)}`,
        `  ${oracle.padEnd(5)} ${entryText(difference.theirs)}`,
      ];
      return lines.join('\n');
    }
    case 'state':
    case 'memory': {
      const rows = difference.kind === 'state' ? difference.fields : difference.words;
      const head = difference.kind === 'state' ? `state after segment ${difference.segment} differs` : 'memory differs';
      const shown = rows
        .slice(0, 12)
        .map((row) => `  ${row.name}: taco ${hex(row.ours)}, ${oracle} ${hex(row.theirs)}`);
      return [head, ...shown, ...(rows.length > 12 ? [`  and ${rows.length - 12} more`] : [])].join('\n');
    }
  }
}

export const shortestText = ({ program, difference }: Shortest, oracle: string): string =>
  `${listing(program, 0)}\n${differenceText(difference, oracle)}`;

const thousands = (value: number): string => value.toLocaleString('en-US');

export function progressText(report: Report, seconds: number): string {
  const { programs, instructions } = report.counts;
  const rate = thousands(Math.round(instructions / Math.max(seconds, 0.001)));
  return `${Math.round(seconds)} s: ${thousands(programs)} programs, ${thousands(instructions)} instructions (${rate}/s), ${report.findings.length} unexplained`;
}

const percent = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

export function reportText(report: Report, seconds: number, oracle: string): string {
  const { counts } = report;
  const { programs, instructions, modes, traps, interrupts, floating, compressed, placed } = counts;
  const known = [...report.known].sort(([, a], [, b]) => b - a);
  const cut = known.reduce((sum, [, count]) => sum + count, 0);
  const byMode = Object.entries(modes).map(([mode, count]) => `${mode} ${thousands(count)}`);
  return [
    `${thousands(programs)} random programs against ${oracle} in ${Math.round(seconds)} s`,
    `  instructions compared     ${thousands(instructions)}, ${percent(virtualShare(counts) * 100, 100)} of them with V = 1`,
    `  by mode                   ${byMode.join(', ')}`,
    `  traps                     ${thousands(traps)}, ${thousands(interrupts)} of them interrupts`,
    `  of their code             ${percent(floating, placed)} floating-point, ${percent(compressed, placed)} compressed`,
    `  programs cut short by a known error of ${oracle}: ${thousands(cut)}`,
    ...known.map(([id, count]) => `    ${id.padEnd(22)} ${thousands(count)}`),
    `  unexplained differences   ${report.findings.length}`,
  ].join('\n');
}
