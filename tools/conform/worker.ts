import type { Setup } from './crew.ts';
import { Here } from './here.ts';
import { openOracle } from './oracles.ts';
import { Differ, type Round } from './run.ts';

/** Compares the rounds that it is sent, in a process of its own. */
const { oracle: name, timing, engine, modes } = JSON.parse(process.argv[2] ?? '{}') as Setup;
const oracle = openOracle(name);
if (typeof oracle === 'string') throw new Error(oracle);
const differ = new Differ(new Here(timing, engine), oracle, modes);

process.on('message', (round: Round) => {
  differ.round(round).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      oracle.runner.close();
      throw error;
    },
  );
});

const end = () => {
  oracle.runner.close();
  process.exit();
};
// Also where the parent is killed.
process.on('disconnect', end);
process.on('SIGTERM', end);
// A terminal sends it to both; the parent decides.
process.on('SIGINT', () => {});
