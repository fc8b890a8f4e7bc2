import { describe, expect, it } from 'vitest';
import { assemble } from './isa/assemble.ts';
import { createMachine } from './machine.ts';

const RAM = 0x80000000;

/** M-mode hands a call of S-mode back once, then a timer wakes it from WFI. */
const PROGRAM = `
  la t0, handler
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 31
  csrw pmpcfg0, t0
  li t0, 2048
  csrw mstatus, t0
  la t0, kernel
  csrw mepc, t0
  mret
kernel:
  ecall
.align 2
handler:
  li t0, 128
  csrw mie, t0
  li t1, 0x2004000
  li t2, 20
  sd t2, 0(t1)
  wfi
end: j end`;

function heard(listening: boolean): { events: unknown[]; hash: string; cycles: number } {
  const machine = createMachine({ ram: 2 ** 20, timing: 'inorder', guests: 1 });
  machine.write(RAM, assemble(PROGRAM, RAM));
  machine.worlds({ machineMode: 'firmware', supervisorMode: 'guest', only: 0 });
  machine.start(RAM, 0, 0);
  const events: unknown[] = [];
  if (listening) {
    machine.probe.on('trap', ({ cycle, pc, ...rest }) => events.push({ ...rest, pc: Number(pc) - RAM }));
    machine.probe.on('party', ({ cycle, ...rest }) => events.push(rest));
    machine.probe.on('wait', ({ hart, begins }) => events.push({ hart, begins }));
  }
  machine.run(5000);
  return { events, hash: machine.hash(), cycles: machine.cycles };
}

describe('the core', () => {
  it('tells of traps, parties and waiting, in order', () => {
    const { events } = heard(true);
    expect(events).toEqual([
      { hart: 0, party: 'guest', world: 0 },
      // mtval is 0 for an environment call ("Machine Trap Value Register").
      { hart: 0, to: 'M', from: 'guest', interrupt: false, cause: 9, pc: expect.any(Number), value: 0n },
      { hart: 0, party: 'firmware', world: 0 },
      { hart: 0, begins: true },
      { hart: 0, begins: false },
    ]);
  });

  it('does the same whether anybody listens or not', () => {
    const { events, ...told } = heard(true);
    const { events: none, ...untold } = heard(false);
    expect(none).toEqual([]);
    expect(told).toEqual(untold);
  });
});
