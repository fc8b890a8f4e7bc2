import { describe, expect, it } from 'vitest';
import { HOSTILE, madeUp, replayOf } from '../../../test/report/made-up-document.ts';
import type { ArgueDocument } from '../documents.ts';
import { figureFiles } from './figures.ts';
import { embeddedJson, escapeText, html } from './markup.ts';
import { reportPage, SECTIONS } from './page.ts';
import { linearScale } from './svg.ts';
import { setApart } from './trade.ts';

describe('markup', () => {
  it('escapes all that is not markup already', () => {
    expect(escapeText(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
    expect(html`<b title="${'"'}">${[html`<i>${1}</i>`, '<']}</b>`.text).toBe('<b title="&quot;"><i>1</i>&lt;</b>');
  });

  it('embeds records that cannot end their element and that come back the same', () => {
    const { text } = embeddedJson({ said: HOSTILE });
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual({ said: HOSTILE });
  });
});

describe('the page', () => {
  const page = reportPage(madeUp);
  const empty: ArgueDocument = {
    ...madeUp,
    watched: [],
    reach: [],
    capability: [],
    rates: [],
    paired: [],
    latent: [],
    layer: [],
    cost: [],
    effort: [],
    controls: [],
  };

  it('has twelve sections, each once', () => {
    expect(SECTIONS).toHaveLength(12);
    for (const { id } of SECTIONS) expect(page.split(`<section id="${id}"`)).toHaveLength(2);
  });

  it('names no place to load anything from', () => {
    const tags = page.replace(/"[^"]*"/g, '""').match(/<[a-z][^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(500);
    expect(tags.filter((tag) => /\s(src|srcset|action|on\w+)=/.test(tag))).toEqual([]);
    expect(page.match(/href="(?!#|data:text\/csv)[^"]*"/g)).toBeNull();
    expect(page).toContain('default-src &#39;none&#39;;');
  });

  it('has no script but its own, whatever records hold', () => {
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script/g)).toHaveLength(3);
    expect(page).not.toContain('<img');
  });

  it('says of each section what is missing instead of drawing nothing', () => {
    const shown = reportPage(empty);
    for (const id of ['watched', 'reach', 'rates', 'layer', 'cost', 'trade', 'controls']) {
      expect(shown.split(`<section id="${id}"`)[1]?.split('</section>')[0], id).toContain('class="absent"');
    }
    expect(shown).not.toMatch(/NaN|Infinity|undefined/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('names what failed after all of the latent', () => {
    expect(page).toContain(replayOf('MEM-1', 'open'));
    expect(page).toContain('640,000,000');
  });

  it('never writes a rate of zero without its bound', () => {
    const section = page.split('<section id="rates"')[1]?.split('</section>')[0] ?? '';
    expect(section).toContain('0/400 ≤0.75 %');
    expect(section).toContain('17,408/17,408');
    expect(section).toContain('separate machines');
  });
});

describe('the page, to be compared by eye', () => {
  const page = reportPage(madeUp);

  it('has the modes of a pair beside each other, in one order', () => {
    const shuffled = { ...madeUp, rates: [...madeUp.rates].reverse() };
    const section = reportPage(shuffled).split('<section id="rates"')[1]?.split('</table>')[0] ?? '';
    const rows = section.split('<tbody>')[1]?.match(/<td class="text">[^<]*/g) ?? [];
    expect(rows.slice(0, 5).map((cell) => cell.slice('<td class="text">'.length))).toEqual([
      'separate machines',
      'colocated',
      'partitioned',
      'open',
      'virtualized',
    ]);
  });

  it('has percentiles of responses and exits by cause beside cost, and says why no restart was tried', () => {
    const shown = (id: string) => page.split(`<section id="${id}"`)[1]?.split('</section>')[0] ?? '';
    expect(shown('cost')).toMatch(/95 %.*99 %/s);
    expect(shown('cost')).toContain('left for the layer meanwhile, by cause');
    const never = { ...madeUp, recovery: [], factors: { restart: 'never' } };
    expect(reportPage(never)).toContain('not tried; the scenario says restart: never');
    expect(reportPage({ ...never, layer: [], factors: { cpus: 'dedicated' } })).toContain(
      'Here no fault in a layer was run: with cpus: dedicated',
    );
    expect(reportPage({ ...never, factors: {} })).toContain('no fault lost a guest that could be restarted');
  });

  it('keeps marks of almost the same height apart, whichever mode comes first', () => {
    const failing = (counts: Readonly<Record<string, number>>) =>
      madeUp.modes.flatMap((mode) =>
        madeUp.capability
          .slice(0, 1)
          .flatMap((row) => Array.from({ length: 76 }, (_, n) => ({ ...row, mode, failed: n < (counts[mode] ?? 0) }))),
      );
    const capability = failing({ colocated: 14, partitioned: 3, open: 14, virtualized: 2 });
    for (const modes of [madeUp.modes, [...madeUp.modes].reverse()]) {
      const [figure] = figureFiles({ ...madeUp, modes, capability }).filter(
        ({ name }) => name === 'isolation-cost.svg',
      );
      const heights = [...(figure?.text ?? '').matchAll(/<line class="mark\d" x1="[^"]*" y1="([^"]*)"/g)];
      const sorted = heights.map(([, y]) => Number(y)).sort((a, b) => a - b);
      expect(sorted).toHaveLength(4);
      for (const [index, y] of sorted.slice(1).entries()) expect(y - (sorted[index] ?? 0)).toBeGreaterThanOrEqual(8.9);
    }
  });

  it('moves no mark of that figure that stands alone', () => {
    expect(setApart([100, 20, 100, 60])).toEqual([95.5, 20, 104.5, 60]);
    expect(setApart([10, 16, 22])).toEqual([7, 16, 25]);
    expect(setApart([])).toEqual([]);
  });

  it('draws one bug in all modes to one scale', () => {
    const [first] = madeUp.watched;
    if (first === undefined) throw new Error('nothing watched');
    const later = { ...first, mode: 'open', end: 10 * first.end };
    const grids = figureFiles({ ...madeUp, watched: [first, later] })
      .filter(({ name }) => name.startsWith('watched-'))
      .map(({ text }) => text.match(/<line class="grid"[^>]*>/g));
    expect(grids).toHaveLength(2);
    expect(grids[0]).toEqual(grids[1]);
  });
});

describe('figures as files', () => {
  it('stand alone: their own namespace, their own colours', () => {
    const files = figureFiles(madeUp);
    expect(files.map(({ name }) => name)).toContain('isolation-cost.svg');
    for (const { text } of files) expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*<style>/);
  });

  it('have round marks on their scales, none outside', () => {
    expect(linearScale(0, 0.03, 0, 300).ticks.map((tick) => Number(tick.toFixed(6)))).toEqual([0, 0.01, 0.02, 0.03]);
    expect(linearScale(1, 3.5, 0, 100).at(3.5)).toBe(100);
    expect(linearScale(2, 2, 0, 100).at(2)).toBe(0);
  });
});
