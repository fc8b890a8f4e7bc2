// `taco run` on a machine for strangers: boots it, types what its scenario says, prints its console.
import type { Stop } from '../machine/index.ts';
import { bootStranger, planStranger } from '../scenario/boot-stranger.ts';
import { Awaited, Dialogue } from '../scenario/dialogue.ts';
import { loadStranger, type Stranger } from '../scenario/stranger.ts';
import { follow, machineToRun, Slices } from './advance.ts';
import { EXIT, UsageError } from './errors.ts';
import { MOST_IMAGE_BYTES, openPlainFile } from './files.ts';
import type { Host } from './host.ts';
import { LinePrinter } from './line-printer.ts';
import type { RunOptions } from './run.ts';
import { startTrace } from './trace-file.ts';
import { fileOf, type ScenarioText, sha256 } from './workspace.ts';

/** Twenty seconds of the machine, where --until gives no other end: a boot loader counts down, a kernel waits for disks. */
const DEFAULT_CYCLES = 20_000_000_000;
/** How often the console is looked at, which is also when something is typed. */
const SLICE = 1_000_000;

/** Files of the scenario by their paths, each read once. */
function readFiles(root: string, scenario: ScenarioText, stranger: Stranger): Map<string, Uint8Array> {
  const images = stranger.virtio.map((slot) => (slot.kind === 'block' ? slot.image : undefined));
  const paths = [stranger.firmware, stranger.kernel, stranger.initrd, ...images].filter((path) => path !== undefined);
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    const opened = openPlainFile(fileOf(root, scenario.absolute, path), MOST_IMAGE_BYTES);
    if ('bytes' in opened) files.set(path, opened.bytes);
  }
  return files;
}

export async function runStranger(host: Host, options: RunOptions, scenario: ScenarioText): Promise<number> {
  const { stranger, source } = loadStranger(scenario.file, scenario.text);
  if (options.mode !== undefined) {
    throw new UsageError('taco run --mode:', `${scenario.file} has no modes`, 'leave --mode out');
  }
  const files = readFiles(host.root, scenario, stranger);
  const plan = planStranger(stranger, source, (path) => files.get(path));
  for (const [path, bytes] of files) host.out(`${sha256(bytes)}  ${path}\n`);
  const machine = bootStranger(machineToRun, plan);
  const terminals = [...machine.terminals.keys()].map((slot, index) => [slot, `hvc${index}`] as const);
  const names = new Map(terminals);
  const printer = new LinePrinter(host, [stranger.name, ...names.values()]);
  const dialogue = new Dialogue(stranger.cues);
  const expected = options.expect === undefined ? undefined : new Awaited(options.expect);
  machine.probe.on('console', ({ byte }) => {
    printer.put(stranger.name, byte);
    dialogue.hear(byte);
    expected?.hear(byte);
  });
  machine.probe.on('terminal', ({ slot, byte }) => printer.put(names.get(slot) ?? '', byte));
  const limit = options.until ?? DEFAULT_CYCLES;
  const ended = (stop: Stop): string => {
    if (expected?.seen === true) return 'the expected text came';
    const typed = dialogue.answer();
    if (stop.kind === 'finished') return `the machine ended itself (${stop.finish.kind})`;
    if (typed !== undefined) {
      machine.input(0, typed);
      return '';
    }
    if (stop.kind === 'idle') return 'nothing will ever happen again';
    return machine.cycles >= limit ? `${limit} cycles are over` : '';
  };
  const slices = new Slices(machine, SLICE);
  const nameOf = () => stranger.name;
  const trace = startTrace(machine, nameOf, options.trace);
  const gdb =
    options.gdb === undefined
      ? undefined
      : { port: options.gdb, debuggee: { machine, nameOf, title: stranger.name, symbols: [] } };
  const reason = await follow(host, { slice: () => slices.next(limit), ended }, gdb);
  printer.flush();
  trace.write();
  const { cycles, instret } = machine;
  host.out(`${reason}, after ${cycles} cycles and ${instret} instructions; state ${machine.hash()}\n`);
  if (expected === undefined || expected.seen) return EXIT.OK;
  host.err(`taco run --expect:  the console never said "${options.expect}"\n  raise --until, or expect another text\n`);
  return EXIT.INCONCLUSIVE;
}
