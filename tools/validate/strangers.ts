// Software that was not built here, on this machine: what is typed at it, and what it must say before the next is typed.
// `npm run guests:debian` fetches it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMachine, type Machine, type MachineOptions } from '../../src/machine/index.ts';
import { bootStranger, planStranger } from '../../src/scenario/boot-stranger.ts';
import { Awaited } from '../../src/scenario/dialogue.ts';
import { loadStranger } from '../../src/scenario/stranger.ts';

const root = join(import.meta.dirname, '..', '..');
/** The console is looked at this often, which is also when something is typed. */
const SLICE = 1_000_000;
/** Of the machine, for one awaited text. */
const MOST_CYCLES = 4_000_000_000;
const PROMPT = '~ # ';
const TAIL = 2000;

interface Step {
  /** Typed once the text before was heard. */
  readonly type?: string;
  readonly until: string;
}

export interface StrangerBoot {
  readonly name: string;
  /** Of scenarios/. */
  readonly scenario: string;
  readonly harts: number;
  readonly steps: readonly Step[];
  /** What its virtio console, by slot, has said at the end. */
  readonly terminal?: { readonly slot: number; readonly said: string };
  /** What makes it switch itself off. */
  readonly off?: string;
}

/** Each answer differs from what was typed: the console echoes that. */
const shell = (harts: number): StrangerBoot => ({
  name: `Debian, ${harts === 1 ? 'one hart' : `${harts} harts`}`,
  scenario: 'debian',
  harts,
  steps: [
    { until: PROMPT },
    { type: 'grep -c processor /proc/cpuinfo | sed "s/^/harts: /"\n', until: `\nharts: ${harts}` },
    {
      type: 'echo disk | dd of=/dev/vda 2>/dev/null; head -c 4 /dev/vda | sed "s/^/on the /"\n',
      until: '\non the disk',
    },
    {
      type: 'ip address add 10.0.2.15/24 dev eth0; ip link set eth0 up; ping -c 1 10.0.2.2\n',
      until: ', 1 packets received',
    },
    { type: 'head -c 8 /dev/hwrng | wc -c | sed "s/^/bytes: /"\n', until: '\nbytes: 8' },
    { type: 'echo hello > /dev/hvc0; echo "said"\n', until: '\nsaid' },
  ],
  terminal: { slot: 2, said: 'hello\r\n' },
  off: 'exit\n',
});

const ONLINE = '/sys/devices/system/cpu/cpu1/online';

/** Takes one hart out and in again, which is HSM's stop and start. */
const ownFirmware = (harts: number): StrangerBoot => ({
  name: `Debian under our own firmware, ${harts} harts`,
  scenario: 'debian-smp',
  harts,
  steps: [
    { until: PROMPT },
    { type: 'nproc | sed "s/^/harts: /"\n', until: `\nharts: ${harts}` },
    { type: `echo 0 > ${ONLINE}; nproc | sed "s/^/left: /"\n`, until: `\nleft: ${harts - 1}` },
    { type: `echo 1 > ${ONLINE}; nproc | sed "s/^/again: /"\n`, until: `\nagain: ${harts}` },
  ],
  off: 'exit\n',
});

export const BOOTS: readonly StrangerBoot[] = [
  shell(1),
  shell(2),
  ownFirmware(2),
  ownFirmware(4),
  {
    name: "Debian's U-Boot",
    scenario: 'u-boot',
    harts: 1,
    steps: [{ until: 'Hit any key' }, { type: ' ', until: '=> ' }],
    off: 'poweroff\n',
  },
  {
    name: 'Debian under KVM in Debian',
    scenario: 'debian-kvm',
    harts: 1,
    steps: [{ until: PROMPT }, { type: 'nested\n', until: 'taco: /init nested' }, { until: PROMPT }],
  },
];

/** Why they cannot boot, or nothing. */
export function missingStrangers(): string | undefined {
  if (existsSync(join(root, 'guests/debian/record.json'))) return undefined;
  return 'guests/debian is not there; `npm run guests:debian` fetches it';
}

export interface StartedStranger {
  readonly machine: Machine;
  /** Path and SHA-256 of each file it is made of. */
  readonly files: Readonly<Record<string, string>>;
}

/** At its reset vector. */
export function startStranger(
  { scenario, harts }: Pick<StrangerBoot, 'scenario' | 'harts'>,
  engine?: MachineOptions['engine'],
): StartedStranger {
  const file = `scenarios/${scenario}.yaml`;
  const { stranger, source } = loadStranger(file, readFileSync(join(root, file), 'utf8'));
  const files: Record<string, string> = {};
  const plan = planStranger({ ...stranger, machine: { ...stranger.machine, harts } }, source, (path) => {
    const bytes = readFileSync(join(root, path));
    files[path] = createHash('sha256').update(bytes).digest('hex');
    return bytes;
  });
  const create = (options: MachineOptions) => createMachine({ ...options, ...(engine && { engine }) });
  return { machine: bootStranger(create, plan), files };
}

/** Runs until the console says it. */
export function runToText(machine: Machine, text: string): void {
  const awaited = new Awaited(text);
  const end = machine.probe.on('console', ({ byte }) => awaited.hear(byte));
  const limit = machine.cycles + MOST_CYCLES;
  while (!awaited.seen && machine.cycles < limit) machine.run(machine.cycles + SLICE);
  end();
  if (!awaited.seen) throw new Error(`"${text}" did not come; the end was\n${consoleTail(machine)}`);
}

const consoleTail = (machine: Machine): string => machine.consoles[0]?.text().slice(-TAIL) ?? '';

function type(machine: Machine, text: string): void {
  const bytes = new TextEncoder().encode(text);
  if (machine.input(0, bytes) !== bytes.length) throw new Error(`no room to type "${text}"`);
}

/** Plays the whole boot; throws at the first thing that is not as it should be. */
export function playStranger(boot: StrangerBoot): StartedStranger {
  const started = startStranger(boot);
  const { machine } = started;
  for (const step of boot.steps) {
    if (step.type !== undefined) type(machine, step.type);
    runToText(machine, step.until);
  }
  if (boot.terminal !== undefined) {
    const said = machine.terminals.get(boot.terminal.slot)?.output.text();
    if (said !== boot.terminal.said) throw new Error(`the virtio console said ${JSON.stringify(said)}`);
  }
  if (boot.off !== undefined) {
    type(machine, boot.off);
    const stop = machine.run(machine.cycles + MOST_CYCLES / 4);
    const passed = stop.kind === 'finished' && stop.finish.kind === 'pass';
    if (!passed) throw new Error(`it was not switched off (${stop.kind}); the end was\n${consoleTail(machine)}`);
  }
  return started;
}
