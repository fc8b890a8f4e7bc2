// H5: with two-stage hardware, every workload of every class within 1 % of native; all of them above 5 % contradicts.
// De-privileged, as OKL4 did it, is another verdict, and untested here.

import { overhead } from '../cost-section.ts';
import { grouped } from '../paper.ts';
import { BLOG, type Claim, type Evidence, inMode, NATIVE, UNTESTED, VIRTUALIZED } from './claim.ts';

const NEGLIGIBLE = 1.01;
const SMALL = 1.05;

interface ClassCost {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

function classesOf(evidence: Evidence): ClassCost[] {
  const rows = inMode(evidence.cost, VIRTUALIZED);
  return [...new Set(rows.map((row) => row.class))].map((name) => {
    const ratios = rows.filter((row) => row.class === name).map((row) => row.ratio);
    return { name, least: Math.min(...ratios), most: Math.max(...ratios) };
  });
}

const range = ({ name, least, most }: ClassCost): string =>
  `${name} ${overhead(least)}${most === least ? '' : ` to ${overhead(most)}`}`;

const listed = (classes: readonly ClassCost[]): string => classes.map(range).join(' · ');

export const H5: Claim = {
  id: 'H5',
  quote: 'real virtualization at negligible overhead',
  source: BLOG,
  hypothesis: 'with two-stage hardware virtualized costs at most 1 % over native, in every workload of each class',
  rule(evidence) {
    const classes = classesOf(evidence);
    if (classes.length === 0 || inMode(evidence.cost, NATIVE).length === 0) return UNTESTED;
    const within = classes.filter(({ most }) => most <= NEGLIGIBLE);
    const verdict = within.length === classes.length ? 'supported' : undefined;
    const beyond = classes.every(({ least }) => least > SMALL) ? 'contradicted' : 'mixed';
    return { verdict: verdict ?? beyond, for: within.length === 0 ? [] : [`within 1 %: ${listed(within)}`] };
  },
  against(evidence) {
    const classes = classesOf(evidence);
    if (classes.length === 0) return ['needs workloads in native and virtualized'];
    const small = classes.filter(({ most }) => most > NEGLIGIBLE && most <= SMALL);
    const large = classes.filter(({ most }) => most > SMALL);
    const searches = evidence.search.filter(({ claim }) => claim === 'H5');
    return [
      ...(large.length === 0 ? [] : [`above 5 %: ${listed(large)}`]),
      ...(small.length === 0 ? [] : [`above 1 %, which is small: ${listed(small)}`]),
      ...searches.map(
        ({ found, tried, hypothesis }) =>
          `search over workloads and settings: ${grouped(found)} of ${grouped(tried)} tries against "${hypothesis}"`,
      ),
      'no cache model: an overhead that is small here may be larger on a chip',
      'de-privileged, as OKL4 did it: UNTESTED, there is no such mode',
    ];
  },
};
