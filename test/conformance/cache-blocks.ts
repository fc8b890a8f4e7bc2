import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, NOWHERE, record, recordCsr, run, setCsr, VA } from './program.ts';
import { atp, PTE, RW, Tables } from './tables.ts';

const BLOCK = 64;
const ILLEGAL = 2;
const STORE_ACCESS = 7;
const STORE_PAGE = 15;
const VIRTUAL = 22;
const INVALIDATE = 'cbo.inval';
const MANAGE = ['cbo.clean', 'cbo.flush'];
const ZERO = 'cbo.zero';
const ALL = [INVALIDATE, ...MANAGE, ZERO];
/** The field of menvcfg, henvcfg and senvcfg that enables each. */
const FIELD: Readonly<Record<string, number>> = {
  'cbo.inval': 3 << 4,
  'cbo.clean': 1 << 6,
  'cbo.flush': 1 << 6,
  'cbo.zero': 1 << 7,
};
const READ_ONLY = PTE.V | PTE.R | PTE.A;
const EXECUTE_ONLY = PTE.V | PTE.X | PTE.A;

/** "Unprivileged ISA", chapter 18. */
export function cacheBlocks({ engine, it }: Suite): void {
  const memory = (first: number, last: number) =>
    new Map(Array.from({ length: (last - first) / 8 }, (_, i) => [first + 8 * i, 0x1111111111111111n] as const));

  it('cbo.zero clears the block that its operand lies in, and no more', () => {
    const words = memory(DATA, DATA + 4 * BLOCK);
    const { values, traps } = run(
      engine(),
      `li a0, ${DATA + BLOCK + 37}
       ${attempt('M', `${ZERO} (a0)`)}
       li a0, ${DATA}
       ${[...words.keys()].map((at) => `ld a1, ${at - DATA}(a0)\n ${record('a1')}`).join('')}`,
      words,
    );
    expect(traps.map(({ level }) => level)).toEqual(['none']);
    expect(values.map((value) => value === 0n)).toEqual(
      [...words.keys()].map((at) => at >= DATA + BLOCK && at < DATA + 2 * BLOCK),
    );
  });

  it('cbo.zero changes code that was run already, as a store does', () => {
    const { traps } = run(
      engine(),
      `la a0, 1f
       ${attempt('M', `jal a1, 1f\n ${ZERO} (a0)\n fence.i\n jal a1, 1f`)}
       j 2f
       .align 6
     1: jr a1
       .align 6
     2: nop`,
    );
    expect(traps.map(({ cause }) => cause)).toEqual([ILLEGAL]);
  });

  it('the others leave memory alone', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA + 8}
       ${[INVALIDATE, ...MANAGE].map((name) => `${name} (a0)\n ld a1, (a0)\n ${record('a1')}`).join('')}`,
      memory(DATA, DATA + BLOCK),
    );
    expect(values).toEqual([0x1111111111111111n, 0x1111111111111111n, 0x1111111111111111n]);
  });

  it('each is enabled by its field, in every register above its mode', () => {
    const registers: Readonly<Record<Mode, readonly string[]>> = {
      M: [],
      S: ['menvcfg'],
      U: ['menvcfg', 'senvcfg'],
      VS: ['menvcfg', 'henvcfg'],
      VU: ['menvcfg', 'henvcfg', 'senvcfg'],
    };
    for (const mode of ['M', 'S', 'U', 'VS', 'VU'] as const) {
      for (const name of ALL) {
        const needed = registers[mode];
        const set = (off: string | undefined) =>
          ['menvcfg', 'henvcfg', 'senvcfg']
            .map((csr) => setCsr(csr, csr === off ? 0xf1 & ~(FIELD[name] ?? 0) : (FIELD[name] ?? 0)))
            .join('');
        const cases = [undefined, 'menvcfg', 'henvcfg', 'senvcfg'];
        const { traps } = run(
          engine(),
          `li a0, ${DATA}\n ${cases.map((off) => set(off) + attempt(mode, `${name} (a0)`)).join('')}`,
        );
        const want = cases.map((off) => {
          if (off === undefined || !needed.includes(off)) return 'none';
          return off === 'menvcfg' || !mode.startsWith('V') ? ILLEGAL : VIRTUAL;
        });
        expect(
          traps.map(({ level, cause }) => (level === 'none' ? level : cause)),
          `${name} in ${mode}`,
        ).toEqual(want);
      }
    }
  });

  it('CBIE = 2 is reserved: it is never read back', () => {
    const { values } = run(
      engine(),
      ['menvcfg', 'henvcfg', 'senvcfg']
        .map((csr) => `${setCsr(csr, 0xe1)} ${recordCsr(csr)} ${setCsr(csr, 0xf1)} ${recordCsr(csr)}`)
        .join(''),
    );
    expect(values).toEqual([0xc1n, 0xf1n, 0xc1n, 0xf1n, 0xc1n, 0xf1n]);
  });

  it('faults are those of stores and name the operand; to manage a block, either access is enough', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RW);
    tables.map(root, VA + 0x1000, DATA, READ_ONLY);
    tables.map(root, VA + 0x2000, DATA, EXECUTE_ONLY);
    tables.map(root, VA + 0x4000, NOWHERE, RW);
    const operands = [0, 0x1000, 0x2000, 0x3000, 0x4000].map((offset) => VA + offset + 13);
    const { traps } = run(
      engine(),
      `${setCsr('menvcfg', 0xf0)} ${setCsr('satp', atp(root))} sfence.vma
       ${ALL.map((name) => operands.map((at) => `li a0, ${at}\n ${attempt('S', `${name} (a0)`)}`).join('')).join('')}`,
      tables.words,
    );
    const seen = traps.map(({ level, cause, tval }) => (level === 'none' ? level : [cause, tval]));
    const [fine, readable, executable, absent, nowhere] = operands.map(BigInt);
    const manage = ['none', 'none', [STORE_PAGE, executable], [STORE_PAGE, absent], [STORE_ACCESS, nowhere]];
    const zero = ['none', [STORE_PAGE, readable], ...manage.slice(2)];
    expect(fine).toBe(BigInt(VA + 13));
    expect(seen).toEqual([...manage, ...manage, ...manage, ...zero]);
  });
}
