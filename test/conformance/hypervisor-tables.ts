import { expect } from 'vitest';
import { ACCESS_FAULT, ACCESSES, access, causeOf, each, GUEST_FAULT } from './access.ts';
import type { Suite } from './engine.ts';
import { CODE, record, run, setCsr, VA } from './program.ts';
import { atp, entry, levelSize, PTE, RW, RWX, Tables } from './tables.ts';
import { GPA, on, twoStages, withData } from './two-stages.ts';

const U = PTE.U;
/** Beyond all memory, but not beyond the 56 bits of a physical address. */
const FAR = 2 ** 32;

/** What entries of the tables of a guest and of its G-stage may hold. "Privileged ISA" 12.4.1, 15.5.1. */
export function hypervisorTables({ engine, it }: Suite): void {
  it('reserved bits of a G-stage entry are guest page faults; RSW and G are software’s', () => {
    const { tables, root, guest } = twoStages();
    const refused = [54, 58, 60, 61, 63];
    const ignored = [5, 8, 9];
    const place = [...refused, ...ignored].map((bit, i): [number, bigint] => {
      const gpa = GPA + (i + 1) * 0x1000;
      tables.map(root, VA + (i + 1) * 0x1000, gpa, RWX);
      const data = tables.map(guest, gpa, 0x80200000, RWX | U);
      return [data, entry(0x80200000, RWX | U) | (1n << BigInt(bit))];
    });
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${place.map((_, i) => each('VS', VA + (i + 1) * 0x1000)).join('')}`,
      new Map([...withData(tables), ...place]),
    );
    const faults = ACCESSES.map((kind) => GUEST_FAULT[kind]);
    expect(traps.map(causeOf)).toEqual([...refused.flatMap(() => faults), ...ignored.flatMap(() => [0, 0, 0])]);
  });

  it('D, A and U are reserved in a pointer of the G-stage too', () => {
    const { tables, root, guest } = twoStages();
    const flags = [0, PTE.A, PTE.D, PTE.U];
    const place = flags.map((flag, i): [number, bigint] => {
      const gpa = GPA + (i + 1) * levelSize(1);
      tables.map(root, VA + (i + 1) * 0x1000, gpa, RWX);
      const slot = tables.map(guest, gpa, 0x80200000, RWX | U);
      const pointer = tables.map(guest, gpa, 0, 0, 1);
      return [pointer, entry(slot - (slot % 0x1000), PTE.V | flag)];
    });
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${flags.map((_, i) => access('VS', 'load', VA + (i + 1) * 0x1000)).join('')}`,
      new Map([...withData(tables), ...place]),
    );
    expect(traps.map(causeOf)).toEqual([0, 21, 21, 21]);
  });

  it('a physical address has 56 bits, in leaf, pointer and root alike: what is far away is not in RAM', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const far = 0x30000000;
    tables.map(root, VA, 0x80200000 + FAR, RWX);
    const slot = tables.map(root, far, 0x80200000, RWX);
    const pointer = tables.map(root, far, 0, 0, 1);
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${each('S', VA)} ${each('S', far)}
       ${setCsr('satp', atp(root + FAR))} sfence.vma
       ${access('S', 'load', 0x80200000)}`,
      new Map([...withData(tables), [pointer, entry(slot - (slot % 0x1000) + FAR, PTE.V)]]),
    );
    const faults = ACCESSES.map((kind) => ACCESS_FAULT[kind]);
    expect(traps.map(causeOf)).toEqual([...faults, ...faults, ACCESS_FAULT.fetch]);
  });

  it('so it is in the G-stage', () => {
    const { tables, root, guest } = twoStages();
    const gpas = [GPA + 0x1000, GPA + levelSize(1)] as const;
    for (const [i, gpa] of gpas.entries()) tables.map(root, VA + (i + 1) * 0x1000, gpa, RWX);
    tables.map(guest, gpas[0], 0x80200000 + FAR, RWX | U);
    const slot = tables.map(guest, gpas[1], 0x80200000, RWX | U);
    const pointer = tables.map(guest, gpas[1], 0, 0, 1);
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${each('VS', VA + 0x1000)} ${each('VS', VA + 0x2000)}
       ${setCsr('hgatp', atp(guest + FAR))} hfence.gvma
       ${access('VS', 'load', VA)}`,
      new Map([...withData(tables), [pointer, entry(slot - (slot % 0x1000) + FAR, PTE.V)]]),
    );
    const faults = ACCESSES.map((kind) => ACCESS_FAULT[kind]);
    expect(traps.map(causeOf)).toEqual([...faults, ...faults, ACCESS_FAULT.fetch]);
  });

  it('a guest-physical address keeps all its bits on its way to the G-stage', () => {
    const { tables, root, guest } = twoStages();
    const far = 0x30000000;
    // Beyond 32 bits, and beyond the 41 of Sv39x4.
    const gpas = [GPA + FAR, GPA + 2 ** 41];
    for (const [i, gpa] of gpas.entries()) tables.map(root, VA + (i + 1) * 0x1000, gpa, RW);
    const slot = tables.map(root, far, GPA, RW);
    const pointer = tables.map(root, far, 0, 0, 1);
    const table = slot - (slot % 0x1000) + FAR;
    const { traps } = run(
      engine(),
      `${on(root, guest)} ${[VA + 0x1000, VA + 0x2000, far].map((va) => access('VS', 'load', va)).join('')}`,
      new Map([...withData(tables), [pointer, entry(table, PTE.V)]]),
    );
    expect(traps.map(({ cause, tval2 }) => [cause, tval2])).toEqual([
      ...gpas.map((gpa) => [21, BigInt(gpa) / 4n]),
      [21, BigInt(table + (slot % 0x1000)) / 4n],
    ]);
  });

  it('A and D of the host’s own tables, and of those of the G-stage, are no matter of a G-stage', () => {
    const tables = new Tables();
    const clear = PTE.V | PTE.R | PTE.W | PTE.X;
    const host = tables.withCode();
    const own = tables.map(host, VA, 0x80200000, clear);
    // It maps code and one page of data, and no table.
    const guest = tables.root(true);
    tables.map(guest, CODE, CODE, RWX | U, 1);
    const leaf = tables.map(guest, GPA, 0x80200000, clear | U);
    const { traps, values } = run(
      engine(),
      `${setCsr('menvcfg', 1n << 61n)} ${setCsr('satp', atp(host))} ${setCsr('hgatp', atp(guest))}
       ${access('S', 'store', VA)} ${access('VS', 'store', GPA)}
       ${[own, leaf].map((slot) => `li a0, ${slot}\n lbu a0, 0(a0)\n ${record('a0')}`).join('')}`,
      withData(tables),
    );
    expect(traps.map(causeOf)).toEqual([0, 0]);
    expect(values.map((pte) => Number(pte) & (PTE.A | PTE.D))).toEqual([0xc0, 0xc0]);
  });
}
