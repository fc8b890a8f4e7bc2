import { expect } from 'vitest';
import { ACCESSES, access, causeOf, each, GUEST_FAULT } from './access.ts';
import type { Suite } from './engine.ts';
import { record, run, setCsr, VA } from './program.ts';
import { entry, PTE, RW, RWX, type Tables } from './tables.ts';
import { on, twoStages, withData } from './two-stages.ts';

const U = PTE.U;
const MXR = 1 << 19;
const ADUE = 1n << 61n;

/** The G-stage entry of a page that `withGuest` maps in place. */
function guestSlot(tables: Tables, guest: number, gpa: number): number {
  const flags = RW | U;
  return tables.map(guest, gpa, gpa, flags);
}

/** What a walk of a guest's tables asks of the G-stage, and what it writes there. "Privileged ISA" 15.5.1, 15.6.3. */
export function hypervisorWalks({ engine, it }: Suite): void {
  it('MXR does not open the reading of page tables themselves', () => {
    const { tables, root, guest, leaf } = twoStages();
    const table = leaf - (leaf % 0x1000);
    tables.words.set(guestSlot(tables, guest, table), entry(table, PTE.V | PTE.X | U | PTE.A | PTE.D));
    const { traps } = run(
      engine(),
      `${on(root, guest)} li t0, ${MXR}\n csrs mstatus, t0\n ${access('VS', 'load', VA)}`,
      withData(tables),
    );
    expect(traps[0]).toMatchObject({ cause: 21, tval: BigInt(VA), tval2: BigInt(leaf / 4), tinst: 0x3000n });
  });

  it('the page tables of a guest are guest-physical: a walk that the G-stage refuses tells which entry, by a pseudoinstruction', () => {
    const { tables, root, guest, leaf } = twoStages();
    const table = leaf - (leaf % 0x1000);
    tables.words.set(guestSlot(tables, guest, table), 0n);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${each('VS', VA + 0x18)} ${setCsr('medeleg', 0xf00000)} ${each('VS', VA + 0x18)}`,
      withData(tables),
    );
    const want = ACCESSES.map((kind) => [GUEST_FAULT[kind], BigInt(VA + 0x18), BigInt(leaf / 4), 0x3000n]);
    expect(traps.map((trap) => [trap.cause, trap.tval, trap.tval2, trap.tinst])).toEqual([...want, ...want]);
    expect(traps.map(({ level }) => level)).toEqual(['M', 'M', 'M', 'HS', 'HS', 'HS']);
  });

  it('setting A or D in a guest’s table is a write there: refused, it says so', () => {
    const { tables, root, guest, leaf } = twoStages(PTE.V | PTE.R | PTE.W | PTE.X);
    const table = leaf - (leaf % 0x1000);
    tables.words.set(guestSlot(tables, guest, table), entry(table, PTE.V | PTE.R | U | PTE.A));
    const { traps, values } = run(
      engine(),
      `${setCsr('menvcfg', ADUE)} ${setCsr('henvcfg', ADUE)} ${on(root, guest)} ${each('VS', VA)}
       li a0, ${leaf}
       lbu a0, 0(a0)
       ${record('a0')}`,
      withData(tables),
    );
    expect(traps.map((trap) => [trap.cause, trap.tval2, trap.tinst])).toEqual(
      ACCESSES.map((kind) => [GUEST_FAULT[kind], BigInt(leaf / 4), 0x3020n]),
    );
    expect(values).toEqual([15n]);
  });

  it('A and D: henvcfg.ADUE decides for the first stage, menvcfg.ADUE for the second', () => {
    const bare = PTE.V | PTE.R | PTE.W | PTE.X;
    const results = [0n, 1n, 2n, 3n].map((which) => {
      const { tables, root, guest, leaf, guestLeaf } = twoStages(bare, which & 2n ? RWX | U : bare | U);
      const { traps, values } = run(
        engine(),
        `${setCsr('menvcfg', which === 0n ? 0n : ADUE)} ${setCsr('henvcfg', which & 1n ? ADUE : 0n)} ${on(root, guest)}
         ${access('VS', 'store', VA)}
         ${[leaf, guestLeaf].map((slot) => `li a0, ${slot}\n lbu a0, 0(a0)\n ${record('a0')}`).join('')}`,
        withData(tables),
      );
      return [causeOf(traps[0]), ...values.map((pte) => Number(pte & 0xc0n))];
    });
    expect(results).toEqual([
      [15, 0, 0],
      [0, 0xc0, 0xc0],
      [15, 0, 0xc0],
      [0, 0xc0, 0xc0],
    ]);
  });

  it('A and D of the second stage without ADUE are guest page faults', () => {
    const { tables, root, guest } = twoStages(RWX, PTE.V | PTE.R | PTE.W | PTE.X | U | PTE.A);
    const { traps } = run(engine(), `${on(root, guest)} ${each('VS', VA)}`, withData(tables));
    expect(traps.map(causeOf)).toEqual([0, 23, 0]);
  });
}
