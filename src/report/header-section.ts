// The first lines, on the screen before anything has run.

import type { ArgueDocument } from './documents.ts';
import { onPaper, type Paper, paint, wrapped } from './paper.ts';

/** All of it is known before the first run. */
export interface Header {
  readonly document: Pick<ArgueDocument, 'version' | 'images' | 'seed' | 'factors'>;
  readonly guests: readonly string[];
  /** One that all share, or one for each guest. */
  readonly harts: number;
  readonly ramMebibytes: number;
  /** 8 hexadecimal digits of images and scenario. */
  readonly stamp: string;
  readonly modes: readonly { readonly name: string; readonly title: string }[];
}

const QUOTE = '"each bug in one OS would take down all the others" (Heiser).';

const HASH_SHOWN = 12;

export function headerSection(paper: Paper, header: Header): string[] {
  const { version, images, seed, factors } = header.document;
  const harts = header.harts === 1 ? 'one RV64 hart' : `${header.harts} RV64 harts, one for each guest`;
  const what = `taco ${version} · ${header.guests.join(' + ')}, ${harts}, ${header.ramMebibytes} MiB · images and scenario ${header.stamp} · seed ${seed}`;
  const hashes = Object.entries(images).map(([name, hash]) => `${name} ${hash.slice(0, HASH_SHOWN)}`);
  const settings = Object.entries(factors).map(([name, value]) => `${name} ${value}`);
  return [
    ...wrapped(paper, onPaper(paper, what), 1).map((line) => paint(paper, 'bold', line)),
    '',
    ...wrapped(paper, `${QUOTE} The same guests, booted as`, 1),
    ...header.modes.map(({ name, title }) => `   ${name.padEnd(13)}${title}`),
    ...wrapped(paper, `sha256: ${hashes.join(', ')}: byte-identical in every mode, device trees too`, 3),
    ...wrapped(paper, `factors, equal in all modes: ${settings.join(', ')}`, 3),
  ];
}
