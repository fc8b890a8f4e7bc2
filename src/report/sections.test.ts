import { describe, expect, it } from 'vitest';
import { madeUpRecord, unharmed } from '../../test/report/made-up-record.ts';
import type { BystanderOutcome } from '../faults/outcome.ts';
import { chanceSection } from './chance-section.ts';
import { costSection, overhead } from './cost-section.ts';
import type { ArgueDocument } from './documents.ts';
import { headerSection } from './header-section.ts';
import { layerSection } from './layer-section.ts';
import { onPaper, type Paper, PLAIN, widest } from './paper.ts';
import { rateCell } from './rate-lines.ts';
import { reachSection } from './reach-section.ts';
import { recoveryLines } from './recovery-lines.ts';
import { limitsSection, verdictSection } from './verdict-section.ts';
import { describeFate, watchedSection } from './watched.ts';

const modes = ['native', 'colocated', 'open', 'virtualized'];
const shared = ['colocated', 'open', 'virtualized'];
const none = { reached: false, corrupted: false, failed: false, late: false, leaked: false };
const all = { ...none, reached: true, corrupted: true, failed: true };

const reach: ArgueDocument['reach'] = shared.flatMap((mode) =>
  (['r', 'w', 'x'] as const).flatMap((access) => [
    {
      mode,
      from: 'rtos',
      resource: 'foreign-ram',
      access,
      tried: 16_384,
      reached: mode === 'virtualized' ? 0 : 16_384,
    },
    { mode, from: 'rtos', resource: 'layer-ram', access, tried: 1024, reached: mode === 'virtualized' ? 0 : 1024 },
  ]),
);

const capability: ArgueDocument['capability'] = shared.map((mode) => ({
  fault: 'MEM-14',
  mode,
  from: 'rtos',
  to: 'unix',
  predicted: mode === 'virtualized' ? none : all,
  ...(mode === 'colocated' ? all : none),
  mechanism: mode === 'colocated' ? 'writes unix:trap_entry' : 'refused: store access fault, cause 7',
  replay: `t1.00000000.MEM-14.${mode}.rtos.1-0`,
}));

const rate = (mode: string, failed: number): ArgueDocument['rates'][number] => ({
  class: 'HWF-1',
  mode,
  faulty: 'rtos',
  bystander: 'unix',
  injected: 400,
  activated: 171,
  reached: failed + 2,
  failed,
  late: 0,
  latent: 2,
  writablePages: null,
  foreignPages: null,
  refused: 0,
  lower95: failed === 0 ? 0 : 0.00706,
  upper95: failed === 0 ? 0.00746 : 0.03573,
  activated95: { lower: 0, upper: 0.02 },
  trajectories: [0, 0, 0, 0, failed].map((own) => ({ injected: 80, failed: own })),
});

const pair = (b: string, onlyA: number, p: number | null): ArgueDocument['paired'][number] => ({
  class: 'HWF-1',
  faulty: onlyA === 0 ? 'unix' : 'rtos',
  bystander: onlyA === 0 ? 'rtos' : 'unix',
  a: 'colocated',
  b,
  both: 0,
  onlyA,
  onlyB: 0,
  neither: 400 - onlyA,
  exactShare: 0.98,
  difference: onlyA / 400,
  lower95: 0.0083,
  upper95: 0.0357,
  p,
  pHolm: p === null ? null : Math.min(1, 2 * p),
});
const paired = [pair('open', 7, null), pair('virtualized', 7, 0.015625), pair('virtualized', 0, 1)];

const bystander: BystanderOutcome = {
  ...unharmed,
  endpoints: all,
  failure: 'words missing',
  words: 12,
  instretAfter: 1204,
};
const watched = madeUpRecord({
  class: 'MEM-14',
  bystander,
  mechanism: 'writes unix:trap_entry',
});

const text = (lines: readonly string[]) => lines.join('\n');

/** None that a section shows otherwise for. */
const factors = {};

describe('section 2', () => {
  const lines = reachSection(PLAIN, { modes, factors, reach, capability });

  it('counts pages over all foreign owners, and leaves native out', () => {
    expect(text(lines)).toMatch(/rtos: pages rwx +\| 17,408\/17,408 \| 17,408\/17,408 \| 0\/17,408/);
    expect(text(lines)).not.toContain('native');
  });

  it('marks what was not predicted and says what was seen instead', () => {
    expect(text(lines)).toMatch(/memory bugs \(1\) +\| F 1, R 1 +\| 0 +\| 0 /);
    expect(text(lines)).toContain('2 of 3 predictions met; the others:');
    expect(text(lines)).toContain('MEM-14 open rtos -> unix: predicted RCF, seen .: refused: store access fault');
  });

  it('says so when accesses differ', () => {
    const uneven = reach.map((row) => (row.access === 'x' && row.mode === 'open' ? { ...row, reached: 0 } : row));
    expect(text(reachSection(PLAIN, { modes, factors, reach: uneven, capability }))).toContain(
      'r 17,408/17,408 w 17,408/17,408 x 0/17,408',
    );
  });
});

describe('section 3', () => {
  it('prints zero events with their bound, others with share and interval', () => {
    expect(rateCell(rate('virtualized', 0))).toBe('0/400 ≤0.75 %');
    expect(rateCell(rate('colocated', 7))).toBe('7/400 1.8 % [0.7, 3.6]');
    expect(rateCell({ ...rate('virtualized', 0), injected: 5, upper95: 0.4507 })).toBe('0/5 ≤45.1 %');
  });

  it('names n, the activated, and the controls', () => {
    const controls = [
      { name: 'no fault', n: 400, failed: 0, expected: 0 },
      { name: 'positive', n: 4, failed: 4, expected: 4 },
      { name: 'own fault noticed', n: 197, failed: 189, expected: null },
    ];
    const alone = { ...rate('native', 0), injected: 5, upper95: 0.4507, reached: 0, latent: 0 };
    const bare = { writablePages: 17_408, foreignPages: 17_408 };
    const rates = [
      { ...rate('colocated', 7), ...bare },
      rate('open', 5),
      { ...rate('virtualized', 0), ...bare, writablePages: 0 },
      alone,
    ];
    const shown = text(chanceSection(PLAIN, { modes, rates, paired, controls }, 'panic=halt'));
    expect(shown).toContain('n = 400 per cell, 95 % interval, panic=halt');
    expect(shown).toMatch(/activated +colocated +virtualized +separate +Holm p/);
    expect(shown).toMatch(/rtos -> unix\n +writable pages +17,408\/17,408 +0\/17,408 +-\n/);
    expect(shown).toMatch(/HWF-1 +171 +7\/400 1\.8 % \[0\.7, 3\.6\] +0\/400 <=0\.75 % +0\/5 <=45\.1 % +0\.031/);
    const narrow = text(chanceSection({ ...PLAIN, columns: 70 }, { modes, rates, paired, controls }, 'panic=halt'));
    expect(narrow.replace(/\s+/g, ' ')).toContain(
      'writable pages: colocated 17,408/17,408 | virtualized 0/17,408 | separate -',
    );
    expect(shown).toContain('colocated: reached 9, latent 2, refused 0, late 0; failed per seed 0-7');
    expect(shown).not.toMatch(/open: reached/);
    expect(shown).toContain('no fault 0/400 | positive 4/4 (expected 4) | own fault noticed 189/197 (recall 95.9 %)');
    expect(shown).toContain('reached and failed 12 | only reached 6 | only failed 0 | neither 1,182');
    expect(shown).toContain('colocated against virtualized: exact McNemar, Holm over 2 comparisons');
    expect(shown.replace(/\s+/g, ' ')).toContain(
      'only colocated 7, only virtualized 0, neither 393 | +1.8 points [+0.8, +3.6] | Holm p 0.031',
    );
    expect(shown).toContain('no fault told them apart (Holm p 1) in HWF-1 unix -> rtos');
    expect(shown).not.toContain('open against');
    expect(shown).not.toContain('has no place');
    const onlyRtos = { ...rate('colocated', 0), class: 'SWF', faulty: 'rtos', bystander: 'unix' };
    const back = { ...rate('colocated', 0), faulty: 'unix', bystander: 'rtos' };
    const some = text(
      chanceSection(PLAIN, { modes, rates: [...rates, back, onlyRtos], paired, controls }, 'panic=halt'),
    );
    expect(some).toContain('SWF has no place in unix.');
    expect(shown).not.toMatch(/\b0 %/);
  });
});

it('the shipped scenario has its modes side by side on 100 columns', () => {
  const five = ['native', 'colocated', 'partitioned', 'open', 'virtualized'];
  const pages = { writablePages: 17_408, foreignPages: 17_408 };
  const rates = five.map((mode) => ({ ...rate(mode, 0), ...pages, injected: 100, upper95: 0.0295 }));
  const passing = rates.map((row) => ({ ...row, class: 'SWF (passes self-test)', injected: 15, upper95: 0.181 }));
  const lines = chanceSection(
    PLAIN,
    { modes: five, rates: [...rates, ...passing], paired: [], controls: [] },
    'panic=halt',
  );
  expect(text(lines)).toMatch(/activated +colocated +partitioned +virtualized +separate +Holm p/);
  expect(text(lines)).toMatch(/ SWF\* +171 +0\/15 <=18\.1 %/);
  expect(widest(lines)).toBeLessThanOrEqual(100);
});

describe('section 4', () => {
  const row: ArgueDocument['layer'][number] = {
    class: 'HWF-1',
    mode: 'virtualized',
    component: 'hypervisor',
    injected: 400,
    activated: 300,
    errorReturned: 2,
    oneParked: 3,
    oneLost: 20,
    parkedAmongLost: 1,
    guestsLost: 49,
    lower95: 0.092,
    upper95: 0.159,
    faultSpace: 1e9,
    failuresPerGcycle: 12.34,
  };

  it('gives both normalisations, and a bound where no guest was lost', () => {
    expect(text(layerSection(PLAIN, [row]))).toMatch(
      /hypervisor in virtualized, HWF-1 {2}49\/400 12\.3 % \[9\.2, 15\.9\] {2}20 +3 +2 +12\.3/,
    );
    expect(text(layerSection({ ...PLAIN, columns: 80 }, [row])).replace(/\s+/g, ' ')).toContain(
      'HWF-1: all lost 49/400 12.3 % [9.2, 15.9] | one lost 20 | parked 3 | error 2 | per Gcycle 12.3',
    );
    expect(text(layerSection(PLAIN, [{ ...row, guestsLost: 0 }]))).toContain('0/400 <=15.90 %');
    expect(text(layerSection(PLAIN, []))).toContain('no fault in a layer was run');
  });

  it('does not count a parked guest as lost without saying so', () => {
    expect(text(layerSection(PLAIN, [row])).replace(/\s+/g, ' ')).toContain(
      'In 1 run with a lost guest the layer had parked one.',
    );
    expect(text(layerSection(PLAIN, [{ ...row, parkedAmongLost: 0 }]))).not.toContain('had parked');
  });

  it.each([80, 100, 120])('fits %d columns', (columns) => {
    const rows = ['colocated', 'partitioned', 'virtualized'].map((mode) => ({
      ...row,
      mode,
      lower95: 0.04,
      upper95: 0.777,
    }));
    expect(widest(layerSection({ ...PLAIN, columns }, rows))).toBeLessThanOrEqual(columns);
  });
});

describe('recovery', () => {
  const row = { from: 'nanokernel', inLayer: true, mode: 'colocated', recovery: 'on-reset', lost: 20, saved: 0 };
  const rows = [
    { ...row, lower95: 0, upper95: 0.1391 },
    { ...row, recovery: 'layer restart', saved: 19, lower95: 0.7513, upper95: 0.9987 },
  ];

  it('gives counts with their bounds, and a dash for what was not tried', () => {
    expect(text(recoveryLines(PLAIN, rows))).toMatch(/nanokernel in colocated +0\/20 <=14 % +- +19\/20 \[75, 100\] %/);
    expect(text(recoveryLines(PLAIN, []))).toContain('no fault lost a guest');
    expect(text(recoveryLines(PLAIN, [], 'not tried; it is said'))).toBe(
      '   What restarts save: not tried; it is said.',
    );
  });

  it.each([80, 100, 120])('fits %d columns', (columns) => {
    const many = ['colocated', 'partitioned', 'virtualized'].flatMap((mode) => rows.map((each) => ({ ...each, mode })));
    expect(widest(recoveryLines({ ...PLAIN, columns }, many))).toBeLessThanOrEqual(columns);
    expect(widest(recoveryLines({ ...PLAIN, columns: 60 }, many))).toBeLessThanOrEqual(60);
  });
});

describe('section 5', () => {
  const cost: ArgueDocument['cost'] = modes.map((mode, index) => ({
    workload: 'computing',
    class: 'computing',
    mode,
    cycles: 1000 + index,
    instret: 900,
    layerCycles: index,
    ratio: 1 + index / 1000,
    ratioToColocated: (1000 + index) / 1001,
  }));

  it('prints overheads against native', () => {
    expect([overhead(1), overhead(1.003), overhead(1.61), overhead(0.99)]).toEqual([
      '+0.0 %',
      '+0.3 %',
      '+61 %',
      '-1.0 %',
    ]);
    expect(text(costSection(PLAIN, { modes, cost }, []))).toMatch(/computing +\| +\+0\.1 % \| +\+0\.3 % \| +1\.002/);
  });

  it('gives a class by its cheapest and its dearest workload', () => {
    const dear = cost.map((row) => ({ ...row, workload: 'more', ratio: 1.5 + row.ratio }));
    expect(text(costSection(PLAIN, { modes, cost: [...cost, ...dear] }, []))).toMatch(
      /computing \(2\) +\| +\+0\.1 to \+150 % \|/,
    );
  });

  it('says how long the real-time guest waits, and how often too long', () => {
    const row = {
      kind: 'response',
      guest: 'rtos',
      n: 64,
      p50: 19_000,
      p95: 20_000,
      p99: 20_100,
      bound: 200_000,
    } as const;
    const latency = [
      { ...row, mode: 'native', neighbour: 'absent', max: 20_200, late: 0 },
      { ...row, mode: 'colocated', neighbour: 'busy', max: 20_300, late: 0 },
      { ...row, mode: 'colocated', neighbour: 'in a loop', max: 90_000, late: 2 },
    ];
    expect(text(costSection(PLAIN, { modes, cost }, [], latency)).replace(/\s+/g, ' ')).toContain(
      'response of rtos in us of 200, median, 99 %, greatest: alone in native 19.0 20.1 20.2; its neighbour busy in colocated 19.0 20.1 20.3; 2 late answers in 3 runs beside 2 kinds of',
    );
  });

  it('sets the layer’s effort beside the table', () => {
    const effort = [
      { mode: 'colocated', event: 'timer tick', instructions: 469.6, cycles: 900, entries: 1, causes: [] },
    ];
    expect(text(costSection(PLAIN, { modes, cost }, effort))).toContain(
      'layer instructions per timer tick: colocated 470',
    );
  });
});

describe('section 1', () => {
  it('says what became of the neighbour', () => {
    expect(describeFate(bystander)).toBe('unix DEAD after 1,204 instructions, 12/64 words');
    expect(describeFate({ ...bystander, failure: 'crashed' })).toContain('unix CRASHED after 1,204');
    expect(describeFate({ ...bystander, failure: 'none', endpoints: none, words: 64 })).toBe(
      'unix unharmed, 64/64 words',
    );
    expect(describeFate({ ...bystander, failure: 'none', endpoints: { ...none, late: true } })).toContain('LATE');
  });

  it('sets fates below what the machine did where they do not fit beside it, all of them', () => {
    const long = { ...watched, mode: 'open', mechanism: 'refused by the layer: store guest page fault, cause 23' };
    const lines = watchedSection({ ...PLAIN, columns: 80 }, 'MEM-14', [watched, long]);
    expect(lines.slice(1)).toEqual([
      '   colocated    writes unix:trap_entry',
      '                unix DEAD after 1,204 instructions, 12/64 words',
      '   open         refused by the layer: store guest page fault, cause 23',
      '                unix DEAD after 1,204 instructions, 12/64 words',
    ]);
  });

  it('shows each mode on its line', () => {
    expect(watchedSection(PLAIN, 'MEM-14', [watched])[1]).toBe(
      '   colocated    writes unix:trap_entry  unix DEAD after 1,204 instructions, 12/64 words',
    );
  });
});

describe('the end', () => {
  const claims: ArgueDocument['claims'] = [
    { id: 'H1', quote: 'full access', source: 'blog', verdict: 'supported', for: ['all pages'], against: ['CSRs'] },
    { id: 'H2', quote: 'each bug', source: 'blog', verdict: 'untested', for: [], against: ['needs more'] },
  ];

  it('prints computed verdicts, and names the untested', () => {
    const shown = text(verdictSection(PLAIN, claims));
    expect(shown).toMatch(/H1 {2}SUPPORTED +"full access"\n +- CSRs\n +\+ all pages/);
    expect(shown).toContain('untested so far: H2');
  });

  it('does not leave out the IOMMU where there is one', () => {
    const there = { factors: { iommu: 'present' }, doubts: [] };
    expect(text(limitsSection(PLAIN, { ...there, factors }))).toContain('IOMMUs');
    expect(text(limitsSection(PLAIN, there))).not.toContain('IOMMUs');
    const transfers = capability.map((row) => ({ ...row, fault: 'DMA-1' }));
    const drawn = (factors: Record<string, string>) => {
      return text(reachSection(PLAIN, { modes, factors, reach, capability: transfers }));
    };
    expect(drawn(factors)).toContain('DMA, no IOMMU (');
    expect(drawn(there.factors)).toMatch(/DMA \(/);
  });

  it('does not leave out several harts where each guest has its own, but what of them is not measured', () => {
    const limits = (cpus: string) => text(limitsSection(PLAIN, { factors: { cpus }, doubts: [] }));
    expect(limits('shared')).toContain('caches, several harts, IOMMUs');
    expect(limits('dedicated')).toContain('faults in layers, guests with several harts');
    expect(limits('dedicated')).not.toContain('caches, several harts');
  });

  it('says in words why the machine is not validated', () => {
    expect(text(limitsSection(PLAIN, { factors, doubts: ['no mutant was tried'] }))).toMatch(
      /machineValidated: false\):\s+no mutant/,
    );
    expect(text(limitsSection(PLAIN, { factors, doubts: [] }))).not.toContain('machineValidated');
  });
});

describe('every section', () => {
  const document = {
    version: '0.1.0',
    seed: 1,
    images: { rtos: 'a'.repeat(64), unix: 'b'.repeat(64) },
    factors: { scheduling: 'budget', reset: 'guest' },
  };
  const header = { document, guests: ['rtos', 'unix'], harts: 1, ramMebibytes: 128, stamp: '3f9c1e00', modes: [] };
  const draw = (paper: Paper) => [
    ...headerSection(paper, header),
    ...watchedSection(paper, 'MEM-14: rtos stores one word through a stray pointer into the handler of unix', [
      watched,
    ]),
    ...reachSection(paper, { modes, factors, reach, capability }),
    ...chanceSection(paper, { modes, rates: shared.map((mode) => rate(mode, 77)), paired, controls: [] }, 'panic=halt'),
    ...costSection(paper, { modes, cost: [] }, []),
    ...limitsSection(paper, {
      factors,
      doubts: ['the conformance suite was not run', 'src/machine changed since it was validated'],
    }),
  ];

  it.each([80, 100, 120])('fits %d columns with four guests, a line for each pair', (columns) => {
    const names = ['rtos', 'unix', 'second-rtos', 'longest-name-of-'];
    const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
    const many = pairs.flatMap((pair) => capability.map((row) => ({ ...row, ...pair })));
    const lines = reachSection({ ...PLAIN, columns }, { modes, factors, reach, capability: many });
    expect(widest(lines)).toBeLessThanOrEqual(columns);
    expect(text(lines)).toMatch(/\(12\)/);
  });

  it.each([80, 100, 120])('fits %d columns', (columns) => {
    expect(widest(draw({ ...PLAIN, columns }))).toBeLessThanOrEqual(columns);
  });

  it('is plain ASCII and without colour unless the paper has more', () => {
    expect(text(draw(PLAIN))).not.toMatch(/[^\n\x20-\x7e]/);
    expect(text(draw({ columns: 100, unicode: true, colour: true }))).toContain('\u001b[1m');
    expect(onPaper({ ...PLAIN, unicode: true }, '→')).toBe('→');
  });
});
