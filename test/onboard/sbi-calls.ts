// Every SBI call that a guest may think of, and its answer.
import { slotOf } from './boot-guests.ts';

const BASE = 0x10;
export const TIME = 0x54494d45;
export const IPI = 0x735049;
export const RFENCE = 0x52464e43;
export const HSM = 0x48534d;
export const SRST = 0x53525354;
const DBCN = 0x4442434e;
const ALL_ONES = (1n << 64n) - 1n;

export const SUCCESS = 0n;
export const FAILED = BigInt.asUintN(64, -1n);
const NOT_SUPPORTED = BigInt.asUintN(64, -2n);
const INVALID_PARAM = BigInt.asUintN(64, -3n);
const ALREADY_AVAILABLE = BigInt.asUintN(64, -6n);

export interface Call {
  readonly name: string;
  readonly id: number | bigint;
  readonly function: number | bigint;
  /** Numbers, or expressions of the assembler. */
  readonly args?: readonly (number | bigint | string)[];
  readonly error: bigint;
  readonly value?: bigint | number;
}

const base = (name: string, fid: number, value: number | bigint, arg: number | bigint = 0): Call => ({
  name: `base ${name}`,
  id: BASE,
  function: fid,
  args: [arg],
  error: SUCCESS,
  value,
});
const probe = (name: string, id: number | bigint, value: number): Call => base(`probe ${name}`, 3, value, id);
const call = (name: string, id: number | bigint, fid: number | bigint, args: Call['args'], error: bigint): Call => ({
  name,
  id,
  function: fid,
  ...(args === undefined ? {} : { args }),
  error,
});

export const SLOT_END = 'SLOT + 0x200000';
const write = (name: string, args: readonly (number | bigint | string)[], printed: number): Call => ({
  ...call(`write ${name}`, DBCN, 0, args, SUCCESS),
  value: printed,
});
const refused = (name: string, args: readonly (number | bigint | string)[]): Call =>
  call(`write ${name}`, DBCN, 0, args, INVALID_PARAM);

export const CALLS: readonly Call[] = [
  base('spec version', 0, 0x0200_0000),
  base('implementation', 1, 0x7ac0),
  base('implementation version', 2, 1),
  base('mvendorid', 4, 0),
  base('marchid', 5, 0),
  base('mimpid', 6, 0),
  probe('base', BASE, 1),
  probe('time', TIME, 1),
  probe('ipi', IPI, 1),
  probe('rfence', RFENCE, 1),
  probe('hsm', HSM, 1),
  probe('srst', SRST, 1),
  probe('dbcn', DBCN, 1),
  probe('pmu', 0x504d55, 0),
  probe('legacy console', 1, 0),
  probe('more than 32 bits', 0x1_0000_0010n, 0),
  call('base beyond its functions', BASE, 7, [], NOT_SUPPORTED),
  call('base, no function at all', BASE, ALL_ONES, [], NOT_SUPPORTED),
  call('unknown extension', 0x1234_5678, 0, [1, 2], NOT_SUPPORTED),
  call('extension of all ones', ALL_ONES, 0, [], NOT_SUPPORTED),
  call('extension of more than 32 bits', 0x1_0000_0010n, 0, [], NOT_SUPPORTED),
  call('legacy set_timer', 0, 0, [ALL_ONES], NOT_SUPPORTED),
  call('legacy putchar', 1, 0, [0x21], NOT_SUPPORTED),
  call('legacy shutdown', 8, 0, [], NOT_SUPPORTED),
  call('timer of never', TIME, 0, [ALL_ONES], SUCCESS),
  call('timer, unknown function', TIME, 1, [0], NOT_SUPPORTED),
  call('ipi to nobody', IPI, 0, [0, 0], SUCCESS),
  call('ipi to an absent hart', IPI, 0, [2, 0], INVALID_PARAM),
  call('ipi to absent harts further up', IPI, 0, [1, 64], INVALID_PARAM),
  call('ipi, unknown function', IPI, 1, [1, 0], NOT_SUPPORTED),
  call('fence.i of all harts', RFENCE, 0, [0, ALL_ONES], SUCCESS),
  call('sfence.vma of the own hart', RFENCE, 1, [1, 0, 0, ALL_ONES], SUCCESS),
  call('sfence.vma of an ASID', RFENCE, 2, [1, 0, 0, 0x1000, 5], SUCCESS),
  call('sfence.vma of an absent hart', RFENCE, 1, [2, 0, 0, 0], INVALID_PARAM),
  call('hfence.gvma', RFENCE, 3, [1, 0, 0, 0], NOT_SUPPORTED),
  call('hfence.vvma', RFENCE, 6, [1, 0, 0, 0], NOT_SUPPORTED),
  call('start of the own hart', HSM, 0, [0, 'SLOT', 0], ALREADY_AVAILABLE),
  call('start of an absent hart', HSM, 0, [1, 'SLOT', 0], INVALID_PARAM),
  call('status of the own hart', HSM, 2, [0], SUCCESS),
  call('status of an absent hart', HSM, 2, [1], INVALID_PARAM),
  call('suspend without memory', HSM, 3, [0x8000_0000, 0, 0], NOT_SUPPORTED),
  call('suspend of a reserved kind', HSM, 3, [1, 0, 0], INVALID_PARAM),
  call('hsm, unknown function', HSM, 4, [0], NOT_SUPPORTED),
  call('reset of a reserved type', SRST, 0, [3, 0], INVALID_PARAM),
  call('reset for a reserved reason', SRST, 0, [0, 2], INVALID_PARAM),
  call('reset, unknown function', SRST, 1, [0, 0], NOT_SUPPORTED),
  write('a line', [6, 'text', 0], 6),
  write('nothing', [0, 'text', 0], 0),
  write('more than a call takes', [100, 'text', 0], 64),
  write('a length without end', [ALL_ONES, 'text', 0], 64),
  write('the last bytes of the slot', [8, `${SLOT_END} - 8`, 0], 8),
  refused('across the end of the slot', [8, `${SLOT_END} - 7`, 0]),
  refused('before the slot', [8, 'SLOT - 4', 0]),
  refused('from the neighbour', [8, String(slotOf(1) + 0x1000), 0]),
  refused('from the layer', [8, 0x8000_0000, 0]),
  refused('from a device', [8, 0x1000_0000, 0]),
  refused('around the end of all addresses', [64, ALL_ONES, 0]),
  refused('beyond 64 bits', [8, 'text', 1]),
  call('read', DBCN, 1, [8, 'DATA', 0], SUCCESS),
  call('write of a byte', DBCN, 2, [0x2e], SUCCESS),
  call('console, unknown function', DBCN, 3, [0], NOT_SUPPORTED),
];
export const TEXT =
  'hello, this is the text that the guest has for its console; it is longer than a call may be, so it ends';
export const PRINTED = `${TEXT.slice(0, 6)}${TEXT.slice(0, 64)}${TEXT.slice(0, 64)}the-end!.`;
