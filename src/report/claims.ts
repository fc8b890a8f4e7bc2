// The sentences under test, one record per quotation. A verdict is computed from records, never written; thresholds were
// fixed before the first run.

import type { ArgueDocument, ClaimRow, Verdict } from './documents.ts';

/** All that a rule may look at. */
export type Evidence = Omit<ArgueDocument, 'claims'>;

interface Judgement {
  readonly verdict: Verdict;
  readonly for: string[];
  readonly against: string[];
}

/** A quotation, the hypothesis it was turned into, and the rule that judges it. */
export interface Claim {
  readonly id: string;
  readonly quote: string;
  readonly source: string;
  readonly hypothesis: string;
  readonly rule: (evidence: Evidence) => Judgement;
}

const BLOG = 'G. Heiser, "OS Co-Location is NOT Virtualization!"';
const VLX = 'VirtualLogix VLX';
const SLIDES = 'slides';
const WHITE_PAPER = 'OK Labs white paper';

/** A rule whose precondition is missing says what it waits for. */
function untested(...missing: string[]): Judgement {
  return { verdict: 'untested', for: [], against: missing };
}

const awaits =
  (what: string): Claim['rule'] =>
  () =>
    untested(what);

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

const ACCESS = { r: 'reads', w: 'writes', x: 'executes' } as const;

type ReachRow = Evidence['reach'][number];

const isRam = (row: ReachRow): boolean => row.resource.endsWith('ram');

function sum(rows: readonly ReachRow[], field: 'tried' | 'reached'): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

/** "rtos reads, writes, executes 17,408 of 17,408 foreign pages", accesses together where they agree. */
function pagesByAccess(rows: readonly ReachRow[], mode: string): string[] {
  const guests = [...new Set(rows.map((row) => row.from))].sort();
  return guests.flatMap((from) => {
    const verbs = new Map<string, string[]>();
    for (const access of ['r', 'w', 'x'] as const) {
      const own = rows.filter((row) => row.from === from && row.access === access);
      const text = `${grouped(sum(own, 'reached'))} of ${grouped(sum(own, 'tried'))} foreign pages`;
      verbs.set(text, [...(verbs.get(text) ?? []), ACCESS[access]]);
    }
    return [...verbs].map(([text, words]) => `${mode}: ${from} ${words.join(', ')} ${text}`);
  });
}

/** H1: 100 % of foreign RAM pages for read, write and execute; any page refused contradicts. */
function fullAccess({ reach }: Evidence): Judgement {
  const colocated = reach.filter((row) => row.mode === 'colocated');
  const pages = colocated.filter(isRam);
  const complete = (['r', 'w', 'x'] as const).every((access) => pages.some((row) => row.access === access));
  if (!complete || sum(pages, 'tried') === 0) return untested('no complete sweep of foreign pages in colocated');
  const refused = sum(pages, 'tried') - sum(pages, 'reached');
  const registers = colocated.filter((row) => !isRam(row));
  const untouched = sum(registers, 'tried') - sum(registers, 'reached');
  const registersText = `${grouped(untouched)} of ${grouped(sum(registers, 'tried'))}`;
  return {
    verdict: refused === 0 ? 'supported' : 'contradicted',
    for: pagesByAccess(pages, 'colocated'),
    against: [
      ...(refused > 0 ? [`colocated: ${grouped(refused)} accesses to foreign pages refused`] : []),
      ...(untouched > 0 ? [`colocated: ${registersText} accesses to device registers had no foreign effect`] : []),
      'our nanokernel keeps M-mode, hence its own CSRs, to itself: kinder than the quotation',
    ],
  };
}

const DMA = 'DMA-1';

/** H3: nothing reached in any setting, DMA included; any reach by the processor in the defaults contradicts. */
function inherentIsolation({ reach, capability, rates }: Evidence): Judgement {
  const swept = reach.filter((row) => row.mode === 'virtualized');
  const acts = capability.filter((row) => row.mode === 'virtualized');
  const transfers = acts.filter((row) => row.fault === DMA);
  if (sum(swept, 'tried') === 0 || transfers.length === 0) return untested('no sweep or no DMA act in virtualized');
  const processor = sum(swept, 'reached');
  const reachingActs = acts.filter((row) => row.fault !== DMA && row.reached);
  const reachingTransfers = transfers.filter((row) => row.reached);
  const random = rates.filter((row) => row.mode === 'virtualized').reduce((total, row) => total + row.reached, 0);
  const contradicted = processor > 0 || reachingActs.length > 0;
  const mixed = reachingTransfers.length > 0 || random > 0;
  return {
    // "In all settings" is more than the one that was swept: without it the sentence cannot be supported.
    verdict: contradicted ? 'contradicted' : mixed ? 'mixed' : 'inconclusive',
    for: contradicted
      ? []
      : [`virtualized: ${grouped(sum(swept, 'tried'))} accesses to foreign pages and registers, 0 reached`],
    against: [
      ...(processor > 0 ? [`virtualized: ${grouped(processor)} accesses by the processor reached`] : []),
      ...reachingActs.map((row) => `virtualized: ${row.fault} of ${row.from} reached ${row.to}`),
      ...reachingTransfers.map((row) => `virtualized: ${row.from}'s DMA channel, no IOMMU, reached ${row.to}`),
      ...(random > 0 ? [`virtualized: ${grouped(random)} random faults reached something foreign`] : []),
      'one setting was swept, not every scenario option',
      'open is the same hypervisor with other table data: isolation is inherent in the tables, not in the word',
    ],
  };
}

export const claims: readonly Claim[] = [
  {
    id: 'H1',
    quote: 'each running in kernel mode with full access to all physical memory',
    source: BLOG,
    hypothesis: 'in colocated any kernel can read, write and execute all of memory',
    rule: fullAccess,
  },
  {
    id: 'H2',
    quote: 'each bug in one OS would take down all the others',
    source: BLOG,
    hypothesis: 'strong: every bug does; weak: some bug can',
    rule: awaits('needs the software faults and the paired campaign'),
  },
  {
    id: 'H3',
    quote: 'Isolation in a virtual machine environment is not optional, it is inherent',
    source: BLOG,
    hypothesis: 'no setting of virtualized opens a foreign resource',
    rule: inherentIsolation,
  },
  {
    id: 'H4',
    quote: 'The virtual machines only get to see virtual resources',
    source: BLOG,
    hypothesis: 'each register, counter and address that a guest reads is mediated',
    rule: awaits('needs the list of architectural resources and runs with a changed host value'),
  },
  {
    id: 'H5',
    quote: 'real virtualization at negligible overhead',
    source: BLOG,
    hypothesis: 'virtualized costs at most 1 % over native in each class of work',
    rule: awaits('needs the whole suite of workloads with swept parameters'),
  },
  {
    id: 'H6',
    quote: 'I have never seen a use case where pseudo-virtualization has any real benefit over virtualization',
    source: BLOG,
    hypothesis: 'no workload where colocated beats virtualized materially',
    rule: awaits('needs whole workloads and a search over parameters'),
  },
  {
    id: 'H7',
    quote: 'it strongly isolates virtual machines from each other',
    source: BLOG,
    hypothesis: 'virtualized contains faults',
    rule: awaits('needs the primary comparison and the faults in the layer'),
  },
  {
    id: 'S1',
    quote: 'enough isolation to catch most memory access errors',
    source: VLX,
    hypothesis: 'the default catches more than half of activated foreign accesses',
    rule: awaits('needs random faults in memory, and the mode partitioned'),
  },
  {
    id: 'S2',
    quote: 'unbreakable and complete isolation',
    source: VLX,
    hypothesis: 'partitioned reaches nothing',
    rule: awaits('needs the mode partitioned'),
  },
  {
    id: 'S3',
    quote: 'a real-time guest OS will get a higher priority',
    source: VLX,
    hypothesis: 'rtos meets its deadlines with unix busy or broken',
    rule: awaits('needs response times under every neighbour'),
  },
  {
    id: 'S4',
    quote: 'dramatically simpler and smaller than an (RT)OS',
    source: SLIDES,
    hypothesis: 'the hypervisor is smaller than rtos in code',
    rule: awaits('needs the count of reachable instructions of rtos, to set beside the layers'),
  },
  {
    id: 'S5',
    quote: 'not completely clear if hypervisor are really able to provide effective temporal/spatial isolation',
    source: SLIDES,
    hypothesis: 'the doubt is justified',
    rule: awaits('needs a cache model and several harts'),
  },
  {
    id: 'S6',
    quote: 'virtualization is unable to meet the special requirements of embedded systems',
    source: WHITE_PAPER,
    hypothesis: 'virtualized fails a requirement that a microkernel meets',
    rule: awaits('needs a microkernel mode'),
  },
];

/** The verdicts of all claims, in the order of the list. */
/** What was seen stands; that nothing more was seen proves nothing where translation caches were full. */
function withinCaches(judgement: Judgement, capped: number): Judgement {
  if (capped === 0 || judgement.verdict === 'untested') return judgement;
  const against = [...judgement.against, `${capped} experiments ran with full translation caches`];
  return { ...judgement, verdict: 'inconclusive', against };
}

export function judge(evidence: Evidence): ClaimRow[] {
  const { capped } = evidence.translation;
  return claims.map(({ id, quote, source, rule }) => ({
    id,
    quote,
    source,
    ...withinCaches(rule(evidence), capped),
  }));
}
