// How fast is this machine beside QEMU, in one run on one computer? Host speed only: nothing here enters a result.
//
//   npm run bench                       tables of ratios, best and median of the rounds; in the end, what is asked and is met
//   npm run bench -- --json             one JSON document on stdout
//   npm run bench -- --check            exit 1 where something asked is not met by the best round
//   npm run bench -- --rounds 5 --leaves none,2M
//   npm run bench -- --only os          of programs, os, throughput and scenario (the last only if asked for) these parts
import { parseArgs } from 'node:util';
import { here, LONGER, qemu, qemuVersion } from './speed/engines.ts';
import { compareWithFloors, exitCodeOf, floorTable, unmet } from './speed/floors.ts';
import { measureOs, missingDebian, osHere, osOnQemu, osRatios, ownName } from './speed/os-work.ts';
import { LEAVES, type Leaves } from './speed/programs.ts';
import {
  best,
  INTERPRETER,
  measure,
  median,
  QEMU_ICOUNT,
  QEMU_PLAIN,
  ratios,
  REGIONS,
  stageRatios,
} from './speed/rounds.ts';
import { measureThroughput, throughputTables } from './speed/throughput.ts';
import { scenarioWork, WORKS } from './speed/work.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    leaves: { type: 'string', default: Object.keys(LEAVES).join(',') },
    only: { type: 'string', default: 'programs,os,throughput' },
  },
});

const isLeaves = (text: string): text is Leaves => text in LEAVES;
const leaves = values.leaves.split(',').filter(isLeaves);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || leaves.length !== values.leaves.split(',').length) {
  console.error(
    `--rounds takes a number from 1 on, --leaves some of ${Object.keys(LEAVES).join(',')}\n  for example --rounds 3 --leaves none,4K`,
  );
  process.exit(2);
}

const PARTS = ['programs', 'scenario', 'os', 'throughput'];
const parts = values.only.split(',');
if (!parts.every((part) => PARTS.includes(part))) {
  console.error(`--only takes some of ${PARTS.join(',')}\n  for example --only os`);
  process.exit(2);
}

const version = qemuVersion();
if (version === undefined) console.error('qemu-system-riscv64 is not installed: nothing to compare with');
const withoutDebian = missingDebian();
if (withoutDebian !== undefined && parts.includes('os'))
  console.error(`the boot of Debian is left out: ${withoutDebian}`);
const QEMUS =
  version === undefined
    ? []
    : ([
        [QEMU_PLAIN, []],
        [QEMU_ICOUNT, ['-icount', 'shift=0']],
      ] as const);
const qemus = QEMUS.map(([name, flags]) => qemu(name, flags, LONGER));
const interpreter = here(INTERPRETER, { engine: { kind: 'interpreter' } });
const regions = here(REGIONS, { engine: { kind: 'regions' } }, LONGER);
/** Who runs the programs is who is compared under those leaves. */
function enginesOf(leaves: Leaves) {
  if (leaves === 'none') return [interpreter, regions, ...qemus];
  return leaves.includes('/') ? [regions] : [regions, ...qemus.slice(0, 1)];
}
const measured = measure(enginesOf, parts.includes('programs') ? leaves : [], rounds, (text) => console.error(text));
const rows = [
  ...ratios(measured, REGIONS, INTERPRETER),
  ...[INTERPRETER, REGIONS].flatMap((own) => QEMUS.flatMap(([other]) => ratios(measured, own, other))),
  ...stageRatios(measured),
];
const engines = [{ kind: 'interpreter' }, { kind: 'regions' }] as const;
const work = (parts.includes('scenario') ? scenarioWork() : []).flatMap(({ mode, rate }) =>
  WORKS.map((what) => {
    const [interpreter, regions] = engines.map(() => [] as number[]) as [number[], number[]];
    for (let round = 1; round <= rounds; round++) {
      console.error(`round ${round} of ${rounds}: ${mode}, ${what}`);
      interpreter.push(rate(engines[0], what));
      regions.push(rate(engines[1], what));
    }
    return { mode, what, interpreter, regions };
  }),
);
const osOwn = (['inorder', 'functional'] as const).map((timing) =>
  osHere(ownName(timing), { engine: { kind: 'regions' }, timing }),
);
const osMeasured = measureOs(
  [...osOwn, ...QEMUS.map(([name, flags]) => osOnQemu(name, flags))],
  parts.includes('os') ? rounds : 0,
  (text) => console.error(text),
);
const osRows = osOwn.flatMap(({ name }) => QEMUS.flatMap(([other]) => osRatios(osMeasured, name, other)));
const throughput = parts.includes('throughput')
  ? await measureThroughput(rounds, (text) => console.error(text))
  : undefined;
const floors = compareWithFloors({ programs: rows, os: osRows, throughput });

if (values.json) {
  console.log(
    JSON.stringify({
      schema: 'taco.speed/2',
      node: process.version,
      qemu: version,
      rounds,
      floors,
      measured,
      ratios: rows,
      work,
      os: { measured: osMeasured, ratios: osRows },
      throughput,
    }),
  );
} else {
  const table = (lines: readonly object[]) => lines.length > 0 && console.table(lines);
  table(
    rows.map(({ engine, reference, leaves, of, best, median }) => ({
      ratio: `${engine} / ${reference}`,
      leaves,
      of,
      best: best.toFixed(2),
      median: median.toFixed(2),
    })),
  );
  table(
    osRows.map(({ engine, reference, work: of, best, median }) => ({
      ratio: `${engine} / ${reference}`,
      of,
      best: best.toFixed(2),
      median: median.toFixed(2),
    })),
  );
  table(
    work.map(({ mode, what, interpreter, regions }) => ({
      'regions / interpreter': `scenario, ${mode}`,
      of: what,
      best: (best(regions) / best(interpreter)).toFixed(2),
      median: (median(regions) / median(interpreter)).toFixed(2),
    })),
  );
  for (const lines of throughput === undefined ? [] : throughputTables(throughput)) table(lines);
  table(floorTable(floors));
}
for (const floor of unmet(floors)) console.error(`not met: ${floor}`);
process.exitCode = exitCodeOf(floors, values.check);
