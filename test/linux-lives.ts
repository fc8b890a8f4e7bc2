// Many lives of Debian's kernel on one machine: each is ended, the layer's own restart begins the next, and what the layer and
// the real-time guest are by then is set beside what they were.
import { assemble } from '../src/machine/isa/assemble.ts';
import type { Machine } from '../src/machine/index.ts';
import type { BootPlan, PlannedGuest } from '../src/scenario/boot.ts';
import { bootLinux, openScenario } from './linux-boots.ts';

const MS = 1_000_000;
/** What a watchdog does, or its own kernel: SBI SRST, cold reboot. */
const RESET = 'li a0, 1\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall\n 9: j 9b';

/** How a life ends, as code in place of its kernel's trap handler, where interrupts are off: it runs at the next trap. */
export const ENDS = {
  /** Nothing will ever wake it, which the layer sees. */
  killed: 'csrw sie, zero\n 1: wfi\n j 1b',
  /** Until a watchdog has had enough of it. */
  hung: '1: j 1b',
  restarted: RESET,
} as const;
/** A watchdog waits so long. */
const WATCHDOG = 20 * MS;
/** A restart and a boot take far less. */
const PATIENCE = 3_000 * MS;

/** Ages, in milliseconds, at which lives end: from where the kernel looks for its memory to where its first process runs. */
const YOUNGEST = 30;
const OLDEST = 530;
/** Has no divisor in common with their number, so that a hundred lives end at a hundred ages. */
const STEP = 77;
const ageOf = (life: number): number => (YOUNGEST + ((life * STEP) % (OLDEST - YOUNGEST))) * MS;

export interface Lives {
  readonly machine: Machine;
  readonly plan: BootPlan;
  /** That of rtos with the machine to itself. */
  readonly alone: BootPlan;
  readonly linux: PlannedGuest;
  readonly rtos: PlannedGuest;
  /** Ends the life that has begun, and stops before the first instruction of the next one. */
  end(how: keyof typeof ENDS): void;
}

function guestNamed({ guests }: BootPlan, name: string): PlannedGuest {
  const guest = guests.find((candidate) => candidate.name === name);
  if (guest === undefined) throw new RangeError(`there is no guest ${name}`);
  return guest;
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new RangeError(`the scenario says no "${from}"`);
  return text.replace(from, to);
}

function runTo(machine: Machine, guest: PlannedGuest, pc: bigint, what: string): void {
  machine.watch({ world: guest.index, privilege: 'S', pc, count: 1 });
  const stop = machine.run(machine.cycles + PATIENCE);
  machine.watch(undefined);
  if (stop.kind !== 'watch') throw new Error(`${guest.name} did not ${what}: ${stop.kind} at ${machine.cycles}`);
}

/** The machine where Linux begins its first life, with so many more to come. */
export function beginLives(mode: string, lives: number): Lives {
  const opened = openScenario('scenarios/linux-rtos.yaml', (text) =>
    [
      ['ram: 128M', 'ram: 192M'],
      ['restart: never', `restart: on-reset-or-crash, restarts: ${lives}`],
      ['work=582', 'work=1000000'],
    ].reduce((before, [from = '', to = '']) => replaced(before, from, to), text),
  );
  const plan = opened.planOf(mode, opened.guest('linux'));
  const machine = bootLinux(plan);
  const [linux, rtos] = [guestNamed(plan, 'linux'), guestNamed(plan, 'rtos')];
  const handler = linux.symbols.address('handle_exception');
  const handlerPc = (linux.loadedImage.linux?.base ?? 0n) + BigInt(handler - linux.memory.base);
  const begin = () => runTo(machine, linux, BigInt(linux.entry), 'begin anew');
  let life = 0;
  begin();
  return {
    machine,
    plan,
    alone: opened.planOf('native', opened.guest('rtos')),
    linux,
    rtos,
    end(how) {
      machine.run(machine.cycles + ageOf(life));
      life++;
      machine.write(handler, assemble(ENDS[how], handler));
      runTo(machine, linux, handlerPc, 'come to its end');
      if (how === 'hung') {
        machine.run(machine.cycles + WATCHDOG);
        machine.write(handler, assemble(RESET, handler));
      }
      begin();
    },
  };
}

/** The digest of as many words of rtos with the machine to itself. */
export function digestAlone({ rtos, machine, alone }: Lives): string | undefined {
  const words = machine.monitors[rtos.index]?.outputs.count ?? 0;
  const other = bootLinux(alone);
  const monitor = other.monitors[rtos.index];
  monitor?.setDigestWords(words);
  while ((monitor?.outputs.count ?? words) < words) other.run(other.cycles + MS);
  return monitor?.digest();
}

/** All that is the layer's and the firmware's: code, data, tables, copies of images. */
export type LayerMemory = readonly { readonly base: number; readonly bytes: Uint8Array }[];

export function layerMemory({ machine, plan }: Lives): LayerMemory {
  const theirs = plan.ownership.filter(({ owner }) => owner === 'layer' || owner === 'firmware');
  return theirs.map(({ base, size }) => ({ base, bytes: machine.read(base, size) }));
}

/** A word of 32 bits that is not what it was, by the symbol it belongs to. */
export interface Change {
  readonly name: string;
  readonly offset: number;
  readonly before: number;
  readonly after: number;
}

export function changes({ plan }: Lives, before: LayerMemory, after: LayerMemory): Change[] {
  const nameOf = (address: number): { readonly name: string; readonly offset: number } => {
    const [found] = [...plan.layers.values()].flatMap((table) => table.find(address) ?? []);
    return found ?? { name: 'no image', offset: address };
  };
  return before.flatMap(({ base, bytes }, index): Change[] => {
    const [was, is] = [bytes, after[index]?.bytes ?? new Uint8Array(bytes.length)].map(
      ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length / 4),
    );
    const found: Change[] = [];
    was?.forEach((word, at) => {
      if (word !== is?.[at]) found.push({ ...nameOf(base + 4 * at), before: word, after: is?.[at] ?? 0 });
    });
    return found;
  });
}
