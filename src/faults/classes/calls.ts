// HCL: what a guest may say to the layer.

import { BUG } from '../saboteur.ts';
import { type Aim, awaiting, directed, type FaultClass } from './fault-class.ts';

const FLOW = 'incorrect execution flow';
const BLOCKING = 'blocking of execution';
const CORRUPTION = 'corruption of information';
const MASQUERADE = 'masquerade or incorrect addressing';

/** Extensions of the SBI 2.0, and functions of theirs. */
const BASE = 0x10n;
const DBCN = 0x4442_434en;
const HSM = 0x48_534dn;
const WRITE = 0n;
const HART_START = 0n;
/** No extension has this number. */
const UNKNOWN = 0x0bad_0badn;
const ONES = 0xffff_ffff_ffff_ffffn;
/** Bytes that one call writes at most. */
const WRITTEN = 64n;

const call = (target: bigint, value: bigint, args: readonly bigint[]) => ({ bug: BUG.CALL, target, value, args });

/** Arguments of a console write: length, and address in two halves. */
const ARGUMENTS: readonly (readonly [id: string, name: string, args: (aim: Aim) => readonly bigint[]])[] = [
  ['foreign', 'memory of another guest', ({ to }) => [WRITTEN, BigInt(to.symbol('canary')), 0n]],
  ['layer', 'memory of the layer', ({ layerTrapHandler }) => [WRITTEN, BigInt(layerTrapHandler), 0n]],
  ['device', 'a device', ({ board }) => [WRITTEN, BigInt(board.finisher), 0n]],
  ['length', 'a length without end', ({ from }) => [ONES, BigInt(from.symbol('canary')), 0n]],
  ['end', 'memory that ends too soon', ({ from }) => [WRITTEN, BigInt(from.memory.base + from.memory.size - 8), 0n]],
  ['wrap', 'an address that wraps around', () => [WRITTEN, ONES, ONES]],
];

export const calls: readonly FaultClass[] = [
  directed('HCL-1', 'unknown extension', FLOW, () => call(UNKNOWN, 0n, [])),
  directed('HCL-1-function', 'unknown function', FLOW, () => call(BASE, ONES, [])),
  ...ARGUMENTS.map(([id, name, args]) =>
    directed(`HCL-2-${id}`, `call that names ${name}`, CORRUPTION, (aim) => call(DBCN, WRITE, args(aim))),
  ),
  directed('HCL-3', 'hart started that runs', 'incorrect sequence of information', ({ to }) =>
    call(HSM, HART_START, [0n, BigInt(to.symbol('trap_entry')), 0n]),
  ),
  directed('HCL-4', 'hart started that is not its own', MASQUERADE, ({ to }) =>
    call(HSM, HART_START, [1n, BigInt(to.symbol('trap_entry')), 0n]),
  ),
  awaiting('directed', 'HCL-5', 'argument changed while it is read', 'inconsistent data', 'needs a second hart'),
  directed('HCL-6', 'flood of calls', BLOCKING, () => ({
    bug: BUG.CALL_FOR_EVER,
    target: BASE,
    value: 0n,
  })),
  awaiting('directed', 'HCL-7', 'call from a wrong mode', FLOW, 'an ecall from U-mode goes to the guest itself'),
  awaiting('directed', 'HCL-8', 'long call without pre-emption', BLOCKING, 'no call is long'),
  awaiting('directed', 'HCL-9', 'huge list of regions', BLOCKING, 'no call takes a list'),
  awaiting('random', 'HCL-10', 'mutated exits replayed', FLOW, 'needs a recorder of exits'),
];
