import { expect, it } from 'vitest';
import { assemble } from '../isa/assemble.ts';
import { createMachine } from '../machine.ts';

const BASE = 0x80000000;

/** A guest that owns nothing runs a loop in the layer's memory; what the ledger says, cutting the run every `step` cycles. */
function ledgerOf(step: number): string[] {
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 1 });
  const text = `
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la t0, guest
    csrw mepc, t0
    li t0, 1 << 11
    csrs mstatus, t0
    mret
    .org ${BASE + 0x1000}
  guest:
    li a0, 3
  1: li a1, 20
  2: addi a1, a1, -1
    bnez a1, 2b
    csrw sscratch, a1
    la t0, other
    jalr ra, t0, 0
    addi a0, a0, -1
    bnez a0, 1b
    wfi
    .org ${BASE + 0x2000}
  other: ret`;
  machine.write(BASE, assemble(text, BASE));
  machine.ownership([{ base: BASE, size: 0x10000, owner: 'layer' }]);
  machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', only: 0 });
  machine.start(BASE, 0, 0);
  for (let cycle = step; machine.run(cycle).kind === 'limit'; cycle += step);
  return machine.ledger.entries.map(({ kind, address, count }) => `${kind} ${address.toString(16)} ${count}`);
}

it('a foreign fetch is an arrival in a page, however the run is cut', () => {
  const whole = ledgerOf(1_000_000);
  expect(whole).toEqual(['foreign-resume 80001000 1', 'fetch 80002000 3', 'fetch 80001020 3']);
  for (const step of [1, 7, 50]) expect(ledgerOf(step), `every ${step} cycles`).toEqual(whole);
});
