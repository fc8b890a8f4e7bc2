import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario } from './load.ts';

const root = join(import.meta.dirname, '..', '..');
const taco = readFileSync(join(root, 'scenarios', 'taco.yaml'), 'utf8');

const machine = 'machine: { ram: 128M }\n';
const rtos = '  rtos: { image: rtos, memory: 0x82000000+32M }\n';
const one = `${machine}guests:\n${rtos}`;

function refusal(text: string): string {
  try {
    loadScenario('x.yaml', text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

describe('loading a scenario', () => {
  it('reads the one that is shipped', () => {
    const { scenario } = loadScenario('scenarios/taco.yaml', taco);
    expect(scenario.name).toBe('taco');
    expect(scenario.machine).toEqual({ ramSize: 2 ** 27, timing: 'inorder' });
    expect(scenario.factors).toEqual({
      scheduling: 'budget',
      reset: 'guest',
      restart: 'on-reset',
      restarts: 3,
      cpus: 'shared',
      placement: 'identity',
    });
    expect(scenario.modes).toEqual(['native', 'colocated', 'partitioned', 'open', 'virtualized']);
    expect(scenario.guests).toEqual([
      {
        index: 0,
        name: 'rtos',
        image: { kind: 'built', name: 'rtos' },
        memory: { base: 0x8200_0000, size: 2 ** 25 },
        physicalBase: 0x8200_0000,
        hart: 0,
        priority: 2,
        budget: { budgetTicks: 20_000, periodTicks: 100_000 },
        work: 64,
        boundTicks: 2_000,
        bootargs: 'panic=halt',
        dma: true,
      },
      {
        index: 1,
        name: 'unix',
        image: { kind: 'built', name: 'unix' },
        memory: { base: 0x8400_0000, size: 2 ** 26 },
        physicalBase: 0x8400_0000,
        hart: 0,
        priority: 1,
        budget: undefined,
        work: 64,
        boundTicks: 500_000,
        bootargs: 'panic=halt map=own',
        dma: true,
      },
    ]);
  });

  it('fills in what may be left out', () => {
    const { scenario } = loadScenario('x.yaml', one);
    expect(scenario.factors.scheduling).toBe('budget');
    expect(scenario.modes).toHaveLength(5);
    expect(scenario.guests[0]?.work).toBe(64);
  });

  it('accepts JSON, which is YAML', () => {
    const json = JSON.stringify({
      machine: { ram: '128M' },
      guests: { a: { image: 'rtos', memory: '0x82000000+2M' } },
    });
    expect(loadScenario('x.json', json).scenario.guests[0]?.memory.size).toBe(2 ** 21);
  });
});

describe('a bad scenario ends in two lines', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'overlap',
      `${one}  unix: { image: rtos, memory: 0x83000000+64M }\n`,
      'x.yaml:4:32  guests.unix.memory 0x83000000+64M overlaps rtos (0x82000000+32M)\n  move unix to 0x84000000 or above',
    ],
    [
      'what a terminal would obey',
      one.replace('image: rtos', 'image: "\\e[2J\\n"'),
      'x.yaml:3:18  guests.rtos.image \\x1b[2J\\x0a is no image\n  choose from rtos, modem, unix, bench, or name an .elf file beside the scenario',
    ],
    [
      'misaligned slot',
      one.replace('0x82000000', '0x82001000'),
      'x.yaml:3:32  guests.rtos.memory 0x82001000+32M is misaligned\n  start it at 0x82200000 or another multiple of 2M',
    ],
    [
      'slot in the memory of the layer',
      one.replace('0x82000000', '0x80200000'),
      'x.yaml:3:32  guests.rtos.memory 0x80200000+32M lies in the memory of firmware and layer\n  move it to 0x80400000 or above',
    ],
    [
      'slot outside RAM',
      one.replace('0x82000000', '0x1000000'),
      'x.yaml:3:32  guests.rtos.memory 0x1000000+32M lies outside RAM\n  move it to 0x80400000 or above',
    ],
    [
      'slot beyond RAM',
      one.replace('+32M', '+1G'),
      'x.yaml:3:32  guests.rtos.memory 0x82000000+1G ends beyond RAM (0x80000000+128M)\n  make it smaller, move it down, or raise machine.ram',
    ],
    [
      'slot of no size',
      one.replace('+32M', '+0'),
      'x.yaml:3:32  guests.rtos.memory 0x82000000+0x0 has no usable size\n  use a multiple of 2M',
    ],
    [
      'no range',
      one.replace('+32M', '-32M'),
      "x.yaml:3:32  guests.rtos.memory 0x82000000-32M is no address range\n  give the guest's slot of RAM, on 2 MiB boundaries above the first 4 MiB, for example 0x82000000+32M",
    ],
    [
      'unknown mode',
      `${one}modes: [native, flat]\n`,
      'x.yaml:4:17  modes.1 flat is not known\n  choose from native, colocated, partitioned, open, virtualized',
    ],
    [
      'shifted slots where nothing translates',
      `${one}factors: { placement: shifted }\nmodes: [partitioned, open]\n`,
      'x.yaml:4:23  factors.placement shifted is not available in partitioned, open: in partitioned, nothing below the guests translates addresses\n  use identity, or add virtualized to its modes',
    ],
    [
      'shifted slots beside a DMA channel',
      `${one}factors: { placement: shifted }\nmodes: [virtualized]\n`,
      'x.yaml:3:9  guests.rtos.dma is there, and shifted slots need it away: no IOMMU translates for it\n  set dma: false for every guest, machine.iommu: true, or placement: identity',
    ],
    [
      'shifted slots that fill all of RAM',
      `machine: { ram: 128M }\nguests:\n  rtos: { image: rtos, memory: 0x80400000+124M, dma: false }\nfactors: { placement: shifted }\nmodes: [virtualized]\n`,
      'x.yaml:4:23  factors.placement shifted finds no other place for the slots\n  raise machine.ram',
    ],
    [
      'restarts without end',
      `${one}factors: { restarts: 1e9 }\n`,
      'x.yaml:4:22  factors.restarts 1000000000 is too large\n  use at most 1000000',
    ],
    [
      'a watchdog of no time',
      `factors: { restart: on-reset-or-crash }\n${one.replace('image:', 'watchdog: 0ms, image:')}`,
      'x.yaml:4:21  guests.rtos.watchdog is zero\n  leave watchdog out for a guest that nobody watches',
    ],
    [
      'a watchdog that may not restart its guest',
      one.replace('image:', 'watchdog: 5ms, image:'),
      'x.yaml:3:21  guests.rtos.watchdog is there, and restart is on-reset\n  set factors.restart: on-reset-or-crash',
    ],
    [
      'an unknown restart policy',
      `${one}factors: { restart: always }\n`,
      'x.yaml:4:21  factors.restart always is not known\n  choose from never, on-reset, on-reset-or-crash',
    ],
    [
      'mode twice',
      `${one}modes: [open, open]\n`,
      'x.yaml:4:8  modes names a mode twice\n  give the modes to boot it in, for example [native, colocated, open, virtualized]',
    ],
    [
      'unknown field',
      `${one}colour: red\n`,
      'x.yaml:4:1  colour is not a field\n  choose from machine, factors, guests, services, warmup, layer, act, modes',
    ],
    [
      'unknown field of a guest',
      one.replace('image: rtos,', 'image: rtos, pty: 3,'),
      'x.yaml:3:24  guests.rtos.pty is not a field\n  choose from image, kernel, initrd, init, memory, priority, budget, window, watchdog, work, bound, args, dma, disk',
    ],
    [
      'missing field',
      'machine: { timing: inorder }\nguests: {}\n',
      'x.yaml:1:10  machine.ram is missing\n  give bytes, with K, M or G, for example 128M',
    ],
    [
      'no guests',
      `${machine}guests: {}\n`,
      'x.yaml:2:9  guests is empty\n  give the guests, by name; their order gives them their devices, for example { rtos: … }',
    ],
    [
      'too many guests',
      `${machine}guests:\n${[1, 2, 3, 4, 5].map((n) => rtos.replace('rtos', `g${n}`)).join('')}`,
      'x.yaml:3:3  guests names more than 4 guests\n  give the guests, by name; their order gives them their devices, for example { rtos: … }',
    ],
    [
      'absurd RAM',
      one.replace('128M', '4096G'),
      'x.yaml:1:17  machine.ram 4096G is not a usable size of RAM\n  use at most 1G',
    ],
    [
      'tiny RAM',
      one.replace('128M', '1M'),
      'x.yaml:1:17  machine.ram 1M is not a usable size of RAM\n  use at least 6M',
    ],
    [
      'no size',
      one.replace('128M', 'lots'),
      'x.yaml:1:17  machine.ram lots is no size\n  give bytes, with K, M or G, for example 128M',
    ],
    ['absurd work', one.replace('image: rtos,', 'image: rtos, work: 1e300,'), ''],
    [
      'negative priority',
      one.replace('image: rtos,', 'image: rtos, priority: -1,'),
      'x.yaml:3:34  guests.rtos.priority -1 is too small\n  use at least 0',
    ],
    [
      'budget beyond its period',
      one.replace('image: rtos,', 'image: rtos, budget: 20ms/10ms,'),
      'x.yaml:3:32  guests.rtos.budget is longer than its period\n  write processor time / period, as in 2ms/10ms',
    ],
    [
      'window beyond its period',
      one.replace('image: rtos,', 'image: rtos, window: 8ms+3ms/10ms,'),
      'x.yaml:3:32  guests.rtos.window ends after its period\n  write start + length / period, as in 2ms+3ms/10ms',
    ],
    [
      'empty window',
      one.replace('image: rtos,', 'image: rtos, window: 2ms+0ms/10ms,'),
      'x.yaml:3:32  guests.rtos.window is empty\n  leave window out for a guest that may run at any time',
    ],
    [
      'no window',
      one.replace('image: rtos,', 'image: rtos, window: 2ms/10ms,'),
      'x.yaml:3:32  guests.rtos.window 2ms/10ms is no window in whole multiples of 100ns\n  give when it may run: start + length / period, for example 2ms+3ms/10ms',
    ],
    [
      'time below a tick',
      one.replace('image: rtos,', 'image: rtos, bound: 50ns,'),
      'x.yaml:3:31  guests.rtos.bound 50ns is no time in whole multiples of 100ns\n  give longest allowed response time, for example 200us',
    ],
    [
      'image elsewhere',
      one.replace('image: rtos', 'image: ../../secret.elf'),
      'x.yaml:3:18  guests.rtos.image is not beside the scenario\n  give a path below the folder of the scenario',
    ],
    [
      'bad name',
      one.replace('  rtos:', '  R2:'),
      'x.yaml:3:3  guests.R2 is no name\n  use at most 16 of a-z, 0-9 and -, a letter first',
    ],
    [
      'service for nobody there',
      `${one}services: [{ kind: console, of: [rtos, linux] }]\n`,
      'x.yaml:4:40  services.0.of.1 is no guest\n  choose from rtos',
    ],
    [
      'service twice',
      `${one}services: [{ kind: console, of: [rtos] }, { kind: console, of: [rtos] }]\n`,
      'x.yaml:4:43  services.1 is a second console\n  name all its guests in one console',
    ],
    [
      'service for a guest twice',
      `${one}services: [{ kind: console, of: [rtos, rtos] }]\n`,
      'x.yaml:4:33  services.0.of names a guest twice\n  give the guests that have it, by name, for example [linux, rtos]',
    ],
    ['not YAML', 'machine: { ram: 128M\nguests: ]', ''],
    [
      'not a mapping',
      'taco',
      'x.yaml:1:1  taco is not a mapping\n  give What runs on the machine, where, under which policies, in which modes',
    ],
    ['nothing', '', ''],
    [
      'key twice',
      `${one}machine: { ram: 64M }\n`,
      'x.yaml:4:1  is not YAML: Map keys must be unique\n  correct the YAML at this place',
    ],
    ['deep nesting', `${'['.repeat(50)}`, 'x.yaml:1:1  nests deeper than 32 levels\n  write it flatter'],
    ['length', 'x'.repeat(70_000), 'x.yaml:1:1  has 70000 characters\n  write at most 65536'],
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      'x.yaml:1:1  excessive alias count indicates a resource exhaustion attack\n  write the values out instead of using aliases',
    ],
  ];

  it.each(cases)('%s', (_, text, expected) => {
    const message = refusal(text);
    if (expected) expect(message).toBe(expected);
    expect(message).toMatch(/^x\.yaml:\d+:\d+ {2}\S.*\n {2}\S.*$/);
  });
});
