import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, RAM_BASE } from '../machine/index.ts';
import { assemble } from '../machine/isa/assemble.ts';
import { formatWord } from './hex.ts';
import { MachineTarget } from './machine-target.ts';
import { encodePacket, PacketReader } from './packet.ts';
import { Session } from './session.ts';
import type { Progress } from './target.ts';

const PROGRAM = `
again:
  addi t0, t0, 1
  sd t0, 64(s0)
  j again`;

interface Bench {
  readonly machine: Machine;
  readonly session: Session;
  /** The reply to a packet, without what wraps it; undefined where none came. */
  ask(data: string): string | undefined;
  /** Runs until something is said. */
  wait(): string;
}

function benchOf(harts = 1, source = PROGRAM): Bench {
  const machine = createMachine({ ram: 2 ** 20, timing: 'inorder', guests: 0, harts });
  machine.write(RAM_BASE, assemble(source, RAM_BASE));
  machine.start(RAM_BASE, 0, 0);
  for (const port of machine.ports) port.setX(8, BigInt(RAM_BASE));
  const run = (): Progress => {
    const stop = machine.run(machine.cycles + 1000);
    if (stop.kind === 'debug') return { kind: 'stopped', stop: stop.stop };
    return { kind: stop.kind === 'idle' ? 'stuck' : 'running' };
  };
  const session = new Session(new MachineTarget(machine, run, (world) => `guest ${world}`));
  const said = (text: string) =>
    new PacketReader().feed(text).flatMap((each) => (each.kind === 'packet' ? [each.data] : []))[0];
  return {
    machine,
    session,
    ask: (data) => said(session.receive(encodePacket(data))),
    wait: () => {
      for (let turn = 0; turn < 1000; turn++) {
        const text = session.advance();
        if (text !== '') return text;
      }
      return '';
    },
  };
}

const address = (offset: number) => (RAM_BASE + offset).toString(16);

describe('a session', () => {
  it('acknowledges until told not to', () => {
    const { session } = benchOf();
    expect(session.receive('$qC#b4')).toBe('+$QC1#c5');
    expect(session.receive('$qC#00')).toBe('-');
    expect(session.receive('-')).toBe('$QC1#c5');
    expect(session.receive(encodePacket('QStartNoAckMode'))).toBe('+$OK#9a');
    expect(session.receive('$qC#b4')).toBe('$QC1#c5');
    expect(session.receive('$qC#00')).toBe('');
  });

  it('reads and writes registers of every kind', () => {
    const { ask, machine } = benchOf();
    expect(ask('p20')).toBe(formatWord(BigInt(RAM_BASE)));
    expect(ask(`P5=${formatWord(0x1122334455667788n)}`)).toBe('OK');
    expect(machine.x(5)).toBe(0x1122334455667788n);
    expect(ask(`P21=${formatWord(7n)}`)).toBe('OK');
    expect(machine.f(0)).toBe(7n);
    // hedeleg: 65 + 0x602.
    expect(ask(`P643=${formatWord(2n ** 64n - 1n)}`)).toBe('OK');
    expect(ask('p643')).toBe(formatWord(0xcb1ffn));
    expect(ask('p1041')).toBe(formatWord(3n));
    expect(ask('p1000')).toBe('E05');
    const general = ask('g') ?? '';
    expect(general).toHaveLength(33 * 16);
    expect(ask(`G${general}`)).toBe('OK');
    expect(ask('g')).toBe(general);
  });

  it('describes all registers in a document that comes in parts', () => {
    const { ask } = benchOf();
    let text = '';
    for (let part = 'm'; part.startsWith('m'); text += part.slice(1)) {
      part = ask(`qXfer:features:read:target.xml:${text.length.toString(16)},333`) ?? '';
    }
    for (const name of ['zero', 'pc', 'ft11', 'fcsr', 'hgatp', 'vsatp', 'mstatus', 'priv']) {
      expect(text).toContain(`<reg name="${name}"`);
    }
    expect(text.endsWith('</target>')).toBe(true);
  });

  it('reads and writes memory, as much as there is', () => {
    const { ask } = benchOf();
    expect(ask(`M${address(0x100)},4:01020304`)).toBe('OK');
    expect(ask(`X${address(0x104)},2:\x05#`)).toBe('OK');
    expect(ask(`m${address(0x100)},6`)).toBe('010203040523');
    expect(ask(`m${address(2 ** 20 - 2)},10`)).toBe('0000');
    expect(ask(`M${address(2 ** 20 - 2)},4:01020304`)).toBe('E0e');
    expect(ask('m0,4')).toBe('E0e');
    expect(ask('mffffffffffffffff,ffffffff')).toBe('E0e');
  });

  it('stops at breakpoints, steps, watches and interrupts', () => {
    const { ask, wait, machine } = benchOf();
    expect(ask(`Z0,${address(4)},4`)).toBe('OK');
    expect(ask('vCont;c')).toBe(undefined);
    expect(wait()).toBe(encodePacket('T05thread:1;'));
    expect(machine.pc).toBe(BigInt(RAM_BASE + 4));
    expect(ask('vCont;s:1;c')).toBe(undefined);
    expect(wait()).toBe(encodePacket('T05thread:1;'));
    expect(machine.pc).toBe(BigInt(RAM_BASE + 8));
    expect(ask(`z0,${address(4)},4`)).toBe('OK');
    expect(ask(`Z2,${address(64)},8`)).toBe('OK');
    ask('c');
    expect(wait()).toBe(encodePacket(`T05thread:1;watch:${address(64)};`));
    expect(machine.x(5)).toBe(2n);
    expect(ask(`z2,${address(64)},8`)).toBe('OK');
    ask('c');
    expect(wait()).toBe('');
    expect(ask('g')).toBe(undefined);
  });

  it('hears an interrupt while it runs', () => {
    const { ask, wait, session } = benchOf();
    ask('c');
    session.receive('\x03');
    expect(wait()).toBe(encodePacket('T02thread:1;'));
    expect(ask('?')).toBe('T02thread:1;');
  });

  it('says when nothing will happen any more', () => {
    const { ask, wait } = benchOf(1, 'wfi');
    ask('c');
    const said = wait();
    expect(said).toMatch(/^\$O[0-9a-f]+#..\$T02thread:1;#..$/);
  });

  it('has a thread for each hart', () => {
    const { ask, wait, machine } = benchOf(3);
    expect(ask('qfThreadInfo')).toBe('m1,2,3');
    expect(ask('qsThreadInfo')).toBe('l');
    expect(ask('T3')).toBe('OK');
    expect(ask('T4')).toBe('E03');
    expect(ask('Hg2')).toBe('OK');
    expect(Buffer.from(ask('qThreadExtraInfo,2') ?? '', 'hex').toString()).toBe('hart 1, M-mode, layer');
    expect(ask('vCont;s:2;c')).toBe(undefined);
    expect(wait()).toBe(encodePacket('T05thread:2;'));
    expect(machine.ports[1]?.pc).toBe(BigInt(RAM_BASE + 4));
  });

  it('leaves no trace of itself', () => {
    const whole = benchOf().machine;
    while (whole.cycles < 50_000) whole.run(50_000);
    const { ask, wait, session, machine } = benchOf();
    ask(`Z1,${address(8)},4`);
    for (let turn = 0; turn < 50; turn++) {
      ask(turn % 2 === 0 ? 'c' : 's');
      wait();
      ask('g');
      ask(`m${address(0)},100`);
      ask('p341');
    }
    expect(ask('D')).toBe('OK');
    session.leave();
    while (machine.cycles < 50_000) machine.run(50_000);
    expect(machine.hash()).toBe(whole.hash());
  });

  it('ends as it is told', () => {
    const detached = benchOf();
    detached.ask('D');
    expect(detached.session.state).toBe('detached');
    const killed = benchOf();
    killed.ask('vKill;1');
    expect(killed.session.state).toBe('killed');
  });
});

describe('a hostile peer', () => {
  const LETTERS = '?gGpPmMXzZHTcsCSDkvqQ0123456789abcdef,:;=-}$#+\x03\x00\xff*';

  it('is answered and never obeyed beyond the protocol', () => {
    let state = 0x12345678;
    const draw = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const { session } = benchOf(2);
    for (let round = 0; round < 4000; round++) {
      const body = Array.from({ length: draw(24) }, () => LETTERS[draw(LETTERS.length)]).join('');
      session.receive(draw(3) === 0 ? body : encodePacket(body));
      if (session.state !== 'stopped') {
        session.receive('\x03');
        session.advance();
        session.state = 'stopped';
      }
    }
    expect(session.receive(encodePacket('qC'))).toContain('QC');
  });

  it.each([
    'G00',
    'P',
    'P5=zz',
    'm',
    'm1',
    'm,',
    'M80000000,4:0102',
    'Mx',
    'X80000000,4:a',
    'Z0',
    'Z9,0,4',
    'Z0,zz,4',
    'Hgzz',
    'H',
    'vCont;',
    'vCont;x',
    'vCont;s:99',
    'czz',
    'qXfer:features:read:target.xml:zz,1',
    'qXfer:features:read:../secret:0,100',
    'qRcmd,abc',
    'qThreadExtraInfo,ffffffffffffffffff',
  ])('gets no further with %j', (data) => {
    const { ask, session } = benchOf();
    expect(ask(data)).toMatch(/^(E..|)$/);
    expect(session.state).toBe('stopped');
  });

  it('cannot set stops without end', () => {
    const { ask } = benchOf();
    const replies = Array.from({ length: 2000 }, (_, i) => ask(`Z0,${i.toString(16)},4`));
    expect(new Set(replies)).toEqual(new Set(['OK', 'E1c']));
  });
});
