import { describe, it } from 'vitest';
import { atomics } from './atomics.ts';
import { cacheBlocks } from './cache-blocks.ts';
import { compressed } from './compressed.ts';
import { counters } from './counters.ts';
import { csrs } from './csrs.ts';
import { fences } from './fences.ts';
import { floatArithmetic } from './float-arithmetic.ts';
import { floating } from './floating.ts';
import { hypervisorCsrs } from './hypervisor-csrs.ts';
import { hypervisorExceptions } from './hypervisor-exceptions.ts';
import { hypervisorFences } from './hypervisor-fences.ts';
import { hypervisorInstructions } from './hypervisor-instructions.ts';
import { hypervisorInterrupts } from './hypervisor-interrupts.ts';
import { hypervisorMemory } from './hypervisor-memory.ts';
import { hypervisorOptions } from './hypervisor-options.ts';
import { hypervisorStages } from './hypervisor-stages.ts';
import { hypervisorStatus } from './hypervisor-status.ts';
import { hypervisorTables } from './hypervisor-tables.ts';
import { hypervisorTraps } from './hypervisor-traps.ts';
import { hypervisorWalks } from './hypervisor-walks.ts';
import { integer } from './integer.ts';
import { interrupts } from './interrupts.ts';
import { invalidation } from './invalidation.ts';
import { memory } from './memory.ts';
import { modes } from './modes.ts';
import { paging } from './paging.ts';
import { pmp } from './pmp.ts';
import { pmpRows } from './pmp-rows.ts';
import { stops } from './stops.ts';
import { supervisor } from './supervisor.ts';
import { timers } from './timers.ts';
import { traps } from './traps.ts';

/** One hart, 4 MiB of RAM at 0x80000000, finisher at 0x100000, CLINT at 0x2000000: all a case needs to know of a machine. */
export interface Engine {
  /** RAM zero, hart and devices as after power-on. */
  reset(): void;
  load(paddr: number, bytes: Uint8Array): void;
  read(paddr: number, length: number): Uint8Array;
  /** The reset vector: M-mode. */
  start(entry: number): void;
  /** Runs until its total of cycles is at least that, or the program ends, or waits for what never comes. */
  run(untilCycle: number): 'limit' | 'finished' | 'idle';
  readonly cycles: number;
  readonly instret: number;
  /** Digest of all that software can observe. */
  hash(): string;
  /** Cycles and instructions by party, summed. */
  accounted(): { readonly cycles: number; readonly instret: number };
}

export interface EngineUnderTest {
  readonly name: string;
  newEngine(): Engine;
  /** Cases that this engine cannot pass, `group: case`, each with its reason. */
  readonly skip: readonly { readonly reason: string; readonly cases: readonly string[] }[];
}

/** What a group of cases gets: the engine, and `it` under its own name. */
export interface Suite {
  readonly engine: () => Engine;
  readonly it: (name: string, body: () => void) => void;
}

const GROUPS: Readonly<Record<string, (suite: Suite) => void>> = {
  integer,
  compressed,
  atomics,
  floating,
  'float arithmetic': floatArithmetic,
  memory,
  csrs,
  traps,
  modes,
  interrupts,
  timers,
  counters,
  paging,
  fences,
  pmp,
  supervisor,
  'pmp rows': pmpRows,
  'hypervisor csrs': hypervisorCsrs,
  'hypervisor traps': hypervisorTraps,
  'hypervisor memory': hypervisorMemory,
  'hypervisor walks': hypervisorWalks,
  'hypervisor tables': hypervisorTables,
  'hypervisor fences': hypervisorFences,
  'hypervisor instructions': hypervisorInstructions,
  'hypervisor exceptions': hypervisorExceptions,
  'hypervisor interrupts': hypervisorInterrupts,
  'hypervisor options': hypervisorOptions,
  'hypervisor stages': hypervisorStages,
  'hypervisor status': hypervisorStatus,
  invalidation,
  'cache blocks': cacheBlocks,
  stops,
};

/** One sentence of the manual, tried. */
export interface Case {
  readonly group: string;
  readonly name: string;
  /** Throws where the engine does otherwise. */
  readonly run: () => void;
}

/** Every case, of the engine that `engine` gives when a case runs. */
export function casesOf(engine: () => Engine): Case[] {
  const cases: Case[] = [];
  for (const [group, define] of Object.entries(GROUPS)) {
    define({ engine, it: (name, run) => cases.push({ group, name, run }) });
  }
  return cases;
}

/** Runs every case through an engine. A skip that names no case fails, so that none outlives its reason. */
export function describeEngine(under: EngineUnderTest): void {
  describe(under.name, () => {
    let made: Engine | undefined;
    const cases = casesOf(() => {
      made ??= under.newEngine();
      return made;
    });
    const skipped = new Map(under.skip.flatMap(({ reason, cases }) => cases.map((name) => [name, reason] as const)));
    for (const [group, members] of Map.groupBy(cases, (one) => one.group)) {
      describe(group, () => {
        for (const { name, run } of members) {
          const reason = skipped.get(`${group}: ${name}`);
          skipped.delete(`${group}: ${name}`);
          if (reason === undefined) it(name, run);
          else it.skip(`${name} (${reason})`, run);
        }
      });
    }
    it('skips only cases that exist', () => {
      if (skipped.size > 0) throw new Error(`no such case: ${[...skipped.keys()].join(', ')}`);
    });
  });
}
