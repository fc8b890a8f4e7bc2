// A guest's CSRs by the names that it has for them. Under a hypervisor most have a double: the guest's `satp` is vsatp.

import { CSR_NAMES, type CsrName, type HartPort } from '../machine/index.ts';

export interface GuestCsr {
  readonly row: CsrName;
  /** What to add to the number of a bit: pending bits of a guest lie one further. */
  readonly shift: number;
}

/** No double: the hypervisor exchanges them when it changes guests. */
const SHARED: ReadonlySet<string> = new Set(['scounteren', 'senvcfg']);
/** Where the pending bits are that hardware sets. */
const PENDING = { native: 'mip', guest: 'hvip' } as const;

function rowOf(name: string): CsrName {
  const row = CSR_NAMES.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`the machine has no CSR ${name}`);
  return row;
}

export function supervisorCsr(name: string, mode: HartPort['mode']): GuestCsr {
  const isVirtual = mode === 'VS' || mode === 'VU';
  if (name === 'sip') return { row: rowOf(isVirtual ? PENDING.guest : PENDING.native), shift: isVirtual ? 1 : 0 };
  return { row: rowOf(isVirtual && !SHARED.has(name) ? `v${name}` : name), shift: 0 };
}
