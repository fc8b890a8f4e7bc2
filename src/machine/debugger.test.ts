import { describe, expect, it } from 'vitest';
import type { DebugStop } from './debugger.ts';
import { CSR_NAMES } from './hart-port.ts';
import { assemble, assembleProgram } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';

const RAM = 0x80000000;
const at = (offset: number): bigint => BigInt(RAM + offset);

/** A loop over loads, stores, a trap and a timer interrupt: what a step may meet. */
const BUSY = `
  la t0, handler
  csrw mtvec, t0
  li t0, 128
  csrw mie, t0
  csrsi mstatus, 8
  li s0, ${RAM + 0x1000}
  csrr t0, mhartid
  slli t0, t0, 3
  li s3, 0x2004000
  add s3, s3, t0
again:
  ld t0, 0(s0)
  addi t0, t0, 1
  sd t0, 0(s0)
  amoadd.w t1, t0, (s0)
  ecall
  rdtime t2
  addi t2, t2, 3
  sd t2, 0(s3)
  andi t0, t0, 7
  bnez t0, again
  wfi
  j again
.align 2
handler:
  csrr t3, mcause
  bgez t3, exception
  rdtime t4
  addi t4, t4, 5
  sd t4, 0(s3)
  mret
exception:
  csrr t3, mepc
  addi t3, t3, 4
  csrw mepc, t3
  mret`;

function machineWith(source: string, options: Partial<MachineOptions> = {}): Machine {
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 0, ...options });
  machine.write(RAM, assemble(source, RAM));
  machine.start(RAM, 0, 0);
  return machine;
}

/** Runs to the next stop for the debugger, which must come. */
function next(machine: Machine, stepping?: number): DebugStop {
  machine.debugger().resume(stepping);
  const stop = machine.run(machine.cycles + 1_000_000);
  if (stop.kind !== 'debug') throw new Error(`stopped for ${stop.kind}`);
  return stop.stop;
}

describe('a debugger', () => {
  it('stops before a breakpoint each time, and not at one that is gone', () => {
    const machine = machineWith('again: addi t0, t0, 1\nnop\nj again');
    machine.debugger().setBreakpoint(at(4), true);
    for (const turn of [1n, 2n, 3n]) {
      expect(next(machine)).toEqual({ why: 'breakpoint', hart: 0 });
      expect([machine.pc, machine.x(5)]).toEqual([at(4), turn]);
    }
    machine.debugger().setBreakpoint(at(4), false);
    machine.debugger().resume();
    expect(machine.run(machine.cycles + 100).kind).toBe('limit');
  });

  it('steps one instruction, also onto itself', () => {
    const machine = machineWith('nop\nj .');
    const pcs = [0, 1, 2, 3].map(() => {
      next(machine, 0);
      return machine.pc;
    });
    expect(pcs).toEqual([at(4), at(4), at(4), at(4)]);
    expect(machine.instret).toBe(4);
  });

  it('steps into a trap and stops at its handler', () => {
    const machine = machineWith('la t0, handler\ncsrw mtvec, t0\necall\n.align 2\nhandler: nop');
    while (machine.csr('mcause') === 0n) next(machine, 0);
    expect([machine.pc, machine.csr('mcause')]).toEqual([machine.csr('mtvec'), 11n]);
  });

  it.each([
    ['write', 'sd t1, 8(t0)', at(0x1008)],
    ['read', 'lw t1, 12(t0)', at(0x100c)],
    ['access', 'amoadd.d t1, t1, (t2)', at(0x1008)],
    ['write', 'c.sd a5, 8(a4)', at(0x1008)],
  ] as const)('stops after a watched %s by %s', (on, instruction, address) => {
    const setup = `li t0, ${RAM + 0x1000}\nli a4, ${RAM + 0x1000}\nli t2, ${RAM + 0x1008}\nnop`;
    const machine = machineWith(`${setup}\nld t3, 0(t0)\nsd t3, 16(t0)\nmark: ${instruction}\nafter: nop\nj after`);
    const watch = { address: at(0x1008), length: 8, on };
    machine.debugger().watchData([watch]);
    expect(next(machine)).toEqual({ why: 'watchpoint', hart: 0, watch, address });
  });

  it('hears nothing of a watched access that traps', () => {
    const machine = machineWith('la t0, handler\ncsrw mtvec, t0\nli t1, 64\nsd t1, 0(t1)\n.align 2\nhandler: j .');
    machine.debugger().watchData([{ address: 64n, length: 8, on: 'write' }]);
    machine.debugger().resume();
    expect(machine.run(1000).kind).toBe('limit');
    expect(machine.csr('mcause')).toBe(7n);
  });

  it.each<[string, Partial<MachineOptions>]>([
    ['one hart', {}],
    ['one hart, functional', { timing: 'functional' }],
    ['two harts in coarse turns', { harts: 2 }],
    ['three harts in fine turns', { harts: 3, schedule: { kind: 'fine', seed: 5 } }],
  ])('does not change the run of %s', (_, options) => {
    const whole = machineWith(BUSY, options);
    while (whole.cycles < 60_000) whole.run(60_000);
    const machine = machineWith(BUSY, options);
    const stops = machine.debugger();
    stops.setBreakpoint(assembleProgram(BUSY, RAM).symbols.get('again') ?? 0n, true);
    const seen = new Set<string>();
    for (let turn = 0; machine.cycles < 60_000; turn++) {
      stops.watchData(turn % 3 === 0 ? [{ address: at(0x1000), length: 8, on: 'access' }] : []);
      stops.resume(turn % 7 < 3 ? turn % machine.ports.length : undefined);
      const stop = machine.run(60_000);
      seen.add(stop.kind === 'debug' ? stop.stop.why : stop.kind);
      if (stop.kind === 'limit') break;
    }
    expect([...seen].sort()).toEqual(['breakpoint', 'limit', 'step', 'watchpoint']);
    expect([machine.cycles, machine.instret, machine.hash()]).toEqual([whole.cycles, whole.instret, whole.hash()]);
  });
});

describe('a follower', () => {
  it('is told of every instruction before it runs, and changes nothing', () => {
    const whole = machineWith(BUSY);
    whole.run(60_000);
    const machine = machineWith(BUSY);
    const { symbols } = assembleProgram(BUSY, RAM);
    const told: { word: number; retired: number; pc: bigint }[] = [];
    machine.debugger().follow((word, retired) => told.push({ word, retired, pc: machine.pc }));
    machine.run(60_000);
    machine.debugger().follow(undefined);
    expect([machine.cycles, machine.instret, machine.hash()]).toEqual([whole.cycles, whole.instret, whole.hash()]);
    // Each number of retired instructions, in order, and the next one; those that trap or give way to an interrupt retire nothing.
    expect([...new Set(told.map(({ retired }) => retired))]).toEqual([...Array(machine.instret + 1).keys()]);
    const ecalls = told.filter(({ word }) => word === 0x73);
    expect(ecalls.length).toBeGreaterThan(10);
    expect(ecalls.every(({ pc }) => pc > (symbols.get('again') ?? 0n))).toBe(true);
    const before = told.length;
    machine.run(70_000);
    expect(told).toHaveLength(before);
  });

  it('hears what a device copies', () => {
    const DMA = 0x1004_0000;
    const start = `li t0, ${DMA}\nli t1, ${RAM + 0x1000}\nsd t1, 0(t0)\nli t1, ${RAM + 0x2ff8}\nsd t1, 8(t0)\nli t1, 16\nsd t1, 16(t0)`;
    const machine = machineWith(`${start}\nli t1, 1\nsw t1, 24(t0)\nj .`, { guests: 1 });
    const heard: object[] = [];
    const silence = machine.probe.on('transfer', (transfer) => heard.push(transfer));
    machine.run(10_000);
    silence();
    expect(heard).toEqual([
      { address: RAM + 0x1000, length: 16, write: false },
      { address: RAM + 0x2ff8, length: 8, write: true },
      { address: RAM + 0x3000, length: 8, write: true },
    ]);
  });
});

describe('a port', () => {
  it('reads and writes CSRs of any level by their rows', () => {
    const machine = machineWith('j .');
    const [port] = machine.ports;
    if (port === undefined) throw new Error('no hart');
    const csr = (name: string) => {
      const found = CSR_NAMES.find((row) => row.name === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found;
    };
    port.setCsr(csr('hedeleg'), -1n);
    expect(port.csr(csr('hedeleg'))).toBe(0xcb1ffn);
    port.setCsr(csr('fcsr'), 0xe1n);
    expect([port.csr(csr('fflags')), port.csr(csr('frm'))]).toEqual([1n, 7n]);
    expect(port.mode).toBe('M');
  });

  it('finds memory page by page, and ends where RAM ends', () => {
    const [port] = machineWith('j .').ports;
    expect(port?.locate(at(0xffe), 4)).toEqual([
      { paddr: RAM + 0xffe, length: 2 },
      { paddr: RAM + 0x1000, length: 2 },
    ]);
    expect(port?.locate(at(4 * 2 ** 20 - 2), 8)).toEqual([{ paddr: RAM + 4 * 2 ** 20 - 2, length: 2 }]);
    expect(port?.locate(0x10000000n, 8)).toEqual([]);
    expect(port?.locate(2n ** 64n - 4n, 8)).toEqual([]);
  });
});
