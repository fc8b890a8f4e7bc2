// Ledger entries as records: names for numbers, symbols beside addresses.

import type { LedgerEntry } from '../machine/index.ts';
import type { EffectRecord, RefusalRecord } from './records.ts';
import type { Refusal } from './refusals.ts';
import type { Rig } from './rig.ts';

type Party = LedgerEntry['owner'];

function partyName(rig: Rig, party: Party): string {
  if (typeof party !== 'number') return party;
  return rig.guests.find((guest) => guest.index === party)?.name ?? `guest ${party}`;
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

export function refusalRecord(rig: Rig, from: number, refusal: Refusal): RefusalRecord {
  const { by, cause, owner, address, pc, count } = refusal;
  return {
    by,
    cause,
    owner: partyName(rig, owner),
    address: hex(address),
    symbol: rig.symbolAt(address),
    pcSymbol: rig.symbolAtPc(from, pc),
    count,
  };
}

export function effectRecord(rig: Rig, entry: LedgerEntry): EffectRecord {
  return {
    kind: entry.kind,
    from: partyName(rig, entry.from),
    onBehalf: entry.onBehalf === undefined ? '' : partyName(rig, entry.onBehalf),
    owner: partyName(rig, entry.owner),
    address: hex(entry.address),
    symbol: rig.symbolAt(rig.named(entry.address)),
    pc: hex(entry.pc),
    pcSymbol: rig.symbolAtPc(entry.from, entry.pc),
    cycle: entry.cycle,
    instret: entry.instret,
    changed: entry.changed,
    count: entry.count,
    tainted: entry.tainted,
  };
}
