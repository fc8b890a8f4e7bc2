// No user program of unix harms its kernel, or anybody else.
import { describe, expect, it } from 'vitest';
import { addressOf, bootProgram, call, isSound, USER_HEAP } from './user-program.ts';

/** Slots of the table that processes can have, the first process's own included. */
const SLOTS = 7;

const EXIT = call('EXIT', 0);

describe('a hostile program', () => {
  it.each([
    ['that forks for ever', `1: ${call('FORK')} j 1b`],
    ['that forks and leaves for ever', `1: ${call('FORK')} beqz a0, 1b\n ${EXIT}`],
    ['that forks and dies for ever', `1: ${call('FORK')} beqz a0, 1b\n sd zero, 0(zero)`],
    ['that makes pipes for ever', `1: ${call('PIPE', USER_HEAP)} ${call('FORK')} j 1b`],
    ['that execs for ever', `1: ${call('FORK')} ${call('EXEC', 0, 0, 0)}`],
    ['that never yields', '1: j 1b'],
  ])('%s leaves the kernel sound', (_, source) => {
    const machine = bootProgram(source);
    machine.run(5_000_000);
    expect(isSound(machine)).toBe(true);
    const before = machine.instret;
    expect(['limit', 'idle']).toContain(machine.run(6_000_000).kind);
    expect(machine.instret).toBeGreaterThanOrEqual(before);
    expect(machine.ledger.entries).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('that calls at random, seed %i, leaves the kernel sound', (seed) => {
    // Numbers up to 19, more than there are; arguments among small numbers, own and foreign addresses, and noise.
    const machine = bootProgram(`
  li s0, ${seed * 0x9e37}
  li s1, 400
  li s5, 0x5851f42d4c957f2d
loop:
  jal ra, draw
  mv s2, a0
  jal ra, draw
  mv s3, a0
  jal ra, draw
  mv s4, a0
  jal ra, next
  srli a7, s0, 40
  li t0, 20
  remu a7, a7, t0
  li t0, SYS_EXEC
  beq a7, t0, loop
  li t0, SYS_EXIT
  bne a7, t0, 1f
  ${call('FORK')}
  bnez a0, loop
  li a7, SYS_EXIT
1:
  mv a0, s2
  mv a1, s3
  mv a2, s4
  ecall
  addi s1, s1, -1
  bnez s1, loop
  ${EXIT}
next:
  mul s0, s0, s5
  addi s0, s0, 1013
  ret
draw:
  mv t6, ra
  jal ra, next
  srli t0, s0, 60
  srli a0, s0, 20
  li t1, 8
  bltu t0, t1, small
  li t1, 10
  bltu t0, t1, heap
  li t1, 11
  bltu t0, t1, stack
  li t1, 13
  bltu t0, t1, kernel
  jr t6
small:
  andi a0, a0, 7
  jr t6
heap:
  li t2, 0x1ffff
  and a0, a0, t2
  li t2, ${USER_HEAP}
  add a0, a0, t2
  jr t6
stack:
  andi a0, a0, 1023
  sub a0, sp, a0
  jr t6
kernel:
  li t2, 0x3fffff
  and a0, a0, t2
  li t2, 0x80600000
  add a0, a0, t2
  jr t6`);
    machine.run(20_000_000);
    expect(isSound(machine)).toBe(true);
    expect(machine.ledger.entries).toEqual([]);
  });

  it('cannot have more processes than there are slots', () => {
    const machine = bootProgram(`1: ${call('FORK')} j 1b`);
    machine.run(5_000_000);
    const pids = Buffer.from(machine.read(addressOf('last_pid'), 4)).readUInt32LE();
    expect(pids).toBe(SLOTS);
  });
});
