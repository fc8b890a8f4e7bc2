import { expect } from 'vitest';
import { ACCESSES, access, causeOf, PAGE_FAULT } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, CODE, DATA, NOWHERE, record, recordCsr, run, setCsr, USER_ALIAS, VA } from './program.ts';
import { atp, entry, PTE, RW, RWX, Tables } from './tables.ts';
import { withData } from './two-stages.ts';

const SSIP = 1 << 1;
const STIP = 1 << 5;
const SEIP = 1 << 9;
const VSSIP = 1 << 2;
const S_BITS = SSIP | STIP | SEIP;

/** A root above a table of three levels: modes with four and five levels, whose first entries lead to it. */
function deep(levels: 4 | 5): { tables: Tables; satp: bigint; top: number; lower: readonly number[] } {
  const tables = new Tables();
  const lower = [tables.withCode()];
  for (let level = 4; level <= levels; level++) {
    const root = tables.root();
    tables.words.set(root, entry(lower[0] ?? 0, PTE.V));
    lower.unshift(root);
  }
  const top = lower[0] ?? 0;
  return { tables, satp: (BigInt(levels + 5) << 60n) | BigInt(top / 0x1000), top, lower };
}

/** The chapter on the supervisor, where other groups leave it out. "Privileged ISA" 12. */
export function supervisor({ engine, it }: Suite): void {
  const TRAP_VALUES = 'the address of a fault, the pc of a breakpoint, the bits of an illegal instruction, else zero';
  for (const [name, mode, user, prefix, cause] of [
    ['stval', 'S', 'U', '', SSIP],
    ['vstval', 'VS', 'VU', 'v', VSSIP],
  ] as const) {
    it(`${name}: ${TRAP_VALUES}`, () => {
      const tables = new Tables();
      const root = tables.withCode();
      tables.map(root, VA, DATA, RW);
      tables.map(root, VA + 0x3000, NOWHERE, RWX);
      const stale = setCsr(name, -1);
      const uses = [
        `li a0, ${VA + 0x1008}\n ld a1, 0(a0)`,
        `li a0, ${VA + 0xffc}\n sd a1, 0(a0)`,
        `li a0, ${VA + 0x2000}\n jr a0`,
        `li a0, ${VA + 0x3008}\n ld a1, 0(a0)`,
        `li a0, ${VA + 0x3008}\n sd a1, 0(a0)`,
        `li a0, ${VA + 0x3008}\n jr a0`,
        `li a0, ${VA + 9}\n amoadd.d a1, a1, (a0)`,
        `li a0, ${VA + 9}\n lr.d a1, (a0)`,
        'nop\n ebreak',
        'csrrw a7, 0x7c0, t6',
        '.half 0x8000',
      ];
      const { traps, values } = run(
        engine(),
        `la t0, _vs_trap\n csrw vstvec, t0
         ${setCsr(`${prefix}satp`, atp(root))} ${setCsr('medeleg', 0xb1ff)} ${setCsr('hedeleg', 0xb1ff)}
         ${uses.map((use) => stale + attempt(mode, use)).join('')}
         ${stale} ${attempt(user, 'li a7, 0\n ecall', USER_ALIAS)}
         ${setCsr('mideleg', SSIP)} ${setCsr('hideleg', VSSIP)} ${setCsr('mie', cause)} ${setCsr('mip', cause)}
         ${stale} ${attempt(user, 'nop', USER_ALIAS)}
         ${recordCsr('mtval')}`,
        tables.words,
      );
      const level = mode === 'S' ? 'HS' : 'VS';
      expect(traps.map((trap) => [trap.level, trap.cause, trap.tval])).toEqual([
        [level, 13, BigInt(VA + 0x1008)],
        [level, 15, BigInt(VA + 0x1000)],
        [level, 12, BigInt(VA + 0x2000)],
        [level, 5, BigInt(VA + 0x3008)],
        [level, 7, BigInt(VA + 0x3008)],
        [level, 1, BigInt(VA + 0x3008)],
        [level, 6, BigInt(VA + 9)],
        [level, 4, BigInt(VA + 9)],
        [level, 3, traps[8]?.epc],
        [level, 2, 0x7c0f98f3n],
        [level, 2, 0x8000n],
        [level, 8, 0n],
        [level, 1, 0n],
      ]);
      // Each attempt ends by an ecall from the handler, which M-mode takes: zero there, too.
      expect(values).toEqual([0n]);
    });
  }

  it('a trap into S-mode writes sepc, scause and stval; one into another mode does not', () => {
    const names = ['sepc', 'scause', 'stval'];
    const set = names.map((name) => setCsr(name, 0x44)).join('');
    const { values } = run(
      engine(),
      `${set} ${attempt('U', '.half 0')} ${recordCsr(...names)}
       ${setCsr('medeleg', 1 << 2)} ${attempt('U', '.half 0')} csrr a0, sepc
       sub a0, a0, s8
       ${record('a0')} ${recordCsr('scause', 'stval')}`,
    );
    expect(values).toEqual([0x44n, 0x44n, 0x44n, 0n, 2n, 0n]);
  });

  it('its CSRs can be read and written in S-mode, and are illegal in U-mode', () => {
    const names = [
      'sstatus',
      'stvec',
      'sscratch',
      'sepc',
      'scause',
      'stval',
      'senvcfg',
      'satp',
      'sip',
      'sie',
      'scounteren',
    ];
    const uses = names.flatMap((name) => [`csrr a0, ${name}`, `csrrw a0, ${name}, a0`, `csrw ${name}, zero`]);
    const { traps } = run(engine(), uses.map((use) => attempt('S', use) + attempt('U', use)).join(''));
    expect(traps.map(causeOf)).toEqual(uses.flatMap(() => [0, 2]));
  });

  it('the root in satp has 44 bits in each mode', () => {
    const all = (1n << 44n) - 1n;
    const values = [8n, 9n, 10n].map((mode) => (mode << 60n) | all);
    const { values: read } = run(engine(), values.map((value) => setCsr('satp', value) + recordCsr('satp')).join(''));
    expect(read).toEqual(values);
  });

  it('SEIP and STIP of sip are read-only there, SSIP is written', () => {
    const { values } = run(
      engine(),
      `${setCsr('mideleg', -1)} ${setCsr('sip', -1)} ${recordCsr('sip')}
       ${setCsr('mip', -1)} csrw sip, zero
       ${recordCsr('sip')}`,
    );
    expect(values.map(Number)).toEqual([SSIP, SEIP | STIP]);
  });

  it('an interrupt for S-mode comes before any for a mode below it', () => {
    const { traps } = run(
      engine(),
      `la t0, _vs_trap\n csrw vstvec, t0
       ${setCsr('mideleg', S_BITS)} ${setCsr('hideleg', VSSIP)} ${setCsr('mie', S_BITS | VSSIP)}
       ${setCsr('mip', STIP)} ${setCsr('hvip', VSSIP)} ${attempt('VU', 'nop')}
       li t0, ${STIP}
       csrc mip, t0
       ${attempt('VU', 'nop')}`,
    );
    expect(traps.map(({ level, cause }) => `${level} ${cause}`)).toEqual(['HS 5', 'VS 1']);
  });

  it('sfence.vma of an address that is none does nothing, and does not fault', () => {
    const { traps } = run(
      engine(),
      [1n << 39n, 1n << 63n, -1n << 38n].map((va) => attempt('S', `li a0, ${va}\n sfence.vma a0`)).join(''),
    );
    expect(traps.map(causeOf)).toEqual([0, 0, 0]);
  });

  it('bits above the width of ASID mean nothing to sfence.vma', () => {
    for (const bit of [16, 40, 63]) {
      const tables = new Tables();
      const root = tables.withCode();
      const slot = tables.map(root, VA, DATA, RW);
      const { values } = run(
        engine(),
        `${setCsr('satp', atp(root, 1))} ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)`)}
         li a2, ${slot}\n li a3, ${entry(DATA + 0x1000, RW)}\n sd a3, 0(a2)
         li a5, (1 << ${bit}) | 1\n sfence.vma zero, a5
         ${attempt('S', `li a0, ${VA}\n ld a2, 0(a0)`)} ${record('a1', 'a2')}`,
        new Map([...tables.words, [DATA, 1n], [DATA + 0x1000, 2n]]),
      );
      expect(values, `bit ${bit}`).toEqual([1n, 2n]);
    }
  });

  it('satp.MODE and satp.ASID act at once, from and to Bare', () => {
    const tables = new Tables();
    const [one, two] = [1, 2].map((id) => {
      const root = tables.withCode();
      tables.map(root, DATA, DATA + id * 0x1000, RW);
      return setCsr('satp', atp(root, id));
    });
    const load = `${attempt('S', `li a0, ${DATA}\n ld a1, 0(a0)`)} ${record('a1')}`;
    const bare = 'csrw satp, zero\n';
    const { values } = run(
      engine(),
      [bare, one, two, bare, two, one].map((text) => text + load).join(''),
      new Map([...tables.words, ...[0, 1, 2].map((i) => [DATA + i * 0x1000, BigInt(i)] as const)]),
    );
    expect(values).toEqual([0n, 1n, 2n, 0n, 2n, 1n]);
  });

  for (const [name, levels, mode, csr] of [
    ['Sv48', 4, 'S', 'satp'],
    ['Sv57', 5, 'S', 'satp'],
    ['Sv48 of a guest', 4, 'VS', 'vsatp'],
    ['Sv57 of a guest', 5, 'VS', 'vsatp'],
  ] as const) {
    const bits = 9 * levels + 12;
    it(`${name} translates ${bits} bits, sign-extended, through ${levels} levels`, () => {
      const { tables, satp, lower } = deep(levels);
      const half = (1n << 64n) - (1n << BigInt(bits - 1));
      // The lowest address of the upper half, by tables of its own.
      const chain = lower.map((root, i) => (i === 0 ? root : tables.root()));
      chain.forEach((table, i) => {
        const below = chain[i + 1];
        if (below !== undefined) tables.words.set(table + (i === 0 ? 8 * 256 : 0), entry(below, PTE.V));
      });
      tables.map(chain.at(-1) ?? 0, 0, DATA, RWX);
      tables.map(lower.at(-1) ?? 0, VA, DATA, RWX);
      const wrong = [
        half - 1n - 7n,
        1n << BigInt(bits - 1),
        (1n << BigInt(bits)) | BigInt(VA),
        (1n << 63n) | BigInt(VA),
      ];
      const { traps } = run(
        engine(),
        `${setCsr(csr, satp)}
         ${[half, BigInt(VA)].flatMap((va) => ACCESSES.map((kind) => access(mode, kind, va))).join('')}
         ${wrong.flatMap((va) => ACCESSES.map((kind) => access(mode, kind, va))).join('')}`,
        withData(tables),
      );
      expect(traps.slice(0, 6).map(causeOf)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(traps.slice(6).map((trap) => [causeOf(trap), trap.tval])).toEqual(
        wrong.flatMap((va) => ACCESSES.map((kind) => [PAGE_FAULT[kind], va])),
      );
    });

    it(`${name}: an entry of any level may be a leaf, of a page as large as the level, aligned so`, () => {
      const { tables, satp, lower } = deep(levels);
      const low = lower.at(-1) ?? 0;
      const words: [number, bigint][] = [];
      const good: bigint[] = [];
      const bad: bigint[] = [];
      // RAM lies in the first 4 GiB: of the aligned pages of the upper levels only the first holds it.
      tables.map(low, VA & ~0x1fffff, DATA, RW, 1);
      good.push(BigInt(VA & ~0x1fffff) + 8n);
      tables.map(low, 0x140000000, CODE, RW, 2);
      good.push(0x140000000n + BigInt(DATA - CODE) + 8n);
      lower.slice(0, -1).forEach((table, i) => {
        const size = 1n << BigInt(12 + 9 * (levels - 1 - i));
        words.push([table + 8 * 3, entry(0, RW)], [table + 8 * 4, entry(2 ** 30, RW)]);
        good.push(3n * size + BigInt(DATA) + 8n);
        bad.push(4n * size + 8n);
      });
      const { traps, values } = run(
        engine(),
        `${setCsr(csr, satp)} ${good.map((va) => `li a1, 0\n ${attempt(mode, `li a0, ${va}\n ld a1, 0(a0)`)} ${record('a1')}`).join('')}
         ${bad.map((va) => access(mode, 'load', va)).join('')}`,
        new Map([...tables.words, ...words, [DATA + 8, 55n]]),
      );
      expect(values).toEqual(good.map(() => 55n));
      expect(traps.map(causeOf)).toEqual([...good.map(() => 0), ...bad.map(() => 13)]);
    });
  }
}
