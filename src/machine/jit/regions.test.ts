import { describe, expect, it } from 'vitest';
import type { Machine } from '../index.ts';
import { assemble } from '../isa/assemble.ts';
import { disassemble } from '../isa/disassemble.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/table.ts';
import { BASE, DATA, pair } from './pair.ts';

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Registers with addresses near the middle of a page or anything, FP state on and clean; then two halves of no operation,
 * in place of which a word is put, often. */
function around(address: boolean): string {
  const value = (i: number) =>
    address ? `${DATA + 0x800 + 8 * i}` : `0x${(BigInt(i) * 0x0123456789abcdefn).toString(16)}`;
  const registers = Array.from({ length: 31 }, (_, i) => i + 1);
  const floats = registers.map(
    (i) => `li t0, 0x${((BigInt(i) * 0x3ff123456789abcdn) & ((1n << 64n) - 1n)).toString(16)}\n fmv.d.x f${i}, t0`,
  );
  return `
    la t0, handler
    csrw mtvec, t0
    li t0, 1 << 13
    csrs mstatus, t0
    ${floats.join('\n')}
    li t0, ${DATA}
    sd t0, 0(t0)
    sd t0, 0(t0)
    ${registers.map((i) => `li x${i}, ${value(i)}`).join('\n')}
    j there
    .org ${BASE + 0x1000}
    there: .word 0x00010001
    addi x1, x1, 8
    j there
    .org ${BASE + 0x2000}
    handler: j .`;
}

describe('regions', () => {
  it('mean by every row what the interpreter means', () => {
    const random = xorshift(11);
    const { both, same } = pair('nop', { ram: 0x20000 });
    const pristine = new Map<Machine, ReturnType<Machine['snapshot']>>();
    both((machine) => pristine.set(machine, machine.snapshot()));
    const programs = [true, false].map((address) => assemble(around(address), BASE));
    for (const { match, mask } of [...INSTRUCTIONS, ...COMPRESSED]) {
      programs.forEach((program) => {
        const word = (match | (random() & ~mask)) >>> 0;
        const bytes = Uint8Array.of(word, word >>> 8, word >>> 16, word >>> 24).subarray(0, (word & 3) === 3 ? 4 : 2);
        both((machine) => {
          machine.restore(pristine.get(machine) as ReturnType<Machine['snapshot']>);
          machine.write(BASE, program);
          machine.write(BASE + 0x1000, bytes);
          machine.start(BASE, 0, 0);
          machine.run(1500);
        });
        same(disassemble(word));
      });
    }
  });

  const LOOP = `
      li a0, 0
    loop:
      ${'addi a0, a0, 1\n'.repeat(5)}
    patched: addi a1, a1, 1
      j loop`;

  it('see stores to their own code, and go on where it is rewritten again and again', () => {
    const { regions, both, same } = pair(`
      la t0, patched
      lw t1, 0(t0)
      li t2, 1 << 20
      li a2, 40
    loop:
      ${'addi a0, a0, 1\n'.repeat(5)}
    patched: addi a1, a1, 1
      xor t1, t1, t2
      sw t1, 0(t0)
      fence.i
      addi a2, a2, -1
      bnez a2, loop
      j .`);
    both((machine) => machine.run(5000));
    same();
    expect(regions.x(11)).toBeLessThan(40n);
    expect(regions.regionsCompiled).toBeLessThan(20);
  });

  it('see what is written from outside, and what a restore brings back', () => {
    const { regions, both, same } = pair(LOOP);
    both((machine) => machine.run(1000));
    const made = regions.regionsCompiled;
    expect(made).toBeGreaterThan(0);
    const snapshots = new Map<Machine, ReturnType<Machine['snapshot']>>();
    both((machine) => snapshots.set(machine, machine.snapshot()));
    for (let time = 0; time < 3; time++) {
      both((machine) => machine.write(BASE + 24, assemble('addi a1, a1, 2', BASE + 24)));
      both((machine) => machine.run(2000));
      same('written');
      both((machine) => machine.restore(snapshots.get(machine) as ReturnType<Machine['snapshot']>));
      both((machine) => machine.run(3000));
      same('restored');
    }
    // Both texts were compiled once: their regions came back with their bytes.
    expect(regions.regionsCompiled).toBeLessThanOrEqual(made + 2);
  });

  it('take in what runs only later', () => {
    const { regions, both, same } = pair(
      `
      li t0, 3000
      li t1, 30000
    loop:
      addi a0, a0, 1
      bge t0, a0, 1f
      addi a1, a1, 1
      mul a2, a1, a0
    1: blt a0, t1, loop
      j .`,
      {},
      { threshold: 100 },
    );
    both((machine) => machine.run(10_000));
    const made = regions.regionsCompiled;
    both((machine) => machine.run(30_000));
    same();
    const grown = regions.regionsCompiled;
    expect([made, grown > made]).toEqual([1, true]);
    both((machine) => machine.run(400_000));
    same();
    expect(regions.regionsCompiled).toBeLessThanOrEqual(grown + 2);
  });

  it('are not made where control arrives seldom, however long that goes on', () => {
    const { both, same, regions } = pair('loop: addi a0, a0, 1\n j loop', {}, { threshold: 3000 });
    const snapshots = new Map<Machine, ReturnType<Machine['snapshot']>>();
    both((machine) => snapshots.set(machine, machine.snapshot()));
    const again = (times: number, cycles: number) => {
      for (let time = 0; time < times; time++) {
        both((machine) => {
          machine.restore(snapshots.get(machine) as ReturnType<Machine['snapshot']>);
          machine.run(cycles);
        });
      }
      same();
    };
    again(9000, 4);
    expect(regions.regionsCompiled).toBe(0);
    again(300, 100);
    expect(regions.regionsCompiled).toBe(1);
  });

  it('stop at every cycle and instruction that is asked for', () => {
    const { regions, both, same } = pair(`
    loop:
      addi a0, a0, 1
      andi a1, a0, 7
      beqz a1, 1f
      mul a2, a0, a0
      call 2f
      j loop
    1: div a2, a2, a0
      j loop
    2: ret`);
    both((machine) => machine.worlds({ machineMode: 'firmware', supervisorMode: 'guest' }));
    for (let cycle = 1000; cycle < 1400; cycle++) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
    }
    both((machine) => machine.run(300_000));
    same();
    expect(regions.regionsCompiled).toBeGreaterThan(0);
  });

  it('leave watches and their counts alone', () => {
    const { both, same, regions, plain } = pair(`
      la t0, guest
      csrw mepc, t0
      li t0, -1
      csrw pmpaddr0, t0
      li t0, 0x1f
      csrw pmpcfg0, t0
      mret
    guest:
      addi a0, a0, 1
      j guest`);
    both((machine) => machine.worlds({ machineMode: 'firmware', supervisorMode: 'guest', only: 0 }));
    both((machine) => machine.run(1000));
    same();
    for (let time = 0; time < 3; time++) {
      both((machine) => machine.watch({ world: 0, privilege: 'U', pc: machine.pc, count: 5 }));
      both((machine) => expect(machine.run(1_000_000).kind).toBe('watch'));
      same('watched');
      both((machine) => machine.watch(undefined));
      both((machine) => machine.stopAtInstret(0, machine.instret + 77));
      both((machine) => expect(machine.run(1_000_000).kind).toBe('instret'));
      same('counted');
    }
    expect(regions.instret).toBe(plain.instret);
  });

  it('are shared by several harts, which take the turns they always take', () => {
    const text = `
      csrr a0, mhartid
      li a1, ${DATA}
      slli a0, a0, 3
      add a1, a1, a0
    loop:
      ld a2, 0(a1)
      addi a2, a2, 1
      sd a2, 0(a1)
      j loop`;
    for (const schedule of [{ kind: 'coarse' }, { kind: 'fine', seed: 3 }] as const) {
      const { both, same } = pair(text, { harts: 3, schedule });
      for (const cycle of [500, 30_000, 100_001]) {
        both((machine) => machine.run(cycle));
        same(`${schedule.kind} ${cycle}`);
      }
    }
  });
});
