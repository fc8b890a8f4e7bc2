import { describe, expect, it } from 'vitest';
import { madeUpRecord } from '../../test/report/made-up-record.ts';
import { NO_ENDPOINT, type Outcome } from '../faults/outcome.ts';
import type { EffectRecord } from '../faults/records.ts';
import type { GuestTrace, Trace } from '../faults/trace.ts';
import { causalChain } from './chain.ts';
import { PLAIN } from './paper.ts';
import { showSection } from './show-section.ts';

const effect = (change: Partial<EffectRecord> = {}): EffectRecord => ({
  kind: 'write',
  from: 'rtos',
  onBehalf: '',
  owner: 'unix',
  address: '0x840029a4',
  symbol: 'unix:trap_entry',
  pc: '0x82000100',
  pcSymbol: 'rtos:store64+0x4',
  cycle: 1200,
  instret: 934,
  changed: true,
  count: 1,
  tainted: false,
  ...change,
});

const guest = (name: string, change: Partial<GuestTrace> = {}): GuestTrace => ({
  name,
  words: 64,
  work: 64,
  firstWrongWord: undefined,
  crash: '',
  lines: [{ cycle: 500, text: `${name}: ready` }],
  goldenLines: [{ cycle: 400, text: `${name}: ready` }],
  ...change,
});

function trace(
  outcome: Partial<Outcome['bystanders'][number]>,
  change: Partial<Trace> = {},
  effects = [effect()],
): Trace {
  const record = madeUpRecord({
    class: 'MEM-14',
    bystander: { instretAfter: 1204, ...outcome },
    outcome: { faulty: 'latent' },
    effects,
  });
  return {
    record,
    when: 'before execution 9 of rtos:saboteur_poll',
    what: 'stores 0x0 at unix:trap_entry',
    injection: { cycle: 1000, instret: 900 },
    guests: [guest('rtos'), guest('unix')],
    end: { cycle: 9000, who: 'unix', place: 'unix:trap_entry' },
    ...change,
  };
}

const texts = (of: Trace) => causalChain(of).map(({ who, text }) => `${who}: ${text}`);

describe('the causal chain', () => {
  it('leads from the act over the foreign effect to the death', () => {
    const endpoints = { ...NO_ENDPOINT, reached: true, corrupted: true, failed: true };
    const dying = guest('unix', {
      words: 12,
      goldenLines: [...guest('unix').goldenLines, { cycle: 900, text: 'done' }],
    });
    const chain = texts(trace({ endpoints, failure: 'words missing' }, { guests: [guest('rtos'), dying] }));
    expect(chain).toEqual([
      'rtos: stores 0x0 at unix:trap_entry before execution 9 of rtos:saboteur_poll',
      'rtos: writes unix:trap_entry (0x840029a4), whose owner is unix, at rtos:store64+0x4, 34 instructions after the act',
      'hart: is at unix:trap_entry, in the world of unix, when the run is ended',
      'rtos: delivers 64 of 64 words, all of them right',
      'unix: never says "done"',
      'unix: delivers 12 of 64 words, and no more; instructions it retires after the act: 1,204',
      'verdict: unix: REACHED, CORRUPTED, FAILED (words missing)',
    ]);
  });

  it('names the layer where it did the harm on behalf of a guest', () => {
    const through = effect({ kind: 'mmio-write', from: 'layer', onBehalf: 'rtos', symbol: 'plic:priority[17]' });
    expect(texts(trace({}, {}, [through]))[1]).toContain('layer for rtos: writes plic:priority[17]');
  });

  it('shows a panic as the guest said it, and by its cause', () => {
    const crashed = guest('rtos', {
      words: 8,
      crash: 'store access fault, cause 7',
      lines: [...guest('rtos').lines, { cycle: 1300, text: 'panic: unexpected trap' }],
    });
    const bare = trace({}, { guests: [crashed, guest('unix')] }, []);
    const crashes = [{ guest: 'rtos', backtrace: ['panic_trap+0x1a', 'control_task+0x138'] }];
    const { record } = bare;
    const chain = texts({ ...bare, record: { ...record, outcome: { ...record.outcome, crashes } } });
    expect(chain).toContain('rtos: backtrace: panic_trap+0x1a <- control_task+0x138');
    expect(texts(bare).join()).not.toContain('backtrace');
    expect(chain[1]).toBe('rtos: says "panic: unexpected trap"');
    expect(chain).toContain('rtos: panicked: store access fault, cause 7');
    expect(chain).not.toContain('hart: is at unix:trap_entry, in the world of unix, when the run is ended');
    expect(chain.at(-1)).toBe('verdict: unix: unharmed');
  });

  it('finds the first wrong word', () => {
    const wrong = guest('unix', { firstWrongWord: 13 });
    expect(texts(trace({}, { guests: [guest('rtos'), wrong] }))).toContain(
      'unix: delivers 64 of 64 words, wrong from word 13 on',
    );
  });

  it('says that a point was never reached, that a store changed nothing, and where attribution ends', () => {
    const [first] = texts(trace({}, { injection: undefined }));
    expect(first).toBe('rtos: never comes before execution 9 of rtos:saboteur_poll');
    const second = texts(trace({}, {}, [effect({ changed: false, tainted: true })]))[1];
    expect(second).toContain('which changes nothing');
    expect(second).toContain('attribution is not sure');
  });

  it('ends with what the harness holds against itself', () => {
    const of = trace({});
    const outcome = { ...of.record.outcome, layer: 'stopped' as const, harnessError: 'unix differs' };
    const chain = texts({ ...of, record: { ...of.record, outcome } });
    expect(chain.slice(-2)).toEqual(['verdict: layer: stopped', 'harness: unix differs']);
  });
});

describe('show', () => {
  it.each([80, 100, 120])('fits %d columns, the faulty guest on the left', (columns) => {
    const long = guest('unix', { lines: [{ cycle: 1, text: 'x'.repeat(300) }] });
    const lines = showSection({ ...PLAIN, columns }, 'MEM-14', trace({}, { guests: [long, guest('rtos')] }));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[1]).toMatch(/console of rtos \(faulty\) +\| console of unix/);
    expect(lines.at(-1)).toContain('replay t1.00000000.MEM-14.colocated.rtos.1-0');
  });

  it('keeps the end of a long console', () => {
    const lines = Array.from({ length: 40 }, (_, index) => ({ cycle: index, text: `line ${index}` }));
    const shown = showSection(PLAIN, '', trace({}, { guests: [guest('rtos', { lines }), guest('unix')] })).join('\n');
    expect(shown).toContain('(30 lines before)');
    expect(shown).toContain('line 39');
    expect(shown).not.toContain('line 29 ');
  });
});
