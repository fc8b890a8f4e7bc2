// Processes of unix: what fork, exec, exit and wait promise.
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/index.ts';
import { addressOf, bootProgram, call, isSound, output, USER_HEAP, wordsOf } from './user-program.ts';

const CYCLES = 30_000_000;
const AGAIN = -11n;
const NO_CHILD = -10n;
const KILLED = 0x100n;

function ran(source: string): { readonly machine: Machine; readonly words: bigint[] } {
  const machine = bootProgram(source);
  machine.run(CYCLES);
  expect(isSound(machine)).toBe(true);
  return { machine, words: wordsOf(machine) };
}

const EXIT = call('EXIT', 0);
/** The status of the next child to end, in t0. */
const WAIT = `${call('WAIT', USER_HEAP)} li t0, ${USER_HEAP}\n ld t0, 0(t0)\n`;

describe('fork', () => {
  it('gives the child a copy of memory, registers and FP registers, and changes nothing of its parent', () => {
    const { words } = ran(`
  li s0, ${USER_HEAP + 0x100}
  li s1, 11
  sd s1, 0(s0)
  fmv.d.x f9, s1
  addi sp, sp, -16
  sd s1, 0(sp)
  ${call('FORK')}
  bnez a0, parent
  ld t0, 0(s0)
  ${output('t0')}
  fmv.x.d t0, f9
  ${output('t0')}
  li t0, 22
  sd t0, 0(s0)
  sd t0, 0(sp)
  fmv.d.x f9, t0
  ld t0, 0(s0)
  ${output('t0')}
  ${call('EXIT', 5)}
parent:
  ${WAIT}
  ${output('t0')}
  ld t0, 0(s0)
  ${output('t0')}
  ld t0, 0(sp)
  ${output('t0')}
  fmv.x.d t0, f9
  ${output('t0')}
  ${call('WAIT', 0)}
  ${output('a0')}
  ${EXIT}`);
    expect(words).toEqual([11n, 11n, 22n, 5n, 11n, 11n, 11n, NO_CHILD]);
  });

  it('hides from the child what the parent writes afterwards', () => {
    const { words } = ran(`
  li s0, ${USER_HEAP + 0x100}
  ${call('FORK')}
  bnez a0, parent
  ${call('SLEEP', 1000)}
  ld t0, 0(s0)
  ${output('t0')}
  ${EXIT}
parent:
  li t0, 7
  sd t0, 0(s0)
  ${call('WAIT', 0)}
  ld t0, 0(s0)
  ${output('t0')}
  ${EXIT}`);
    expect(words).toEqual([0n, 7n]);
  });

  it('shares a pipe, which ends when its last writer does', () => {
    const { words } = ran(`
  ${call('PIPE', USER_HEAP)}
  ${call('FORK')}
  bnez a0, parent
  ${call('WRITE', 1, USER_HEAP, 5)}
  ${EXIT}
parent:
  ${call('CLOSE', 1)}
  ${call('READ', 0, USER_HEAP, 64)}
  ${output('a0')}
  ${call('READ', 0, USER_HEAP, 64)}
  ${output('a0')}
  ${EXIT}`);
    expect(words).toEqual([5n, 0n]);
  });

  it('fails when the table is full, and works again when a child has gone', () => {
    const { words } = ran(`
1:
  ${call('FORK')}
  bltz a0, full
  bnez a0, 1b
  ${call('SLEEP', 2000)}
  ${EXIT}
full:
  ${output('a0')}
  ${call('WAIT', 0)}
  ${call('FORK')}
  slt t0, zero, a0
  beqz a0, child
  ${output('t0')}
child:
  ${EXIT}`);
    expect(words).toEqual([AGAIN, 1n]);
  });

  it('a thousand times leaves nothing behind', () => {
    const { words, machine } = ran(`
  li s1, 1000
1:
  ${call('FORK')}
  bltz a0, 2f
  bnez a0, 3f
  li t0, ${USER_HEAP}
  sd s1, 0(t0)
  mv a0, s1
  li a7, SYS_EXIT
  ecall
3:
  ${WAIT}
  bne t0, s1, 2f
  addi s1, s1, -1
  bnez s1, 1b
2:
  ${output('s1')}
  ${EXIT}`);
    expect(words).toEqual([0n]);
    const fresh = Buffer.from(machine.read(addressOf('fresh'), 8)).readBigUInt64LE();
    expect(fresh).toBeLessThan(30n);
  });

  it('fails without memory, and what cannot have a page dies alone', () => {
    const source = `
  ${call('FORK')}
  bnez a0, parent
  li s0, ${USER_HEAP}
  li s1, 16
  li t0, 4096
1:
  sd zero, 0(s0)
  add s0, s0, t0
  addi s1, s1, -1
  bnez s1, 1b
  ${EXIT}
parent:
  ${WAIT}
  ${output('t0')}
2:
  ${call('FORK')}
  beqz a0, 2b
  bgtz a0, 2b
  ${output('a0')}
  ${EXIT}`;
    const machine = bootProgram(source);
    machine.watch({
      world: 0,
      privilege: 'U',
      pc: 0x1_0000_0000n + BigInt(addressOf('shell') - addressOf('__user_start')),
      count: 1,
    });
    expect(machine.run(CYCLES)).toEqual({ kind: 'watch' });
    machine.watch(undefined);
    const fresh = Buffer.from(machine.read(addressOf('fresh'), 8)).readBigUInt64LE();
    const few = Buffer.alloc(8);
    few.writeBigUInt64LE(fresh + 12n);
    machine.write(addressOf('pool_frames'), few);
    machine.run(CYCLES);
    expect(isSound(machine)).toBe(true);
    expect(wordsOf(machine)[0]).toBe(KILLED + 15n);
    expect(wordsOf(machine)[1]).toBe(AGAIN);
  });
});

describe('exec', () => {
  it('begins anew with the arguments and the files, without memory or FP registers of before', () => {
    const { words } = ran(`
  li t1, 77
  beq a0, t1, again
  ${call('PIPE', USER_HEAP)}
  li t0, 5
  fmv.d.x f3, t0
  fscsr t0
  ${call('EXEC', 'PROGRAM_SHELL', 77, 88)}
again:
  mv s0, a1
  ${output('s0')}
  li t0, ${USER_HEAP}
  ld t0, 8(t0)
  ${output('t0')}
  fmv.x.d t0, f3
  ${output('t0')}
  frcsr t0
  ${output('t0')}
  ${call('WRITE', 1, USER_HEAP, 3)}
  ${output('a0')}
  ${EXIT}`);
    expect(words).toEqual([88n, 0n, 0n, 0n, 3n]);
  });

  it('of what there is not fails and changes nothing', () => {
    const { words } = ran(`li s0, 9\n ${call('EXEC', 200)} ${output('a0')} ${output('s0')} ${EXIT}`);
    expect(words).toEqual([-1n, 9n]);
  });
});

describe('the end of a process', () => {
  it('is told to its parent with its cause', () => {
    const die = (what: string): string => `${call('FORK')} bnez a0, 1f\n ${what}\n 1: ${WAIT} ${output('t0')}`;
    const { words, machine } = ran(`
  ${die('ld t0, 0(zero)')}
  ${die('li t0, 0x80600000\n sd t0, 0(t0)')}
  ${die('li t0, 0x80600000\n jr t0')}
  ${die('.word 0')}
  ${die('csrw satp, zero')}
  ${die('li sp, 0\n sd zero, -8(sp)')}
  ${EXIT}`);
    expect(words).toEqual([13n, 15n, 12n, 2n, 2n, 15n].map((cause) => KILLED + cause));
    expect(machine.consoles[0]?.text().match(/killed/g)).toHaveLength(6);
  });

  it('leaves no orphan in the table', () => {
    const { words } = ran(`
  li s1, 50
1:
  ${call('FORK')}
  bltz a0, out
  bnez a0, 2f
  ${call('FORK')}
  ${EXIT}
2:
  ${call('WAIT', 0)}
  ${call('SLEEP', 500)}
  addi s1, s1, -1
  bnez s1, 1b
out:
  ${output('s1')}
  ${EXIT}`);
    expect(words).toEqual([0n]);
  });
});
