// The command line: declares commands and options, hands typed settings on, and turns the answer into an exit code.

import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { factorNames } from '../scenario/vary.ts';
import { EFFORTS } from '../faults/effort.ts';
import { apps } from './apps.ts';
import { argue } from './argue.ts';
import { cost } from './cost.ts';
import { EXIT, explain } from './errors.ts';
import { type Host, processHost } from './host.ts';
import { diff } from './diff.ts';
import { listenForInterruption } from './interruption.ts';
import { inject } from './inject.ts';
import { regionNames } from '../faults/regions.ts';
import { list, TOPICS } from './list.ts';
import { defaultWorkers } from './pool.ts';
import { merge } from './merge.ts';
import { replay } from './replay.ts';
import { FORMATS, report } from './report.ts';
import { run } from './run.ts';
import { show } from './show.ts';
import { shrinkFault } from './shrink.ts';
import { vary } from './vary.ts';

const MOST_WORKERS = 64;
const MOST_FAULTS = 1_000_000;
const MOST_SEED = 999_999_999_999_999;

/** An option's number, checked: a non-negative integer that seeds, cycles and counts all are. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`give a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

const namesOf = (text: string): string[] => text.split(',').map((name) => name.trim());

/** "1%", "0.1 %" or "0.01". */
function shareOf(text: string): number {
  const match = /^(\d*\.?\d+)\s*(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value >= 1e-6 && value < 1)) throw new InvalidArgumentError('give a share such as 1% or 0.01');
  return value;
}

/** "2/5". */
function partOf(text: string): { index: number; of: number } {
  const [index, of] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).slice(1).map(Number);
  if (index === undefined || of === undefined || index < 1 || index > of) {
    throw new InvalidArgumentError('give a part such as 2/5');
  }
  return { index, of };
}

/** The three ways of saying how many; at most one is given. */
function sizeOf(n: number | undefined, halfWidth: number | undefined, target: number | undefined) {
  if (n !== undefined) return { kind: 'n', n } as const;
  if (halfWidth !== undefined) return { kind: 'ci', halfWidth } as const;
  return target === undefined ? undefined : ({ kind: 'upper', target } as const);
}

const seedOption = () =>
  new Option('--seed <n>', 'seed of all random draws').default(1).argParser(wholeNumber(0, MOST_SEED));
const jsonOption = () => new Option('--json', 'print one document on stdout, text for people on stderr').default(false);
/** Without a default: a resumed campaign has its own. */
const campaignSeedOption = () =>
  new Option('--seed <n>', 'seed of all random draws (default: 1)').argParser(wholeNumber(0, MOST_SEED));
const outOption = () => new Option('--out <dir>', 'the run folder, instead of runs/<scenario>/<time>');
const resumeOption = () => new Option('--resume <dir>', 'go on with the campaign of that run folder');
const workersOption = () =>
  new Option('--workers <n>', 'worker processes').default(defaultWorkers()).argParser(wholeNumber(1, MOST_WORKERS));
const cacheOption = () =>
  new Option(
    '--no-cache',
    'boot guests, though the end of their boot is kept in runs/.warm-ups; the result is the same',
  );
const gdbOption = () =>
  new Option('--gdb <port>', 'wait for a debugger on this port of this computer; 0 for any that is free').argParser(
    wholeNumber(0, 65_535),
  );
const traceOption = () => new Option('--trace <file>', 'write a timeline that Perfetto and Chrome show');
const scenarioOption = () => new Option('--scenario <file>', 'the scenario, instead of scenarios/taco.yaml');

/** Declares, and does nothing else. */
function declare(host: Host, setExit: (code: number) => void): Command {
  const program = new Command('taco')
    .description(
      'Boots the same guests co-located and virtualized, and measures how far a fault spreads and what it costs',
    )
    .version(host.version)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: host.out, writeErr: () => undefined });

  program
    .command('argue', { isDefault: false })
    .description('the whole argument')
    .argument('[scenario]', 'a scenario file')
    .addOption(new Option('--effort <effort>', 'how many random faults (default: quick)').choices(Object.keys(EFFORTS)))
    .addOption(campaignSeedOption())
    .addOption(jsonOption())
    .addOption(outOption().conflicts('resume'))
    .addOption(resumeOption())
    .addOption(workersOption())
    .addOption(cacheOption())
    .action(async (scenario, options) =>
      setExit(await argue(host, { ...options, scenario }, listenForInterruption(host))),
    );

  program
    .command('inject')
    .description('a campaign of random faults')
    .argument('[scenario]', 'a scenario file')
    .option('--mode <modes>', 'of those that share the hart, with commas; all by default', namesOf)
    .option(
      '--class <classes>',
      'of those that are random, with commas; HWF means all of HWF-… (default: HWF-1)',
      namesOf,
    )
    .addOption(
      new Option('--region <regions>', `parts of the fault space, with commas: ${regionNames.join(', ')}`)
        .argParser(namesOf)
        .conflicts('class'),
    )
    .addOption(new Option('--n <n>', 'faults per cell (default: 100)').argParser(wholeNumber(1, MOST_FAULTS)))
    .addOption(
      new Option('--ci <share>', 'faults for a 95 % interval of that half-width').argParser(shareOf).conflicts('n'),
    )
    .addOption(
      new Option('--until-upper <share>', 'until the upper bound is that low, at looks declared beforehand')
        .argParser(shareOf)
        .conflicts(['n', 'ci']),
    )
    .addOption(campaignSeedOption())
    .option('--prune', 'leave out faults that cannot matter, try equivalent ones once and weigh them')
    .addOption(new Option('--shard <i/k>', 'only that part of the campaign, to be merged').argParser(partOf))
    .addOption(jsonOption())
    .addOption(outOption().conflicts('resume'))
    .addOption(resumeOption())
    .addOption(workersOption())
    .addOption(cacheOption())
    .action(async (scenario, { mode, class: classes, n, ci, untilUpper, shard, prune, region, ...options }) =>
      setExit(
        await inject(
          host,
          {
            ...options,
            scenario,
            modes: mode,
            classes,
            size: sizeOf(n, ci, untilUpper),
            part: shard,
            prune,
            regions: region,
          },
          listenForInterruption(host),
        ),
      ),
    );

  program
    .command('merge')
    .description('the parts of one campaign (inject --shard), as one')
    .argument('<folders...>', 'their run folders')
    .requiredOption('--out <dir>', 'the folder of the whole')
    .addOption(jsonOption())
    .action(async (folders, options) =>
      setExit(await merge(host, { ...options, folders }, listenForInterruption(host))),
    );

  program
    .command('show')
    .description('one fault in all modes: consoles side by side, and the causal chain')
    .argument('[fault]', 'a fault class (taco list faults), a replay id, or act: that of the scenario')
    .argument('[scenario]', 'a scenario file')
    .option('--from <guest>', 'the guest that is hit')
    .option('--asm <text>', "a bug of your own: 'sd zero, 0(a0)'; see docs/bring-your-own.md")
    .addOption(cacheOption())
    .addOption(seedOption())
    .action((fault, scenario, options) => setExit(show(host, { ...options, fault, scenario })));

  program
    .command('report')
    .description('a finished run as a page, as text or as tables')
    .argument('<folder>', 'a run folder, such as runs/taco/latest')
    .addOption(new Option('--format <format>', 'what to print').choices(FORMATS).default('md'))
    .action((folder, options) => setExit(report(host, { ...options, folder })));

  program
    .command('diff')
    .description('which verdicts and figures changed between two runs; exit code 1 on a regression')
    .argument('<before>', 'a run folder')
    .argument('<after>', 'another one')
    .addOption(jsonOption())
    .action((before, after, options) => setExit(diff(host, { ...options, before, after })));

  program
    .command('run')
    .description('boot a scenario and print its consoles')
    .argument('[scenario]', 'a scenario file')
    .option('--mode <mode>', 'one of its modes; the first one by default')
    .addOption(
      new Option('--until <cycles>', 'stop there at the latest').argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .option('--expect <text>', 'stop when a console says it; exit code 3 if none does')
    .addOption(gdbOption())
    .addOption(traceOption())
    .action(async (scenario, options) => setExit(await run(host, { ...options, scenario })));

  program
    .command('cost')
    .description('what the modes cost, by class of work, and what that depends on')
    .argument('[scenario]', 'a scenario file; its cpus say whether guests that are timed together share a hart')
    .option('--mode <modes>', 'some of its modes, with commas between')
    .option('--short', 'each workload once, nothing swept', false)
    .addOption(jsonOption())
    .addOption(workersOption())
    .action(async (scenario, options) =>
      setExit(await cost(host, { ...options, scenario }, listenForInterruption(host))),
    );

  program
    .command('apps')
    .description('what programs inside a Linux guest measure in each mode')
    .argument('[scenario]', 'a scenario file with a Linux guest (default: scenarios/linux-work.yaml)')
    .option('--mode <modes>', 'some of its modes, with commas between')
    .addOption(jsonOption())
    .addOption(workersOption())
    .action(async (scenario, options) =>
      setExit(await apps(host, { ...options, scenario }, listenForInterruption(host))),
    );

  program
    .command('replay')
    .description('one experiment again, from its id')
    .argument('<id>', 'a replay id: t1.…')
    .addOption(scenarioOption())
    .addOption(jsonOption())
    .addOption(cacheOption())
    .addOption(gdbOption())
    .addOption(traceOption())
    .action(async (id, options) => setExit(await replay(host, { ...options, id })));

  program
    .command('shrink')
    .description('a smaller fault with the same endpoint')
    .argument('<id>', 'a replay id: t1.…')
    .addOption(scenarioOption())
    .addOption(new Option('--runs <n>', 'experiments at most').default(300).argParser(wholeNumber(1, MOST_FAULTS)))
    .addOption(jsonOption())
    .action((id, options) => setExit(shrinkFault(host, { ...options, id })));

  program
    .command('vary')
    .description('a scenario with other factors, for any other command')
    .argument('<settings...>', `name=value each: ${factorNames.join(', ')}`)
    .addOption(scenarioOption())
    .option('--out <file>', 'where to write it, instead of to stdout')
    .action((settings, options) => setExit(vary(host, { ...options, settings })));

  program
    .command('list')
    .description(`what there is: ${TOPICS.join(', ')}`)
    .argument('<topic>', TOPICS.join(', '))
    .addOption(jsonOption())
    .action((topic, options) => setExit(list(host, { ...options, topic })));
  return program;
}

/** Commander's own complaints, in the two lines that every error has. */
function explainUsage(error: CommanderError): string {
  const what = error.message.replace(/^error: /, '').split('\n');
  const remedy = what.slice(1).join(' ').trim();
  return `taco: ${what[0]}\n  ${remedy === '' ? 'see `taco --help`' : remedy}`;
}

async function main(): Promise<number> {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const host = processHost(manifest.version);
  let code: number = EXIT.OK;
  const program = declare(host, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync();
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.OK;
      if (error.code === 'commander.help') host.err(program.helpInformation());
      else host.err(`${explainUsage(error)}\n`);
      return EXIT.USAGE;
    }
    const { text, code: failure } = explain(error);
    host.err(`${text}\n`);
    return failure;
  }
}

process.exitCode = await main();
