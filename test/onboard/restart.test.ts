// A guest restarts while the others run: it begins as it began, as often as the scenario allows, and nobody else notices.
import { beforeAll, describe, expect, it } from 'vitest';
import { constants } from '../../images/index.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, bootPlan, END, openShipped, report, runUntil, SHARED_MODES } from './boot-guests.ts';
import { SLEEP } from './snippets.ts';

const MS = 1_000_000;
const HEARTBEAT = 'li t0, MONITOR + MONITOR_HEARTBEAT\n sd t0, 0(t0)\n';
const reset = (type: number): string =>
  `li a0, ${type}\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall\n 99: j 99b\n`;
const SHUTDOWN = 0;
const REBOOT = 1;
/** It idles with its timer on, so that it only waits. */
const IDLE = 'li t0, 0x20\n csrw sie, t0\n 98: wfi\n j 98b\n';
const DEAD = 'csrw sie, zero\n 97: wfi\n j 97b\n';

describe.each(SHARED_MODES)('when %s', (mode) => {
  const lives = (source: string, options: Parameters<typeof bootAssembled>[2]): Booted => {
    const booted = bootAssembled(mode, [{ source: `${HEARTBEAT} ${source}` }, { source: END, priority: 2 }], options);
    booted.machine.run(30 * MS);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.machine.layerConsole.text()).toBe('');
    return booted;
  };

  it.each([
    ['asks for a reboot', reset(REBOOT), 'on-reset', 4],
    ['asks for a reboot, and is not to be restarted', reset(REBOOT), 'never', 1],
    ['asks to be shut down', reset(SHUTDOWN), 'on-reset', 1],
    ['waits with all interrupts off', DEAD, 'on-reset', 1],
    ['waits with all interrupts off, which counts as a crash', DEAD, 'on-reset-or-crash', 4],
    ['asks for a reboot where crashes count too', reset(REBOOT), 'on-reset-or-crash', 4],
    ['only waits', IDLE, 'on-reset-or-crash', 1],
  ] as const)('a guest that %s has its lives', (_, source, restart, expected) => {
    const booted = lives(source, { restart });
    expect(booted.monitor(0).heartbeats).toBe(expected);
    expect(booted.machine.run(31 * MS).kind).toBe('idle');
  });

  it('a guest has as many restarts as the scenario says, and none at all if that is none', () => {
    expect(lives(reset(REBOOT), { restarts: 7 }).monitor(0).heartbeats).toBe(8);
    expect(lives(reset(REBOOT), { restarts: 0 }).monitor(0).heartbeats).toBe(1);
  });

  it('a restart charges its time to the guest that restarts', () => {
    const { guests } = lives(reset(REBOOT), {}).machine.accounting();
    // Two MiB in stores of eight bytes, three times.
    expect(guests[0]?.layerInstret).toBeGreaterThan((3 * 2 ** 21) / 8);
    expect(guests[1]?.layerInstret).toBeLessThan(10_000);
  });
});

/** In each life the same: reports what it finds, and leaves as much behind as it can. x registers go into `or`s. */
const SNOOP = `
  csrw sscratch, t6            # the one register that cannot be looked at otherwise
  li t6, 0
  ${Array.from({ length: 30 }, (_, n) => (n + 1 === 11 || n + 1 === 30 ? '' : `or t6, t6, x${n + 1}`)).join('\n')}
  or t6, t6, t5
  mv s0, t6
  csrr s1, sscratch
  or s0, s0, s1
  mv s11, a1
  ${report('s0')}
  ${report('s11')}
  ${['sie', 'stvec', 'sepc', 'scause', 'stval', 'satp', 'scounteren', 'senvcfg', 'stimecmp', 'sip', 'sstatus']
    .map((name) => `csrr s0, ${name}\n ${report('s0')}`)
    .join('')}
  li s1, PLIC
  ${['0x2080', '0x2084', '0x201000', '0x1000']
    .map((offset) => `li s0, ${offset}\n add s0, s0, s1\n lwu s0, 0(s0)\n ${report('s0')}`)
    .join('')}
  lwu s0, 4 * UART_IRQ(s1)
  ${report('s0')}
  li s1, UART
  ${[1, 2, 3, 4, 5, 7].map((offset) => `lbu s0, ${offset}(s1)\n ${report('s0')}`).join('')}
  li s1, DMA
  ${[0, 8, 16].map((offset) => `ld s0, ${offset}(s1)\n ${report('s0')}`).join('')}
  lwu s0, 24(s1)
  ${report('s0')}
  lwu s0, 28(s1)
  ${report('s0')}
  li t0, 0x2000
  csrs sstatus, t0
  csrr s0, fcsr
  ${Array.from({ length: 32 }, (_, n) => `fmv.x.d t0, f${n}\n or s0, s0, t0`).join('\n')}
  ${report('s0')}
  li s1, SLOT                  # every word of the slot, in order
  li s2, SLOT + 0x200000
  li s0, 0
1:
  ld t0, 0(s1)
  add s0, s0, t0
  slli t1, s0, 1
  srli t0, s0, 63
  or s0, t1, t0
  addi s1, s1, 8
  bltu s1, s2, 1b
  ${report('s0')}

  li t0, -1                    # and now everything else than it was
  li s1, DATA
  li s2, SLOT + 0x200000
2:
  sd t0, 0(s1)
  addi s1, s1, 8
  bltu s1, s2, 2b
  la s1, code_to_change
  sw t0, 0(s1)
  ${Array.from({ length: 32 }, (_, n) => `fmv.d.x f${n}, t0`).join('\n')}
  li t1, 0xff
  csrw fcsr, t1
  li s1, PLIC
  li t1, 1 << UART_IRQ | 1 << DMA_IRQ
  li t2, 0x2080
  add t2, t2, s1
  sw t1, 0(t2)
  li t1, 5
  sw t1, 4 * UART_IRQ(s1)
  li s1, UART
  li t1, 0x83
  sb t1, 3(s1)
  li t1, 7
  sb t1, 0(s1)
  sb t1, 1(s1)
  li t1, 3
  sb t1, 3(s1)
  li t1, 2
  sb t1, 1(s1)                 # its interrupt pends from here on
  li t1, 0xc1
  sb t1, 2(s1)
  sb t1, 7(s1)
  li t1, 0x10
  sb t1, 4(s1)
  li s1, PLIC + 0x201000
  lwu t1, 4(s1)                # claimed and never completed
  li t1, 7
  sw t1, 0(s1)
  ${['stvec', 'sscratch', 'sepc', 'scause', 'stval', 'senvcfg', 'scounteren'].map((name) => `csrw ${name}, t0`).join('\n')}
  csrwi stimecmp, 0
  li t1, 0x222
  csrw sie, t1
  csrwi sip, 2
  li s1, DMA                   # still under way when it restarts: from ones to where zeros must be
  li t1, DATA
  sd t1, 0(s1)
  li t1, SLOT + 0x1a0000
  sd t1, 8(s1)
  li t1, 0x40000
  sd t1, 16(s1)
  li t1, 3
  sw t1, 24(s1)
  li t1, 0xc0100
  csrs sstatus, t1
code_to_change:
  nop
  ${reset(REBOOT)}`;

describe.each(SHARED_MODES)('a life, when %s', (mode) => {
  it('finds nothing of the one before: registers, memory, devices, interrupts', () => {
    // The word it changes is behind it already; were it still there in the next life, that would end here.
    const source = SNOOP.replace('la s1, code_to_change\n  sw t0, 0(s1)', 'la s1, beginning\n  sw t0, 0(s1)');
    const booted = bootAssembled(mode, [{ source: `beginning:\n${source}` }, { source: END, priority: 2 }]);
    booted.machine.run(60 * MS);
    const all = booted.reports(0);
    const [first = [], ...others] = [0, 1, 2, 3].map((life) =>
      all.slice((life * all.length) / 4, ((life + 1) * all.length) / 4),
    );
    expect(first.length).toBeGreaterThan(30);
    expect(first[0]).toBe(0n);
    for (const other of others) expect(other).toEqual(first);
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});

/** Sleeps 50 us, works, and reports by how many ticks it woke too late. */
const SLEEPER = `
  li t0, 0x20
  csrw sie, t0
  csrr s1, time
1:
  addi s1, s1, 500
  ${SLEEP}
  ${report('t0')}
  ${HEARTBEAT}
  j 1b`;
/** Ticks of 100 ns. A step of a restart takes no longer than any other act of a layer. */
const LATENESS = 100n;

describe.each(SHARED_MODES)('a guest that restarts a hundred times, when %s', (mode) => {
  let booted: Booted;
  const layerNumbers = (): number[] => ['pool_used', 'pending', 'serving', 'enabled'].map((name) => variable(name));
  const variable = (name: string): number => (booted.plan.layers.has('hypervisor') ? booted.layerVariable(name) : 0);
  let before: number[];

  beforeAll(() => {
    booted = bootAssembled(mode, [{ source: `${HEARTBEAT} ${reset(REBOOT)}` }, { source: SLEEPER, priority: 2 }], {
      restarts: 100,
    });
    runUntil(booted, 'restarted', () => booted.monitor(0).heartbeats === 2, 10 * MS);
    before = layerNumbers();
    runUntil(booted, 'restarted 100 times', () => booted.monitor(0).heartbeats === 101, 500 * MS);
  });

  it('lets its neighbour meet every deadline', () => {
    const late = booted.monitor(1).reports;
    expect(late.count).toBeGreaterThan(1000);
    expect(late.words().every((ticks) => ticks < LATENESS)).toBe(true);
    // One heartbeat per 50 us, to the last.
    expect(booted.monitor(1).heartbeats).toBeGreaterThanOrEqual(Math.floor(booted.machine.cycles / 50_000) - 20);
  });

  it('leaves the layer’s state as it was', () => {
    expect(layerNumbers()).toEqual(before);
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});

describe.each(SHARED_MODES)('a guest that restarts for ever, when %s', (mode) => {
  const storm = reset(REBOOT);
  const CYCLES = 8 * MS;

  it('leaves its neighbour of lower priority all but its budget', () => {
    const guests = [{ source: storm, priority: 2, budget: '100us/500us' }, { source: `1: ${HEARTBEAT} j 1b` }];
    const { machine } = bootAssembled(mode, guests, { restarts: 1_000_000 });
    machine.run(CYCLES);
    const { guests: used, layer, firmware } = machine.accounting();
    const afterBoot = CYCLES - layer.cycles - firmware.cycles;
    expect((used[1]?.cycles ?? 0) / afterBoot).toBeGreaterThan(0.785);
    expect(machine.ledger.entries).toEqual([]);
  });

  it('wakes nobody of higher priority late', () => {
    const booted = bootAssembled(mode, [{ source: storm }, { source: SLEEPER, priority: 2 }], { restarts: 1_000_000 });
    booted.machine.run(CYCLES);
    const late = booted.monitor(1).reports;
    expect(late.count).toBeGreaterThan(CYCLES / 60_000);
    expect(late.words().every((ticks) => ticks < LATENESS)).toBe(true);
  });
});

const RTOS = 0;
const UNIX = 1;
const UNIT = 20n;

/** The shipped scenario in smaller slots, one guest resetting itself at its 20th unit of work. */
function runShipped(mode: ModeName, faulty: number | undefined): Booted {
  const { scenario, images } = openShipped((text) =>
    text.replace('0x82000000+32M', '0x82000000+2M').replace('0x84000000+64M', '0x84000000+4M'),
  );
  const [plan] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const booted = bootPlan(mode, plan);
  for (const { index, work } of plan.guests) booted.monitor(index).setDigestWords(work);
  if (faulty !== undefined) {
    const bug = BigInt(constants.BUG_SBI_RESET);
    const mailbox = { bug, target: 0n, value: BigInt(REBOOT) << 32n, work: UNIT, args: [] };
    booted.monitor(faulty).setMailbox(mailbox);
    runUntil(booted, 'at work again', () => booted.monitor(faulty).outputs.count > Number(UNIT), 500 * MS);
    booted.monitor(faulty).setMailbox({ ...mailbox, bug: 0n });
  }
  runUntil(booted, 'ended', () => [RTOS, UNIX].every((guest) => booted.monitor(guest).ended), 500 * MS);
  expect(booted.machine.ledger.entries).toEqual([]);
  return booted;
}

describe.each(SHARED_MODES)('the shipped guests, when %s', (mode) => {
  const golden = runShipped(mode, undefined);

  it.each([RTOS, UNIX])('guest %s does all its work anew, and its neighbour’s words stay the same', (faulty) => {
    const booted = runShipped(mode, faulty);
    const words = (of: Booted, guest: number): bigint[] => of.monitor(guest).outputs.words();
    expect(words(booted, faulty)).toEqual([...words(golden, faulty).slice(0, Number(UNIT)), ...words(golden, faulty)]);
    expect(words(booted, 1 - faulty)).toEqual(words(golden, 1 - faulty));
    expect(booted.monitor(1 - faulty).crash).toBeUndefined();
    // The response time is the lower half of a word.
    const bound = booted.plan.guests[RTOS]?.boundTicks ?? 0;
    const responses = booted
      .monitor(RTOS)
      .deadlines.words()
      .map((word) => Number(BigInt.asUintN(32, word)));
    if (faulty === UNIX) expect(Math.max(...responses)).toBeLessThanOrEqual(bound);
  });
});
