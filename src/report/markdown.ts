// The document as Markdown, for a pull request or a paper's appendix. Every table of the page, as far as Markdown has them.

import { BOOT_TITLES, bootCells, exitCells } from './boot-lines.ts';
import { overhead } from './cost-section.ts';
import type { ArgueDocument } from './documents.ts';
import { layerName, noLayersText, parkedText } from './layer-section.ts';
import { LATENCY_TITLES, LATENCY_WORDS, latencyCells } from './latency-rows.ts';
import { grouped } from './paper.ts';
import { exposureCell, modeName, placelessTexts, rateCell, ratesInOrder } from './rate-lines.ts';
import { NOTHING_LOST, RECOVERY_LEGEND, recoveryCells, SAVERS, untriedRestarts } from './recovery-lines.ts';
import { isMiss, LEGEND, lettersOf, sharedModes } from './reach-section.ts';

/** Records hold words of guests: nothing in them may become markup, a link or a second row. */
export function escapeMarkdown(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>|~&]/g, (sign) => `\\${sign}`);
  return line.replace(/^[#+-]/, (sign) => `\\${sign}`);
}

type Cell = string | number;

/** @param words columns of words, which come first */
function table(titles: readonly string[], rows: readonly (readonly Cell[])[], words = 1): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(titles.map(escapeMarkdown)),
    line(titles.map((_, index) => (index < words ? '---' : '---:'))),
    ...rows.map((row) => line(row.map((cell) => escapeMarkdown(String(cell))))),
    '',
  ];
}

function claimLines(claims: ArgueDocument['claims']): string[] {
  return claims.flatMap((claim) => [
    `- **${claim.id} ${claim.verdict.toUpperCase()}** “${escapeMarkdown(claim.quote)}” (${escapeMarkdown(claim.source)})`,
    ...claim.for.map((text) => `  - for: ${escapeMarkdown(text)}`),
    ...claim.against.map((text) => `  - against: ${escapeMarkdown(text)}`),
  ]);
}

function reachRows({ reach, modes }: ArgueDocument): Cell[][] {
  const keys = [...new Set(reach.map((row) => `${row.from}: ${row.resource} ${row.access}`))];
  return keys.map((key) => [
    key,
    ...sharedModes(modes).map((mode) => {
      const row = reach.find((each) => each.mode === mode && `${each.from}: ${each.resource} ${each.access}` === key);
      return row === undefined ? '-' : `${grouped(row.reached)}/${grouped(row.tried)}`;
    }),
  ]);
}

function actRows({ capability, classes, modes }: ArgueDocument): Cell[][] {
  const keys = [...new Set(capability.map((row) => `${row.fault} ${row.from} → ${row.to}`))];
  return keys.map((key) => [
    key,
    classes[key.slice(0, key.indexOf(' '))] ?? '',
    ...sharedModes(modes).map((mode) => {
      const row = capability.find((each) => each.mode === mode && `${each.fault} ${each.from} → ${each.to}` === key);
      return row === undefined ? '-' : `${lettersOf(row)}${isMiss(row) ? '!' : ''}`;
    }),
  ]);
}

function bootTables({ boots, modes }: ArgueDocument): string[] {
  if (boots.length === 0) return [];
  return [
    'The boot of an unmodified kernel, to the first sign of its first process:',
    '',
    ...table(BOOT_TITLES, bootCells(boots), 2),
    ...table(['left for the layer meanwhile, by cause', ...modes], exitCells(boots, modes)),
  ];
}

export function reportMarkdown(document: ArgueDocument): string {
  const { rates, latent, layer, recovery, cost, controls, doubts } = document;
  const modes = sharedModes(document.modes);
  return [
    '# The argument, measured',
    '',
    `taco ${document.version}, images and scenario ${document.stamp}, seed ${document.seed}: ${escapeMarkdown(document.command)}`,
    '',
    ...claimLines(document.claims),
    '',
    '## Reach: what one act can touch',
    '',
    ...table(['foreign accesses with an effect, of those tried', ...modes], reachRows(document)),
    `${LEGEND}.`,
    '',
    ...table(['one directed act', 'what it is', ...modes], actRows(document), 2),
    '## Chance: one random fault, does the neighbour fail?',
    '',
    ...table(
      ['class, pair', 'mode', 'writable foreign pages', 'injected', 'activated', 'failed [95 %]', 'late'],
      ratesInOrder(rates, document.modes).map((row) => [
        `${row.class} ${row.faulty} → ${row.bystander}`,
        modeName(row),
        exposureCell(row),
        row.injected,
        row.activated,
        rateCell(row),
        row.late,
      ]),
      2,
    ),
    ...[...new Set(rates.map((row) => row.class))]
      .filter((name) => document.classes[name] !== undefined)
      .map((name) => `- ${escapeMarkdown(`${name}: ${document.classes[name]}`)}`),
    ...placelessTexts(rates).map((text) => `- ${escapeMarkdown(text)}`),
    '',
    ...(latent.length === 0
      ? []
      : table(
          ['latent, and ten times as long', 'mode', 'cycles', 'failed after all'],
          latent.map((row) => [row.id, row.mode, grouped(row.cycles), row.failed.join(', ') || 'nobody']),
        )),
    '## Layer: one random fault while it runs, what of the guests?',
    '',
    ...(layer.length === 0 ? [`Here ${noLayersText(document.factors)}.`, ''] : []),
    ...table(
      [
        'component',
        'injected',
        'all guests lost',
        'one lost',
        'one parked',
        'error returned',
        'expected per Gcycle if each bit flips once',
      ],
      layer.map((row) => [
        layerName(row),
        row.injected,
        row.guestsLost,
        row.oneLost,
        row.oneParked,
        row.errorReturned,
        row.failuresPerGcycle.toPrecision(3),
      ]),
    ),
    ...[parkedText(layer)].filter((text) => text !== '').flatMap((text) => [text, '']),
    ...(recovery.length === 0
      ? [`What restarts save: ${untriedRestarts(document.factors) ?? NOTHING_LOST}.`, '']
      : [...table(['saved by restarts, of those lost', ...SAVERS], recoveryCells(recovery)), RECOVERY_LEGEND, '']),
    '## Cost: cycles against native',
    '',
    ...table(
      ['workload', 'class', 'mode', 'cycles', 'against native', 'against colocated'],
      cost.map((row) => [
        row.workload,
        row.class,
        row.mode,
        grouped(row.cycles),
        overhead(row.ratio),
        row.ratioToColocated.toFixed(3),
      ]),
      3,
    ),
    ...bootTables(document),
    ...(document.latency.length === 0
      ? []
      : [
          '## Latency: how long guests wait',
          '',
          ...table(LATENCY_TITLES, latencyCells(document.latency, document.modes), LATENCY_WORDS),
        ]),
    '## Controls',
    '',
    ...table(
      ['control', 'runs', 'failed', 'expected'],
      controls.map((row) => [row.name, row.n, row.failed, row.expected ?? 'a share: the recall']),
    ),
    ...(doubts.length === 0 ? [] : ['## Doubts', '', ...doubts.map((doubt) => `- ${escapeMarkdown(doubt)}`), '']),
  ].join('\n');
}
