// 12: how to get the same bytes again, and the records as files.

import { csvFiles } from '../csv.ts';
import { html, type Part } from './markup.ts';
import { htmlTable, type Section } from './section.ts';

export const provenance: Section = {
  id: 'provenance',
  title: 'Hashes, seed, command, records',
  about: 'Equal inputs give equal bytes. The files below are in this page; nothing is fetched.',
  body: (document) => {
    const hashes = Object.entries(document.images).map(([name, hash]): Part[] => [name, html`<code>${hash}</code>`]);
    const files = csvFiles(document).map(
      ({ name, text }) =>
        html`<li><a download="${name}" href="data:text/csv;charset=utf-8,${encodeURIComponent(text)}">${name}</a></li>`,
    );
    return [
      html`<dl>
<dt>command</dt><dd><code>${document.command}</code></dd>
<dt>taco</dt><dd>${document.version}</dd>
<dt>seed</dt><dd>${document.seed}</dd>
<dt>images and scenario</dt><dd><code>${document.stamp}</code></dd>
</dl>`,
      htmlTable('SHA-256 of images and device trees', [{ title: 'file' }, { title: 'SHA-256' }], hashes),
      html`<h3>Records</h3>
<p class="downloads"><button type="button" id="download-json">argue.json</button> <button type="button" id="download-figures">figures as SVG</button></p>
<ul class="downloads">${files}</ul>`,
    ];
  },
};
