// The report as one file: no network, no foreign script, the records embedded. A pure function of the document.

import type { ArgueDocument } from '../documents.ts';
import { controls } from './controls.ts';
import { cost } from './cost.ts';
import { factors } from './factors.ts';
import { figureFiles } from './figures.ts';
import { layer } from './layer.ts';
import { limits } from './limits.ts';
import { embeddedJson, html, Markup } from './markup.ts';
import { misses } from './misses.ts';
import { provenance } from './provenance.ts';
import { rates } from './rates.ts';
import { reach } from './reach.ts';
import { SCRIPT } from './script.ts';
import { drawSection, type Section } from './section.ts';
import { STYLE } from './style.ts';
import { trade } from './trade.ts';
import { verdicts } from './verdicts.ts';
import { watched } from './watched.ts';

export const SECTIONS: readonly Section[] = [
  verdicts,
  watched,
  reach,
  rates,
  layer,
  cost,
  trade,
  misses,
  controls,
  factors,
  limits,
  provenance,
];

/** Nothing may be loaded from anywhere, whatever a record holds. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function reportPage(document: ArgueDocument): string {
  const figures = figureFiles(document).map(({ name, text }) => ({ name, svg: text }));
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="taco ${document.version}">
<title>taco: the argument, measured (${document.stamp}, seed ${document.seed})</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header class="top">
<h1>OS co-location against virtualization: the argument, measured</h1>
<p class="about">The same guests, booted on the same emulated RISC-V machine as ${document.modes.join(', ')}. Images and scenario ${document.stamp}, seed ${document.seed}, taco ${document.version}.</p>
<nav aria-label="sections"><ol>${SECTIONS.map(
    ({ id, title }, index) => html`<li><a href="#${id}">${index + 1} ${title.split(':')[0] ?? title}</a></li>`,
  )}</ol></nav>
</header>
<main>
${SECTIONS.map((section, index) => drawSection(section, index + 1, document))}</main>
<output id="replay" aria-live="polite" hidden></output>
<script type="application/json" id="records">${embeddedJson(document)}</script>
<script type="application/json" id="figures">${embeddedJson(figures)}</script>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}
