// What the machine is told about worlds: whose each page of RAM is, and how to see who runs. Software cannot ask for it.

import { RAM_BASE } from './board.ts';
import { NO_WORLD, OWNER, PARTY } from './hart/layout.ts';
import type { Party } from './ledger.ts';
import { type MachineMemory, PAGE } from './memory.ts';
import type { WorldsRule } from './options.ts';

/** Bytes of a hart's current_guest. */
const WORD = 4;

/** A range of RAM. Bounds are multiples of 4 KiB. A channel is everybody's. */
export interface Owned {
  readonly base: number;
  readonly size: number;
  readonly owner: Party | 'channel';
}

export function noteNobody({ bytes, map, ramPages }: MachineMemory): void {
  bytes.fill(OWNER.free, map.ownerMap, map.ownerMap + ramPages);
}

/** Later ranges win. What harts know of pages is stale afterwards. */
export function noteOwners({ bytes, map }: MachineMemory, ranges: readonly Owned[]): void {
  for (const { base, size, owner } of ranges) {
    const first = Math.floor((base - RAM_BASE) / PAGE);
    const code = typeof owner === 'number' ? OWNER.guest + owner : OWNER[owner];
    const start = map.ownerMap + Math.max(0, first);
    bytes.fill(code, start, Math.min(start + Math.ceil(size / PAGE), map.codeMap));
  }
}

export function noteWorlds({ harts, map }: MachineMemory, rule: WorldsRule): void {
  for (const [index, hart] of harts.entries()) {
    hart.set('machine_party', PARTY[rule.machineMode]);
    hart.set('supervisor_party', rule.supervisorMode === 'guest' ? PARTY.guest : PARTY.layer);
    hart.set('only_world', rule.only ?? NO_WORLD);
    hart.set(
      'current_guest',
      rule.currentGuest === undefined ? 0 : map.ram + (rule.currentGuest - RAM_BASE) + WORD * index,
    );
    // A root that no hgatp can hold: the field has 44 bits.
    for (let guest = 0; guest < 8; guest++) hart.setWide('roots', 1n << 63n, guest);
    hart.set('worlds_switch', rule.currentGuest === undefined && rule.roots === undefined ? 0 : 1);
    for (const { paddr, guest } of rule.roots ?? []) hart.setCount('roots', Math.floor(paddr / PAGE), guest);
  }
}
