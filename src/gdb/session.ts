// One debugger's session: packets in, packets out. It knows the protocol and nothing of sockets or machines. Whatever
// arrives, nothing is thrown: what is malformed is answered with an error, what is unknown with an empty packet.

import type { DebugStop } from '../machine/index.ts';
import { bytesOfText, formatBytes, formatWord, parseBelow, parseBytes, parseNumber, parseWord } from './hex.ts';
import { encodePacket, type Incoming, PACKET_LIMIT, PacketReader } from './packet.ts';
import { describeTarget, GENERAL, PC, REGISTER_LIMIT } from './registers.ts';
import { StopList } from './stop-list.ts';
import type { Target } from './target.ts';

/** Numbers of errors; GDB shows them as they are. */
const ERROR = { malformed: 'E16', memory: 'E0e', thread: 'E03', register: 'E05', room: 'E1c' } as const;
/** Numbers of signals in GDB's own list. */
const SIGNAL = { interrupt: '02', trap: '05' } as const;
const OK = 'OK';
/** Bytes of memory in one reply: two digits each. */
const MEMORY_LIMIT = PACKET_LIMIT / 2 - 16;
const STUCK = 'taco: every hart waits for an interrupt that nothing will ever raise\n';

export type SessionState = 'stopped' | 'running' | 'detached' | 'killed' | 'over';

export class Session {
  state: SessionState = 'stopped';
  private readonly target: Target;
  private readonly reader = new PacketReader();
  private readonly stops: StopList;
  private readonly description = describeTarget();
  private acknowledged = true;
  private last = '';
  private interrupted = false;
  /** The thread that registers, memory and steps are about. */
  private thread = 0;
  private lastStop = `T${SIGNAL.trap}thread:1;`;

  constructor(target: Target) {
    this.target = target;
    this.stops = new StopList(target);
  }

  /** Bytes from the debugger, in any pieces; gives the bytes to send back. */
  receive(text: string): string {
    return this.reader
      .feed(text)
      .map((incoming) => this.take(incoming))
      .join('');
  }

  /** Lets the target run for a while, where it is to run; gives the bytes to send, most often none. */
  advance(): string {
    if (this.state !== 'running') return '';
    if (this.interrupted) return this.stopped(`T${SIGNAL.interrupt}thread:${hexThread(this.thread)};`);
    const progress = this.target.advance();
    switch (progress.kind) {
      case 'running':
        return '';
      case 'stopped':
        this.thread = progress.stop.hart;
        return this.stopped(describeStop(progress.stop));
      case 'stuck':
        return this.send(`O${formatBytes(bytesOfText(STUCK))}`) + this.stopped(`T${SIGNAL.interrupt}thread:1;`);
      case 'over':
        this.state = 'over';
        return this.send('W00');
    }
  }

  /** No stop of this debugger's is left: the target runs on as if it had never been there. */
  leave(): void {
    this.stops.clear();
    this.target.resume(undefined);
  }

  private stopped(reply: string): string {
    this.state = 'stopped';
    this.interrupted = false;
    this.lastStop = reply;
    return this.send(reply);
  }

  private send(data: string): string {
    this.last = encodePacket(data);
    return this.last;
  }

  private take(incoming: Incoming): string {
    switch (incoming.kind) {
      case 'ack':
        return '';
      case 'nack':
        return this.acknowledged ? this.last : '';
      case 'damaged':
        return this.acknowledged ? '-' : '';
      case 'interrupt':
        this.interrupted = this.state === 'running';
        return '';
      case 'packet': {
        const ack = this.acknowledged ? '+' : '';
        // While it runs the other side may only interrupt.
        if (this.state !== 'stopped') return ack;
        const reply = this.answer(incoming.data);
        return reply === undefined ? ack : ack + this.send(reply);
      }
    }
  }

  /** The reply to one packet; undefined where it comes later, or never. */
  private answer(data: string): string | undefined {
    const rest = data.slice(1);
    switch (data[0]) {
      case '?':
        return this.lastStop;
      case 'g':
        return this.readGeneral();
      case 'G':
        return this.writeGeneral(rest);
      case 'p':
        return this.readRegister(rest);
      case 'P':
        return this.writeRegister(rest);
      case 'm':
        return this.readMemory(rest);
      case 'M':
      case 'X':
        return this.writeMemory(rest, data[0] === 'X');
      case 'Z':
      case 'z':
        return this.changeStop(rest, data[0] === 'Z');
      case 'H':
        return this.selectThread(rest);
      case 'T':
        return this.threadOf(rest) === undefined ? ERROR.thread : OK;
      case 'c':
      case 's':
        return this.goOn(rest, data[0] === 's');
      case 'C':
      case 'S':
        // Signals mean nothing to a machine: `sig;address`.
        return this.goOn(rest.split(';')[1] ?? '', data[0] === 'S');
      case 'D':
        this.state = 'detached';
        return OK;
      case 'k':
        this.state = 'killed';
        return undefined;
      case 'v':
        return this.answerLong(data);
      case 'q':
      case 'Q':
        return this.answerQuery(data);
      default:
        return '';
    }
  }

  private answerLong(data: string): string | undefined {
    if (data === 'vCont?') return 'vCont;c;C;s;S';
    if (data.startsWith('vCont;')) return this.continueThreads(data.slice('vCont;'.length));
    if (data.startsWith('vKill;')) {
      this.state = 'killed';
      return OK;
    }
    return '';
  }

  private answerQuery(data: string): string {
    const { threads } = this.target;
    const [name = ''] = data.split(/[:,]/);
    const rest = data.slice(name.length + 1);
    switch (name) {
      case 'qSupported':
        return `PacketSize=${PACKET_LIMIT.toString(16)};qXfer:features:read+;vContSupported+;QStartNoAckMode+`;
      case 'QStartNoAckMode':
        this.acknowledged = false;
        return OK;
      case 'qXfer':
        return this.readDescription(rest);
      case 'qfThreadInfo':
        return `m${Array.from({ length: threads }, (_, thread) => hexThread(thread)).join(',')}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qThreadExtraInfo': {
        const thread = this.threadOf(rest);
        return thread === undefined ? ERROR.thread : formatBytes(bytesOfText(this.target.describeThread(thread)));
      }
      case 'qC':
        return `QC${hexThread(this.thread)}`;
      case 'qAttached':
        return '1';
      case 'qSymbol':
        return OK;
      case 'qRcmd': {
        const command = parseBytes(rest);
        if (command === undefined) return ERROR.malformed;
        return formatBytes(bytesOfText(this.target.monitor(String.fromCharCode(...command))));
      }
      default:
        return '';
    }
  }

  private readDescription(request: string): string {
    const match = /^features:read:target\.xml:([0-9a-fA-F]+),([0-9a-fA-F]+)$/.exec(request);
    if (match === null) return request.startsWith('features:read:') ? 'E00' : '';
    const offset = parseBelow(match[1], 2 ** 32);
    const length = parseBelow(match[2], 2 ** 32);
    if (offset === undefined || length === undefined) return ERROR.malformed;
    // Half of the room: an escaped character takes two.
    const part = this.description.slice(offset, offset + Math.min(length, MEMORY_LIMIT));
    return (offset + part.length < this.description.length ? 'm' : 'l') + part;
  }

  /** A thread by the number it is known by outside; 0 and -1 mean any. */
  private threadOf(text: string): number | undefined {
    if (text === '0' || text === '-1') return this.thread;
    const number = parseBelow(text, this.target.threads + 1);
    return number === undefined || number === 0 ? undefined : number - 1;
  }

  private selectThread(rest: string): string {
    const thread = this.threadOf(rest.slice(1));
    if (thread === undefined || !/^[gc]/.test(rest)) return ERROR.thread;
    if (rest.startsWith('g')) this.thread = thread;
    return OK;
  }

  private readGeneral(): string {
    const words = Array.from({ length: GENERAL }, (_, number) => this.target.readRegister(this.thread, number) ?? 0n);
    return words.map(formatWord).join('');
  }

  private writeGeneral(text: string): string {
    const words = (text.match(/.{16}/g) ?? []).map(parseWord);
    if (text.length !== 16 * GENERAL || words.includes(undefined)) return ERROR.malformed;
    words.forEach((word, number) => {
      this.target.writeRegister(this.thread, number, word ?? 0n);
    });
    return OK;
  }

  private readRegister(text: string): string {
    const number = parseBelow(text, REGISTER_LIMIT);
    const value = number === undefined ? undefined : this.target.readRegister(this.thread, number);
    return value === undefined ? ERROR.register : formatWord(value);
  }

  private writeRegister(text: string): string {
    const [name, digits = ''] = text.split('=');
    const number = parseBelow(name, REGISTER_LIMIT);
    const value = parseWord(digits);
    if (number === undefined || value === undefined) return ERROR.malformed;
    return this.target.writeRegister(this.thread, number, value) ? OK : ERROR.register;
  }

  private readMemory(text: string): string {
    const [from, size] = text.split(',');
    const address = parseNumber(from);
    const length = parseBelow(size, 2 ** 32);
    if (address === undefined || length === undefined) return ERROR.malformed;
    const bytes = this.target.readMemory(this.thread, address, Math.min(length, MEMORY_LIMIT));
    return bytes.length === 0 && length > 0 ? ERROR.memory : formatBytes(bytes);
  }

  private writeMemory(text: string, binary: boolean): string {
    const colon = text.indexOf(':');
    const [from, size] = text.slice(0, Math.max(0, colon)).split(',');
    const address = parseNumber(from);
    const length = parseBelow(size, PACKET_LIMIT);
    const bytes = binary ? bytesOfText(text.slice(colon + 1)) : parseBytes(text.slice(colon + 1));
    if (address === undefined || bytes === undefined || bytes.length !== length) return ERROR.malformed;
    return this.target.writeMemory(this.thread, address, bytes) ? OK : ERROR.memory;
  }

  private changeStop(text: string, on: boolean): string {
    const [kind = '', place, size] = text.split(',');
    const address = parseNumber(place);
    const length = parseBelow(size?.split(';')[0], PACKET_LIMIT);
    if (address === undefined || length === undefined || !/^\d$/.test(kind)) return ERROR.malformed;
    const done = this.stops.change(kind, address, length, on);
    return done === undefined ? '' : done ? OK : ERROR.room;
  }

  private goOn(address: string, step: boolean): string | undefined {
    if (address !== '') {
      const pc = parseNumber(address);
      if (pc === undefined) return ERROR.malformed;
      this.target.writeRegister(this.thread, PC, pc);
    }
    return this.go(step ? this.thread : undefined);
  }

  /** `action[:thread];…`: all harts go on together, as they would without a debugger; one of them may be stepped. */
  private continueThreads(text: string): string | undefined {
    let stepping: number | undefined;
    for (const action of text.split(';')) {
      const match = /^([cs]|[CS][0-9a-fA-F]{2})(?::(-?[0-9a-fA-F]+))?$/.exec(action);
      if (match === null) return ERROR.malformed;
      if (!/^[sS]/.test(action)) continue;
      const thread = this.threadOf(match[2] ?? '0');
      if (thread === undefined) return ERROR.thread;
      stepping ??= thread;
    }
    return this.go(stepping);
  }

  private go(stepping: number | undefined): undefined {
    this.interrupted = false;
    this.target.resume(stepping);
    this.state = 'running';
    return undefined;
  }
}

function hexThread(thread: number): string {
  return (thread + 1).toString(16);
}

const WATCHED = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;

function describeStop(stop: DebugStop): string {
  const reply = `T${SIGNAL.trap}thread:${hexThread(stop.hart)};`;
  return stop.why === 'watchpoint' ? `${reply}${WATCHED[stop.watch.on]}:${stop.address.toString(16)};` : reply;
}
