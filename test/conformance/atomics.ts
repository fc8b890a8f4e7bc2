import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, run, setCsr, VA } from './program.ts';
import { atp, RW, Tables } from './tables.ts';

type Operation = (old: bigint, source: bigint) => bigint;
const s64 = (value: bigint) => BigInt.asIntN(64, value);
const u64 = (value: bigint) => BigInt.asUintN(64, value);
const s32 = (value: bigint) => BigInt.asIntN(32, value);
const u32 = (value: bigint) => BigInt.asUintN(32, value);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  amoswap: (_, b) => b,
  amoadd: (a, b) => a + b,
  amoxor: (a, b) => a ^ b,
  amoand: (a, b) => a & b,
  amoor: (a, b) => a | b,
  amomin: (a, b) => (a < b ? a : b),
  amomax: (a, b) => (a > b ? a : b),
  amominu: (a, b) => (u64(a) < u64(b) ? a : b),
  amomaxu: (a, b) => (u64(a) > u64(b) ? a : b),
};
const PAIRS: readonly (readonly [bigint, bigint])[] = [
  [1n, 2n],
  [-1n, 1n],
  [1n, -1n],
  [0x7fffffffn, 0x80000000n],
  [0x123456789abcdef0n, -0x0fedcba987654321n],
  [1n << 31n, -(1n << 31n)],
];

export function atomics({ engine, it }: Suite): void {
  for (const [name, of] of Object.entries(OPERATIONS)) {
    it(`${name}: old value to rd, result to memory, the other half of the doubleword untouched`, () => {
      const { values } = run(
        engine(),
        PAIRS.map(
          ([a, b]) => `
            li a0, ${DATA}
            li a1, ${a}
            li a2, ${b}
            sd a1, 0(a0)
            ${name}.d a3, a2, (a0)
            ld a4, 0(a0)
            sd a1, 0(a0)
            ${name}.w a5, a2, (a0)
            ld a6, 0(a0)
            ${record('a3', 'a4', 'a5', 'a6')}`,
        ).join('\n'),
      );
      const want = PAIRS.flatMap(([a, b]) => {
        const low = u32(of(s32(a), s32(b)));
        return [a, of(a, b), s32(a), (u64(a) & ~0xffffffffn) | low];
      });
      expect(values).toEqual(want.map(u64));
    });
  }

  it('the destination may be the address or the source', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       li a1, 5
       sd a1, 0(a0)
       amoadd.d a1, a1, (a0)
       ld a2, 0(a0)
       amoadd.d a0, a1, (a0)
       ${record('a0', 'a1', 'a2')}`,
    );
    expect(values).toEqual([10n, 5n, 10n]);
  });

  it('aq and rl change nothing on one hart', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       li a1, 3
       amoadd.d.aqrl a2, a1, (a0)
       lr.d.aq a3, (a0)
       sc.d.rl a4, a1, (a0)
       ${record('a2', 'a3', 'a4')}`,
    );
    expect(values).toEqual([0n, 3n, 0n]);
  });

  it('sc succeeds once after lr at the same address, and fails otherwise without a store', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       li a1, 7
       sc.d a2, a1, (a0)      # no reservation
       ld a3, 0(a0)
       lr.d a4, (a0)
       sc.d a5, a1, (a0)      # succeeds
       sc.d a6, zero, (a0)    # used up
       ld a7, 0(a0)
       snez a2, a2
       snez a6, a6
       ${record('a2', 'a3', 'a4', 'a5', 'a6', 'a7')}
       lr.w a2, (a0)
       addi a3, a0, 64
       sc.w a4, a1, (a3)      # elsewhere: fails, and the reservation is gone
       sc.w a5, a1, (a0)
       snez a4, a4
       snez a5, a5
       ${record('a4', 'a5')}`,
    );
    expect(values).toEqual([1n, 0n, 0n, 0n, 1n, 7n, 1n, 1n]);
  });

  it('a trap and its return leave a reservation, for software to end', () => {
    const { values, traps } = run(
      engine(),
      `li a0, ${DATA}
       lr.d a1, (a0)
       ${attempt('S', 'nop')}
       sc.d a2, a0, (a0)
       lr.d a1, (a0)
       ${attempt('U', '.half 0')}
       sc.d a3, a0, (a0)
       snez a2, a2
       snez a3, a3
       ${record('a2', 'a3')}`,
    );
    expect(traps.map(({ level }) => level)).toEqual(['none', 'M']);
    expect(values).toEqual([0n, 0n]);
  });

  it('lr.w and sc.w work on the low word, sign-extended', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       lr.w a1, (a0)
       li a2, 0x1234567800000001
       sc.w a3, a2, (a0)
       ld a4, 0(a0)
       ${record('a1', 'a3', 'a4')}`,
      new Map([[DATA, 0x11112222_80000000n]]),
    );
    expect(values.map(s64)).toEqual([-0x80000000n, 0n, 0x11112222_00000001n]);
  });

  it('misaligned atomics trap, whatever the width', () => {
    const { traps } = run(
      engine(),
      `li a0, ${DATA}
       ${attempt('M', 'addi a1, a0, 4\n lr.d a2, (a1)')}
       ${attempt('M', 'addi a1, a0, 2\n lr.w a2, (a1)')}
       ${attempt('M', 'addi a1, a0, 4\n sc.d a2, a0, (a1)')}
       ${attempt('M', 'addi a1, a0, 1\n amoadd.w a2, a0, (a1)')}
       ${attempt('M', 'addi a1, a0, 4\n amoswap.d a2, a0, (a1)')}`,
    );
    expect(traps.map(({ cause, tval }) => [cause, tval])).toEqual([
      [4, BigInt(DATA + 4)],
      [4, BigInt(DATA + 2)],
      [6, BigInt(DATA + 4)],
      [6, BigInt(DATA + 1)],
      [6, BigInt(DATA + 4)],
    ]);
  });

  it('device memory refuses atomics; a failing lr is a load fault, the others are store faults', () => {
    const { traps } = run(
      engine(),
      `li a0, 0x100000
       ${attempt('M', 'lr.w a1, (a0)')}
       ${attempt('M', 'sc.w a1, a1, (a0)')}
       ${attempt('M', 'amoadd.w a1, a1, (a0)')}`,
    );
    expect(traps.map(({ cause, tval }) => [cause, tval])).toEqual([
      [5, 0x100000n],
      [7, 0x100000n],
      [7, 0x100000n],
    ]);
  });

  it('find their word under translation, whatever bytes of its page were read before', () => {
    for (const offset of [0, 1, 7, 0xfff]) {
      const tables = new Tables();
      const root = tables.withCode();
      tables.map(root, VA, DATA, RW);
      const { traps, values } = run(
        engine(),
        `${setCsr('satp', atp(root))}
         ${attempt('S', `li a0, ${VA}\n li a1, ${VA + offset}\n lb a2, (a1)\n li a2, 5\n amoadd.d a3, a2, (a0)\n lr.d a4, (a0)\n sc.d a5, a2, (a0)\n ld a6, (a0)`)}
         ${record('a3', 'a4', 'a5', 'a6')}`,
        new Map([...tables.words, [DATA, 0x1122334455667788n]]),
      );
      expect(traps.map(({ level }) => level)).toEqual(['none']);
      expect(values, `offset ${offset}`).toEqual([0x1122334455667788n, 0x112233445566778dn, 0n, 5n]);
    }
  });
}
