// Who called what crashed. The chains that are expected are read off the C: who calls saboteur_poll, and how its threads begin.
import { beforeAll, describe, expect, it } from 'vitest';
import { constants, layouts } from '../../images/index.ts';
import { backtrace, type ReadMemory } from '../../src/scenario/backtrace.ts';
import { type PlannedGuest, planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { bootPlan, openShipped } from './boot-guests.ts';

const CYCLES = 60_000_000;
const UNIT = 3n;
const UNMAPPED = 0x10n;

const { scenario, images } = openShipped((text) => text);
const plans = planBoots(findMode('native'), scenario, images);

interface Crashed {
  readonly guest: PlannedGuest;
  readonly read: ReadMemory;
}

function crashed(name: string, bug: number, target = 0n): Crashed {
  const plan = plans.find(({ guests }) => guests[0]?.name === name);
  const guest = plan?.guests[0];
  if (plan === undefined || guest === undefined) throw new RangeError(`no guest ${name}`);
  const booted = bootPlan('native', plan);
  const read: ReadMemory = (address, length) => booted.machine.read(address, length);
  expect(backtrace(guest, read)).toEqual([]);
  booted.monitor(guest.index).setMailbox({ bug: BigInt(bug), target, value: 1n, work: UNIT, args: [] });
  booted.machine.run(CYCLES);
  expect(booted.monitor(guest.index).crashes.count).toBe(1);
  return { guest, read };
}

const namesOf = ({ guest, read }: Crashed): string[] =>
  backtrace(guest, read).map((frame) => frame.replace(/\+0x[0-9a-f]+$/, ''));

describe('the backtrace of a panic', () => {
  const control = ['saboteur_poll', 'control_task', 'task_begin'];
  it.each([
    ['that a function asks for', constants.BUG_PANIC, 0n, ['panic', 'planned_panic', ...control]],
    // A leaf, in which s0 is restored before the store.
    [
      'in a function that calls nobody',
      constants.BUG_STORE64,
      UNMAPPED,
      ['panic_trap', 'trap_handler', 'trap at store64', ...control],
    ],
    [
      'at a place where no code is',
      constants.BUG_JUMP,
      UNMAPPED,
      ['panic_trap', 'trap_handler', 'trap at 0x10', ...control],
    ],
  ])('of rtos %s names its callers', (_name, bug, target, callers) => {
    expect(namesOf(crashed('rtos', bug, target))).toEqual(callers);
  });

  it('of unix leads through its system call into the program of a user', () => {
    expect(namesOf(crashed('unix', constants.BUG_STORE64, UNMAPPED))).toEqual([
      ...['panic_trap', 'trap_handler', 'trap at store64', 'saboteur_poll'],
      ...['work_read', 'sys_work', 'syscall', 'trap_handler'],
      expect.stringMatching(/^trap in user code at 0x1/),
    ]);
  });
});

describe('a stack that somebody filled', () => {
  let found: Crashed;
  let start: bigint;
  beforeAll(() => {
    found = crashed('rtos', constants.BUG_STORE64, UNMAPPED);
    start = wordAt(BigInt(found.guest.symbols.address('panic_frame')));
  });

  const wordAt = (address: bigint): bigint => {
    const bytes = found.read(Number(address), 8);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  };

  /** The walk over memory in which some words are others. */
  function walkWith(changes: readonly (readonly [address: bigint, value: bigint])[]): string[] {
    const changed = new Map(changes.map(([address, value]) => [Number(address), value]));
    return backtrace(found.guest, (address, length) => {
      const value = changed.get(address);
      if (value === undefined) return found.read(address, length);
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
      return bytes;
    });
  }
  /** As above, with the frame of panic_trap and what it says of its caller. */
  const callerOf = (value: bigint) => walkWith([[start - 16n, value]]);

  it('ends the walk with a mark where a frame calls itself, or goes down', () => {
    expect(callerOf(start)).toEqual([expect.stringMatching(/^panic_trap/), expect.stringMatching(/^\(frame .* below/)]);
    expect(callerOf(start - 64n).at(-1)).toMatch(/^\(frame .* below/);
  });

  it('ends the walk at a frame that is misaligned, or not the guest’s', () => {
    expect(callerOf(start + 40n).at(-1)).toMatch(/^\(misaligned frame/);
    const { base, size } = found.guest.memory;
    const foreign = [1n << 32n, BigInt(base + size) + 0x1000n, (1n << 64n) - 16n];
    for (const address of foreign) expect(callerOf(address).at(-1)).toMatch(/^\(frame .* outside the guest\)$/);
    expect(callerOf(16n).at(-1)).toMatch(/below/);
    const place = BigInt(found.guest.symbols.address('panic_frame'));
    for (const address of [16n, BigInt(base), ...foreign]) {
      expect(walkWith([[place, address]])).toEqual([expect.stringMatching(/outside the guest\)$/)]);
    }
  });

  it('ends the walk where no code returns to', () => {
    for (const pc of [0n, 1n, BigInt(found.guest.memory.base) - 2n, start]) {
      expect(walkWith([[start - 8n, pc]])).toEqual([expect.stringMatching(/^\(no code at 0x/)]);
    }
  });

  it('crosses no more traps than it shows frames, though each led to the next', () => {
    const trapReturn = BigInt(found.guest.symbols.address('trap_return'));
    const { sepc, sstatus, x } = layouts.trap_frame.fields;
    const frames = walkWith([
      [start - 8n, trapReturn],
      [start + BigInt(sepc.offset), 0n],
      [start + BigInt(sstatus.offset), 0x100n],
      [start + BigInt(x.offset), 0n],
      [start + BigInt(x.offset + 56), start],
    ]);
    expect(frames.at(-1)).toBe('(and more)');
    expect(frames.length).toBeLessThan(20);
  });

  it('never throws, whatever is in memory', () => {
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 8;
    };
    const { memory, symbols } = found.guest;
    // Mostly what could be a frame, a return address or a trap's, so that walks get far.
    const likely = () =>
      [start + BigInt(16 * (random() % 64)), BigInt(memory.base + (random() % 0x2000)), BigInt(random())][random() % 3];
    const trapReturn = BigInt(symbols.address('trap_return'));
    let longest = 0;
    for (let run = 0; run < 2000; run++) {
      const frames = backtrace(found.guest, (address, length) => {
        if (address < memory.base + 0x3000 || random() % 8 === 0) return found.read(address, length);
        const bytes = new Uint8Array(8);
        const value = random() % 8 === 0 ? trapReturn : (likely() ?? 0n);
        new DataView(bytes.buffer).setBigUint64(0, value, true);
        return bytes;
      });
      longest = Math.max(longest, frames.length);
    }
    expect(longest).toBeGreaterThan(3);
    expect(longest).toBeLessThan(20);
  });
});
