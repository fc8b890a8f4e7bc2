// `npm run chaos -- --kills 10000`: the campaign engine under fire.
import { parseArgs } from 'node:util';
import { chaos } from './chaos/chaos.ts';

const EVERY = 100;
const UNITS = 3000;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const onKill = (kills: number): void => {
  if (kills % EVERY === 0) process.stderr.write(`${kills} kills\n`);
};
const result = await chaos({ kills: Number(values.kills), units: UNITS, seed: Number(values.seed), onKill });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exitCode = result.problems.length === 0 ? 0 : 1;
