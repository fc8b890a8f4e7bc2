// A machine as the protocol sees it. Looking changes nothing; where a run is cut does not change the run.

import type { DataWatch, HartPort, Machine } from '../machine/index.ts';
import { csrOf, FIRST_F, PC, PRIVILEGE } from './registers.ts';
import type { Progress, Target } from './target.ts';

/** What of a machine is used. */
export type DebuggedMachine = Pick<Machine, 'ports' | 'debugger' | 'read' | 'write' | 'cycles' | 'instret' | 'hash'>;

const PRIVILEGES = { U: 0n, VU: 0n, S: 1n, VS: 1n, M: 3n } as const;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const HELP = `where             cycles, instructions, and what each hart does
hash              digest of the whole state
translate ADDRESS physical address of a virtual one, in the mode of hart 0
`;

export class MachineTarget implements Target {
  private readonly machine: DebuggedMachine;
  private readonly run: () => Progress;
  private readonly nameOf: (world: number) => string;

  /** @param run lets the machine run for a while, as the command that owns it does */
  constructor(machine: DebuggedMachine, run: () => Progress, nameOf: (world: number) => string) {
    this.machine = machine;
    this.run = run;
    this.nameOf = nameOf;
  }

  get threads(): number {
    return this.machine.ports.length;
  }

  private port(thread: number): HartPort {
    const port = this.machine.ports[thread];
    if (port === undefined) throw new RangeError(`the machine has no hart ${thread}`);
    return port;
  }

  describeThread(thread: number): string {
    const { mode, party, world, waiting } = this.port(thread);
    const who =
      world === undefined ? party : party === 'guest' ? this.nameOf(world) : `${party} for ${this.nameOf(world)}`;
    return `hart ${thread}, ${mode}-mode, ${who}${waiting ? ', waiting' : ''}`;
  }

  readRegister(thread: number, number: number): bigint | undefined {
    const port = this.port(thread);
    if (number < PC) return port.x(number);
    if (number === PC) return port.pc;
    if (number < FIRST_F + 32) return port.f(number - FIRST_F);
    if (number === PRIVILEGE) return PRIVILEGES[port.mode];
    const csr = csrOf(number);
    return csr === undefined ? undefined : port.csr(csr);
  }

  writeRegister(thread: number, number: number, value: bigint): boolean {
    const port = this.port(thread);
    const csr = csrOf(number);
    if (number < PC) port.setX(number, value);
    else if (number === PC) port.pc = value;
    else if (number < FIRST_F + 32) port.setF(number - FIRST_F, value);
    else if (csr !== undefined) port.setCsr(csr, value);
    else return false;
    return true;
  }

  readMemory(thread: number, address: bigint, length: number): Uint8Array {
    const pieces = this.port(thread).locate(address, length);
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let done = 0;
    for (const piece of pieces) {
      bytes.set(this.machine.read(piece.paddr, piece.length), done);
      done += piece.length;
    }
    return bytes;
  }

  writeMemory(thread: number, address: bigint, bytes: Uint8Array): boolean {
    const pieces = this.port(thread).locate(address, bytes.length);
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) < bytes.length) return false;
    let done = 0;
    for (const piece of pieces) {
      this.machine.write(piece.paddr, bytes.subarray(done, done + piece.length));
      done += piece.length;
    }
    return true;
  }

  setBreakpoint(address: bigint, on: boolean): void {
    this.machine.debugger().setBreakpoint(address, on);
  }

  watchData(watches: readonly DataWatch[]): void {
    this.machine.debugger().watchData(watches);
  }

  resume(stepping: number | undefined): void {
    this.machine.debugger().resume(stepping);
  }

  advance(): Progress {
    return this.run();
  }

  monitor(command: string): string {
    const [verb, argument = ''] = command.trim().split(/\s+/);
    const { machine } = this;
    if (verb === 'hash') return `${machine.hash()}\n`;
    if (verb === 'where') {
      const harts = machine.ports.map((port, thread) => `${this.describeThread(thread)}, pc ${hex(port.pc)}\n`);
      return `cycle ${machine.cycles}, ${machine.instret} instructions\n${harts.join('')}`;
    }
    if (verb === 'translate' && /^(0x[0-9a-fA-F]{1,16}|\d{1,19})$/.test(argument)) {
      const paddr = this.port(0).translate(BigInt.asUintN(64, BigInt(argument)));
      return `${paddr === undefined ? 'nothing is mapped there' : hex(paddr)}\n`;
    }
    return HELP;
  }
}
