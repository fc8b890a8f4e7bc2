import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, outcome, prepare, setCsr } from './program.ts';
import { atp, RW, RWX, Tables } from './tables.ts';

const VIRTUAL = 0x18000000;

/** A program with a little of everything that ends a quantum: traps, CSRs, timers, waiting, devices, misses, two stages. */
function mixed(): { text: string; words: ReadonlyMap<number, bigint> } {
  const tables = new Tables();
  const root = tables.withCode();
  for (let page = 0; page < 40; page++) tables.map(root, VIRTUAL + page * 0x1000, DATA + (page % 8) * 0x1000, RW);
  const guest = tables.withGuest();
  tables.map(guest, DATA, DATA, RWX | 16, 1);
  const text = `
    ${setCsr('satp', atp(root, 1))} ${setCsr('hgatp', atp(guest, 1))} ${setCsr('vsatp', atp(root, 1))}
    ${setCsr('medeleg', (1 << 2) | (1 << 13))} ${setCsr('menvcfg', 1n << 63n)} ${setCsr('mcounteren', 7)} ${setCsr('scounteren', 7)}
    ${attempt('S', `li a0, ${VIRTUAL}\n li a1, 40\n li a3, 0x1000\n 1: ld a2, 0(a0)\n addi a2, a2, 1\n sd a2, 0(a0)\n c.add a0, a3\n c.addi a1, -1\n c.bnez a1, 1b`)}
    ${attempt('S', `li a0, ${VIRTUAL + 40 * 0x1000}\n ld a1, 0(a0)`)}
    ${attempt('VS', `li a0, ${VIRTUAL + 0x5ffc}\n ld a1, 0(a0)\n .half 0`)}
    ${attempt('U', 'csrr a0, time\n div a0, a0, a1\n mul a0, a0, a0\n rdcycle a2', 0x40000000)}
    ${setCsr('mie', 1 << 5)} csrw satp, zero
    ${attempt('S', 'csrr a0, time\n addi a0, a0, 2\n csrw stimecmp, a0\n wfi')}
    li t0, 0x2000000
    lw t1, 0(t0)
    ${attempt('M', `li sp, ${DATA}\n li a0, 5\n 1: amoadd.d a1, a0, (sp)\n addi a0, a0, -1\n bnez a0, 1b`)}
    fence.i
  `;
  return { text, words: tables.words };
}

export function stops({ engine, it }: Suite): void {
  const END = 1_000_000;
  const start = () => {
    const { text, words } = mixed();
    prepare(engine(), text, words);
  };
  /** Where the program is without any stop. */
  const whole = () => {
    start();
    expect(engine().run(END)).toBe('finished');
    const { cycles, instret } = engine();
    return {
      cycles,
      instret,
      hash: engine().hash(),
      traps: outcome(engine()).traps.map(({ level, cause }) => `${level} ${cause}`),
    };
  };

  it('a stop at every cycle changes nothing', () => {
    const want = whole();
    expect(want.traps).toEqual(['none 0', 'HS 13', 'HS 2', 'none 0', 'M 5', 'none 0']);
    start();
    let stop = 'limit';
    for (let cycle = 1; stop === 'limit'; cycle++) {
      stop = engine().run(cycle);
      if (stop === 'limit' && engine().cycles < cycle)
        throw new Error(`stopped at ${engine().cycles}, before ${cycle}`);
    }
    expect({ ...want, cycles: engine().cycles, instret: engine().instret, hash: engine().hash() }).toEqual(want);
  });

  it('stops at uneven distances change nothing', () => {
    const want = whole();
    for (const step of [7, 64, 100, 101]) {
      start();
      for (let cycle = step; engine().run(cycle) === 'limit'; cycle += step);
      expect({ cycles: engine().cycles, hash: engine().hash() }, `every ${step} cycles`).toEqual({
        cycles: want.cycles,
        hash: want.hash,
      });
    }
  });

  it('a run again from the start is the same run', () => {
    const first = whole();
    expect(whole()).toEqual(first);
  });

  it('stops as soon as the cycle is reached', () => {
    prepare(engine(), '1: addi a0, a0, 1\n j 1b');
    engine().run(900);
    for (const cycle of [1001, 1002, 1050, 1051, 1999, 2000]) {
      expect(engine().run(cycle)).toBe('limit');
      // No instruction here takes more than a few cycles.
      expect(engine().cycles - cycle).toBeLessThan(10);
      expect(engine().cycles).toBeGreaterThanOrEqual(cycle);
    }
  });

  it('tells when nothing can ever wake it', () => {
    prepare(engine(), 'csrw mie, zero\n wfi');
    expect(engine().run(END)).toBe('idle');
  });

  it('ends a trap that traps for ever at the limit', () => {
    prepare(engine(), `la t0, 1f\n csrw mtvec, t0\n .align 2\n 1: .half 0`);
    expect(engine().run(5000)).toBe('limit');
    const { instret, cycles } = engine();
    expect(engine().run(10000)).toBe('limit');
    expect(engine().instret).toBe(instret);
    expect(engine().cycles).toBeGreaterThan(cycles);
  });
}
