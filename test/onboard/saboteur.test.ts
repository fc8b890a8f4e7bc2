// Every directed bug in every mode: it acts at its unit of work, does what it says and no more, the run stays bounded,
// and the layer goes on serving the neighbour.
import { describe, expect, it } from 'vitest';
import { constants } from '../../images/index.ts';
import type { LedgerEntry, Snapshot, Stop } from '../../src/machine/index.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootPlan, ISOLATING_MODES, MODES, openShipped } from './boot-guests.ts';

const WORK = 64;
/** The unit of work at which the bug acts, of 64 that take about 62 ms. */
const UNIT = 20;
const CYCLES = 100_000_000;
const VALUE = 0xdead_beef_cafe_f00dn;
const LOAD_FAULT = 5n;
const STORE_FAULT = 7n;
const FETCH_FAULT = 1n;
const FETCH_PAGE_FAULT = 12n;
const ILLEGAL = 2n;
/** What panic() reports where no trap led to it. */
const BY_SOFTWARE = 256n;

// All memory mapped in the kernel with paging, so that a wild pointer of either guest leads wherever the layer lets it.
const { scenario, images } = openShipped((text) => text.replace('map=own', 'map=all'));
const guests = scenario.guests;

interface Rig extends Booted {
  readonly reset: Snapshot;
}

/** One machine per boot, held at the reset vector. */
const rigs = new Map<string, Rig>();
function rig(mode: ModeName, faulty: number): Rig {
  const key = mode === 'native' ? `native ${faulty}` : mode;
  const known = rigs.get(key);
  if (known !== undefined) return known;
  const plans = planBoots(findMode(mode), scenario, images);
  const plan = plans.find((candidate) => candidate.guests.some(({ index }) => index === faulty));
  if (plan === undefined) throw new RangeError(`${mode} does not boot guest ${faulty}`);
  const booted = bootPlan(mode, plan);
  for (const { index } of plan.guests) booted.monitor(index).setDigestWords(WORK);
  const made = { ...booted, reset: booted.machine.snapshot() };
  rigs.set(key, made);
  return made;
}

const STEP_CYCLES = 5_000_000;
/** The act comes at about 20 ms; what does not end by itself is watched so long. */
const WATCH_CYCLES = 40_000_000;

/** To the end of all activity; where a guest never rests, until its neighbour has done its work. */
function runToVerdict(booted: Booted, faulty: number): Stop {
  const { machine, plan } = booted;
  const waiting = (): boolean => plan.guests.some(({ index }) => index !== faulty && !booted.monitor(index).ended);
  const harmless = (): boolean => booted.monitor(faulty).outputs.count > UNIT;
  let stop: Stop;
  do {
    stop = machine.run(machine.cycles + STEP_CYCLES);
  } while (
    stop.kind === 'limit' &&
    machine.cycles < CYCLES &&
    (machine.cycles < WATCH_CYCLES || waiting() || harmless())
  );
  return stop;
}

interface Seen {
  readonly rig: Rig;
  readonly stop: Stop;
  readonly words: bigint[];
  readonly crash: bigint | undefined;
  readonly ended: boolean;
  readonly ledger: readonly Pick<LedgerEntry, 'kind' | 'from' | 'owner' | 'address' | 'changed' | 'count'>[];
  readonly console: string;
}

function runWith(mode: ModeName, faulty: number, bug: number, target = 0n, value = VALUE): Seen {
  const booted = rig(mode, faulty);
  const { machine } = booted;
  machine.restore(booted.reset);
  booted.monitor(faulty).setMailbox({ bug: BigInt(bug), target, value, work: BigInt(UNIT), args: [] });
  const stop = runToVerdict(booted, faulty);
  const monitor = booted.monitor(faulty);
  return {
    rig: booted,
    stop,
    words: monitor.outputs.words(),
    crash: monitor.crash,
    ended: monitor.ended,
    ledger: machine.ledger.entries.map(({ kind, from, owner, address, changed, count }) => ({
      kind,
      from,
      owner,
      address,
      changed,
      count,
    })),
    console: machine.consoles[faulty]?.text() ?? '',
  };
}

interface Golden {
  readonly words: bigint[];
  readonly digest: string;
}
const golden: readonly Golden[] = guests.map(({ index }) => {
  const { rig: healthy, words, ended } = runWith('native', index, constants.BUG_NONE);
  expect(ended).toBe(true);
  return { words, digest: healthy.monitor(index).digest() };
});

/** Middle of the neighbour's slot: memory that it has never touched, all zero. */
function untouched(faulty: number): bigint {
  const memory = guests[1 - faulty]?.memory;
  return BigInt((memory?.base ?? 0) + (memory?.size ?? 0) / 2);
}

const CONSOLE_KEPT = 48 * 1024 + 16 * 1024 + 100;

/** What holds whatever the bug: nothing grows, nobody else suffers, words up to the act are the right ones. */
function expectContainedHarm(mode: ModeName, faulty: number, seen: Seen): void {
  const { machine } = seen.rig;
  expect(['limit', 'idle']).toContain(seen.stop.kind);
  expect(machine.cycles).toBeLessThan(CYCLES + 10_000);
  expect(seen.console.length).toBeLessThan(CONSOLE_KEPT);
  expect(machine.layerConsole.text()).toBe('');
  expect(machine.ledger.size).toBeLessThan(5);
  expect(seen.words.slice(0, UNIT)).toEqual(golden[faulty]?.words.slice(0, UNIT));
  if (mode === 'native') return;
  const other = 1 - faulty;
  const neighbour = seen.rig.monitor(other);
  expect(neighbour.ended).toBe(true);
  expect(neighbour.crash).toBeUndefined();
  expect(neighbour.digest()).toBe(golden[other]?.digest);
  expect(neighbour.foreignStores).toBe(0);
  // The kernel with deadlines has the higher priority, so nothing that the other does makes it late.
  const guest = guests[other];
  if (guest?.budget !== undefined) expect(neighbour.deadlineMax).toBeLessThan(guest.boundTicks);
  expectBudgetKept(seen.rig, faulty);
}

/** Of the whole run a guest with a budget had no more than its share, the layer's time on its behalf included. */
function expectBudgetKept({ machine }: Rig, faulty: number): void {
  const budget = guests[faulty]?.budget;
  const account = machine.accounting().guests[faulty];
  if (budget === undefined || account === undefined) return;
  const share = (account.cycles + account.layerCycles) / machine.cycles;
  expect(share).toBeLessThan(budget.budgetTicks / budget.periodTicks + 0.005);
}

const name = (faulty: number): string => guests[faulty]?.name ?? '';
const cells = MODES.flatMap((mode) => guests.map(({ index }) => [mode, name(index), index] as const));
/** Who owns the neighbour's memory: in `native` there is no neighbour. */
const ownerOf = (mode: ModeName, faulty: number): LedgerEntry['owner'] => (mode === 'native' ? 'free' : 1 - faulty);

function expectHealthy(faulty: number, seen: Seen): void {
  expect(seen.words).toEqual(golden[faulty]?.words);
  expect(seen.ended).toBe(true);
  expect(seen.crash).toBeUndefined();
}

function expectPanic(seen: Seen, cause: bigint, address: bigint): void {
  expect(seen.crash).toBe(cause);
  expect(seen.words.length).toBe(UNIT);
  expect(seen.console).toContain(`scause=0x${cause.toString(16)} `);
  expect(seen.console).toContain(`stval=0x${address.toString(16)}`);
}

describe.each(cells)('in %s, %s', (mode, _name, faulty) => {
  const target = untouched(faulty);
  const isolated = ISOLATING_MODES.some((name) => name === mode);
  const effect = (kind: LedgerEntry['kind'], changed: boolean, count = 1): Seen['ledger'][number] => ({
    kind,
    from: faulty,
    owner: ownerOf(mode, faulty),
    address: Number(target),
    changed,
    count,
  });
  const bytesThere = (seen: Seen, length: number): bigint =>
    seen.rig.machine.read(Number(target), length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

  it.each([
    ['stores 64 bits', constants.BUG_STORE64, VALUE],
    ['stores 32 bits', constants.BUG_STORE32, VALUE & 0xffff_ffffn],
  ])('%s once', (_what, bug, stored) => {
    const seen = runWith(mode, faulty, bug, target);
    expectContainedHarm(mode, faulty, seen);
    expect(seen.ledger).toEqual(isolated ? [] : [effect('write', true)]);
    expect(bytesThere(seen, 8)).toBe(isolated ? 0n : stored);
    if (isolated) expectPanic(seen, STORE_FAULT, target);
    else expectHealthy(faulty, seen);
  });

  it('stores again at each later unit', () => {
    const seen = runWith(mode, faulty, constants.BUG_STORE64_REPEATED, target);
    expectContainedHarm(mode, faulty, seen);
    const later = WORK - UNIT - 1;
    expect(seen.ledger).toEqual(isolated ? [] : [effect('write', true), effect('write', false, later)]);
  });

  it('loads once, and reports what it read', () => {
    const seen = runWith(mode, faulty, constants.BUG_LOAD64, target);
    expectContainedHarm(mode, faulty, seen);
    expect(seen.ledger).toEqual(isolated ? [] : [effect('read', false)]);
    expect(seen.rig.reports(faulty)).toEqual(isolated ? [] : [0n]);
    if (isolated) expectPanic(seen, LOAD_FAULT, target);
    else expectHealthy(faulty, seen);
  });

  // There is no IOMMU: a channel reaches whatever its guest names, in every mode.
  it('sends a page by DMA', () => {
    const seen = runWith(mode, faulty, constants.BUG_DMA, target);
    expectContainedHarm(mode, faulty, seen);
    expect(seen.ledger).toEqual([effect('dma', true)]);
    expect(bytesThere(seen, 8)).toBe(VALUE);
    expect(seen.rig.machine.read(Number(target) + 4096, 8)).toEqual(new Uint8Array(8));
    expectHealthy(faulty, seen);
  });

  it('jumps away', () => {
    const seen = runWith(mode, faulty, constants.BUG_JUMP, target);
    expectContainedHarm(mode, faulty, seen);
    const paged = name(faulty) === 'unix'; // its linear map is not executable
    expect(seen.ledger).toEqual(isolated || paged ? [] : [effect('fetch', false)]);
    if (paged) expectPanic(seen, FETCH_PAGE_FAULT, target);
    else if (isolated) expectPanic(seen, FETCH_FAULT, target);
    else expectPanic(seen, ILLEGAL, 0n);
  });

  it('changes its own page table, where it has one', () => {
    const seen = runWith(mode, faulty, constants.BUG_PAGE_TABLE, target);
    expectContainedHarm(mode, faulty, seen);
    if (name(faulty) !== 'unix') {
      expect(seen.ledger).toEqual([]);
      expectHealthy(faulty, seen);
    } else {
      expect(seen.ledger).toEqual(isolated ? [] : [effect('write', true)]);
      expect(bytesThere(seen, 8)).toBe(isolated ? 0n : VALUE);
      if (isolated) expect(seen.crash).toBe(STORE_FAULT);
    }
  });

  it('panics', () => {
    const seen = runWith(mode, faulty, constants.BUG_PANIC);
    expectContainedHarm(mode, faulty, seen);
    expect(seen.ledger).toEqual([]);
    expectPanic(seen, BY_SOFTWARE, 0n);
    expect(seen.console).toContain('panic: planned');
  });

  it.each([
    ['asks for a reset', constants.BUG_SBI_RESET],
    ['waits for ever with all interrupts masked', constants.BUG_WFI_MASKED],
  ])('%s', (_what, bug) => {
    const seen = runWith(mode, faulty, bug, 0n, 0n);
    expectContainedHarm(mode, faulty, seen);
    expect([seen.stop.kind, seen.words.length, seen.crash, seen.ledger]).toEqual(['idle', UNIT, undefined, []]);
  });

  it.each([
    ['spins with interrupts masked', constants.BUG_SPIN_MASKED],
    ['spins with interrupts on', constants.BUG_SPIN],
    ['traps for ever', constants.BUG_TRAP_STORM],
    ['faults in its trap handler', constants.BUG_DOUBLE_FAULT],
    ['floods its console', constants.BUG_CONSOLE_FLOOD],
  ])('%s', (_what, bug) => {
    const seen = runWith(mode, faulty, bug);
    expectContainedHarm(mode, faulty, seen);
    expect([seen.stop.kind, seen.words.length, seen.crash, seen.ledger]).toEqual(['limit', UNIT, undefined, []]);
    const bytes = seen.rig.machine.consoles[faulty]?.bytes ?? 0;
    if (bug === constants.BUG_CONSOLE_FLOOD) expect(bytes).toBeGreaterThan(80_000);
  });

  it.each([0n, 1n << 62n])('sets its timer to %s at each later unit', (value) => {
    const seen = runWith(mode, faulty, constants.BUG_TIMER_ABUSE, 0n, value);
    expectContainedHarm(mode, faulty, seen);
    expect(seen.ledger).toEqual([]);
    expect(seen.crash).toBeUndefined();
  });
});
