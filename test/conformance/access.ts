import { attempt, type Mode, type Trap, USER_ALIAS } from './program.ts';

/** `ecall` with the harness's a7 as the content of a page: fetching it ends an attempt well. */
export const ECALL = 0x73n;

export type Access = 'load' | 'store' | 'fetch';
export const ACCESSES: readonly Access[] = ['load', 'store', 'fetch'];
export const PAGE_FAULT: Readonly<Record<Access, number>> = { load: 13, store: 15, fetch: 12 };
export const GUEST_FAULT: Readonly<Record<Access, number>> = { load: 21, store: 23, fetch: 20 };
export const ACCESS_FAULT: Readonly<Record<Access, number>> = { load: 5, store: 7, fetch: 1 };

/** One access to an address whose page holds ECALL; memory keeps its value. User modes run the alias of the code. */
export function access(mode: Mode, kind: Access, address: bigint | number, alias = USER_ALIAS): string {
  const use = { load: 'ld a1, 0(a0)', store: `li a1, ${ECALL}\n sd a1, 0(a0)`, fetch: 'li a7, 0x600d\n jr a0' }[kind];
  return attempt(mode, `li a0, ${address}\n ${use}`, mode === 'U' || mode === 'VU' ? alias : 0);
}

/** All three, in the order of ACCESSES. */
export const each = (mode: Mode, address: bigint | number, alias = USER_ALIAS): string =>
  ACCESSES.map((kind) => access(mode, kind, address, alias)).join('');

/** Cause of the trap that ended an attempt, 0 where none did. */
export const causeOf = (trap: Trap | undefined): number =>
  trap === undefined || trap.level === 'none' ? 0 : trap.cause;
