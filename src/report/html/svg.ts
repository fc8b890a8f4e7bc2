// Figures, drawn here: no library, no script. Colours repeat what shape and text already say, so a grey print loses nothing.

import { html, Markup, type Part } from './markup.ts';

/** A picture with its own name; the same text stands alone as a file. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly body: readonly Part[];
}

/** In the page these classes take the colours of the reader's scheme; alone, those for paper. */
const ALONE = `text{font:12px sans-serif;fill:#1b1f24}.axis{stroke:#6b7280;fill:none}.grid{stroke:#d5d9de}
.mark0{fill:#0b5fa5;stroke:#0b5fa5}.mark1{fill:#b45309;stroke:#b45309}.mark2{fill:#6d28d9;stroke:#6d28d9}
.mark3{fill:#047857;stroke:#047857}.mark4{fill:#374151;stroke:#374151}.bad{fill:#b91c1c;stroke:#b91c1c}
.lane{fill:#eef1f4}.soft{fill-opacity:.35}.small{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}`;

function draw({ title, width, height, body }: Figure, attributes: string, style: string): Markup {
  return html`<svg ${new Markup(attributes)} viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>${new Markup(style)}${body}</svg>`;
}

/** At its natural size or, on a narrow screen, in a frame that scrolls. */
export function inPage(figure: Figure): Markup {
  const size = `width="${figure.width}" height="${figure.height}"`;
  return html`<figure><div class="scroll" role="region" tabindex="0" aria-label="${figure.title}">${draw(figure, size, '')}</div>
<figcaption>${figure.title}</figcaption></figure>
`;
}

export function asFile(figure: Figure): string {
  const attributes = `xmlns="http://www.w3.org/2000/svg" width="${figure.width}" height="${figure.height}"`;
  return `${draw(figure, attributes, `<style>${ALONE}</style>`).text}\n`;
}

/** A linear scale from `[0, most]` to pixels, with round marks. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10] as const;
const TICKS = 5;

export function linearScale(least: number, most: number, from: number, to: number): Scale {
  const span = most - least || 1;
  const rough = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((candidate) => candidate * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step) * step;
  const count = Math.floor((most - first) / step + 1e-9) + 1;
  return {
    at: (value) => round(from + ((value - least) / span) * (to - from)),
    ticks: Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step),
  };
}

/** A tenth of a pixel is enough, and the bytes of the page do not depend on the last bit of a division. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A vertical grid with its figures below. */
export function gridX(scale: Scale, top: number, bottom: number, label: (value: number) => string): Markup[] {
  return scale.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${scale.at(tick)}" x2="${scale.at(tick)}" y1="${top}" y2="${bottom}"/><text class="small middle" x="${scale.at(tick)}" y="${bottom + 14}">${label(tick)}</text>`,
  );
}

const SHAPES = 5;
const SIZE = 5;

/** A different shape for each mode, so that the marks differ without colour. */
export function mark(index: number, x: number, y: number): Markup {
  const kind = index % SHAPES;
  const paths = [
    `M${x - SIZE} ${y}a${SIZE} ${SIZE} 0 1 0 ${2 * SIZE} 0a${SIZE} ${SIZE} 0 1 0 ${-2 * SIZE} 0z`,
    `M${x - SIZE} ${y - SIZE}h${2 * SIZE}v${2 * SIZE}h${-2 * SIZE}z`,
    `M${x} ${y - SIZE - 1}l${SIZE + 1} ${2 * SIZE}h${-2 * SIZE - 2}z`,
    `M${x} ${y - SIZE - 1}l${SIZE + 1} ${SIZE + 1}l${-SIZE - 1} ${SIZE + 1}l${-SIZE - 1} ${-SIZE - 1}z`,
    `M${x - SIZE} ${y - SIZE}l${2 * SIZE} ${2 * SIZE}M${x + SIZE} ${y - SIZE}l${-2 * SIZE} ${2 * SIZE}`,
  ];
  return html`<path class="mark${kind}" stroke-width="1.5" d="${paths[kind] ?? ''}"/>`;
}

export function line(kind: string, x1: number, y1: number, x2: number, y2: number): Markup {
  return html`<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke-width="1.5"/>`;
}

export function label(x: number, y: number, text: string, kind = ''): Markup {
  return html`<text class="${kind}" x="${x}" y="${y}">${text}</text>`;
}
