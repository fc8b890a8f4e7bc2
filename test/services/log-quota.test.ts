// The critical log line that no longer fits a shared disk, and the quota with which it does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GUEST_LIMIT } from '../../src/machine/index.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import { diskOf } from '../guests/disk-of.ts';
import { rtosModel } from '../guests/models.ts';
import type { Booted, ModeName } from '../onboard/boot-guests.ts';
import { bootPlan, SHARED_MODES } from '../onboard/boot-guests.ts';

const SCENARIO = 'scenarios/log-quota.yaml';
const [MODEM, UNIX] = [0, 1];
const CYCLES = 80_000_000;
const CRITICAL = 'critical: the supply fails';
const text = readFileSync(join(import.meta.dirname, '..', '..', SCENARIO), 'utf8');

function run(mode: ModeName, scenario: string, boot = 0): Booted {
  const loaded = loadScenario(SCENARIO, scenario);
  const plan = planBoots(findMode(mode), loaded.scenario, openImages(loaded, readBuiltImage))[boot];
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const booted = bootPlan(mode, plan);
  booted.machine.run(CYCLES);
  expect(booted.machine.ledger.entries).toEqual([]);
  return booted;
}

const said = ({ machine }: Booted, guest: number): string[] => machine.consoles[guest]?.text().split('\n') ?? [];

const journalOf = (booted: Booted): string[] => said(booted, MODEM).filter((line) => line.startsWith('modem: entry'));

/** What is on the disk behind all guests' shares. */
function pool({ machine, plan }: Booted): string {
  const slot = plan.machine.virtio?.find((candidate) => candidate.slot === GUEST_LIMIT);
  if (slot?.kind !== 'block') throw new RangeError('the layer has no disk');
  return new TextDecoder('latin1').decode(diskOf(machine, GUEST_LIMIT, slot.image).subarray(2 * 64 * 1024));
}

const ROUTINE = [0, 1, 2].map((n) => `modem: entry ${n} kept: routine: all is well`);

describe.each(SHARED_MODES)('when %s, the line for which there is a journal', (mode) => {
  it('is lost where unix has taken all room, and its control loop notices nothing', () => {
    const booted = run(mode, text);
    expect(journalOf(booted)).toEqual([...ROUTINE, `modem: entry 3 lost: ${CRITICAL}`]);
    expect(pool(booted)).not.toContain(CRITICAL);
    expect(booted.monitor(MODEM).outputs.words()).toEqual(rtosModel(0, 64));
    expect(said(booted, UNIX)).toContain('unix: the disk lost a block');
  });

  it('is kept where each has a quota', () => {
    const booted = run(mode, text.replace('pool: 32K }', 'pool: 32K, quota: 24K }'));
    expect(journalOf(booted)).toEqual([...ROUTINE, `modem: entry 3 kept: ${CRITICAL}`]);
    expect(pool(booted)).toContain(CRITICAL);
    expect(booted.monitor(MODEM).outputs.words()).toEqual(rtosModel(0, 64));
    expect(said(booted, UNIX)).toContain('unix: the disk lost a block');
  });
});

it('in native each has a disk of its own, and both do their work', () => {
  expect(journalOf(run('native', text, MODEM)).at(-1)).toBe(`modem: entry 3 kept: ${CRITICAL}`);
  expect(said(run('native', text, UNIX), UNIX)).toContain('unix: all units done');
});
