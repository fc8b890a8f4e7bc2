// scenarios/modem.yaml: one guest dials, pings and sends, the other answers, each beside the work of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import { echoRequest, type Host, ipPacket } from '../guests/frames.ts';
import { rtosModel } from '../guests/models.ts';
import {
  type Booted,
  assembledImage,
  bootPlan,
  DATA_OFFSET,
  type ModeName,
  runUntil,
  SHARED_MODES,
  slotOf,
} from '../onboard/boot-guests.ts';
import { pageOf, setUp } from './driver.ts';

const FILE = 'scenarios/modem.yaml';
const text = readFileSync(join(import.meta.dirname, '..', '..', FILE), 'utf8');
const MS = 1_000_000;
const MODEM = 0;
const PHONE = 1;
const BOUND_TICKS = 2000;
const RESET_BUG = 4n;
const COLD_REBOOT = 1n << 32n;

/** @param phone in place of the built one, in assembly */
function boot(mode: ModeName, edit = (scenario: string) => scenario, phone?: string): Booted {
  const loaded = loadScenario(FILE, edit(text));
  const images = openImages(loaded, readBuiltImage);
  const guests = images.guests.map((image, guest) =>
    guest === PHONE && phone !== undefined ? assembledImage(phone, PHONE) : image,
  );
  const [plan] = planBoots(findMode(mode), loaded.scenario, { ...images, guests });
  if (plan === undefined) throw new Error('nothing to boot');
  return bootPlan(mode, plan);
}

const linesOf = ({ machine }: Booted, guest: number, begin: string): string[] =>
  (machine.consoles[guest]?.text() ?? '').split('\n').filter((line) => line.startsWith(begin));

/** Both have done their work, and the phone has said what it had to. */
function runToEnd(booted: Booted, lives = 1): void {
  const told = () => linesOf(booted, PHONE, 'network: ').length + linesOf(booted, PHONE, 'modem - ').length;
  const done = () => [MODEM, PHONE].every((guest) => booted.monitor(guest).ended) && told() === 3 * lives;
  runUntil(booted, 'done', done, 200 * MS);
}

/** Has that guest ask for its reset at a unit of work, once. */
function restart(booted: Booted, guest: number, work: bigint): void {
  const monitor = booted.monitor(guest);
  monitor.setMailbox({ bug: RESET_BUG, target: 0n, value: COLD_REBOOT, work, args: [] });
  runUntil(booted, 'restarted', () => linesOf(booted, guest, 'rtos: at ').length === 2, 100 * MS);
  monitor.setMailbox({ bug: 0n, target: 0n, value: 0n, work: 0n, args: [] });
}

function expectUnharmed(booted: Booted, guest: number): void {
  const monitor = booted.monitor(guest);
  expect(monitor.outputs.words()).toEqual(rtosModel(0, 64));
  expect(monitor.crash).toBeUndefined();
}

/** Typed, then what is answered (V.250 and 27.007); of the echo the terminal makes nothing. */
const TRANSCRIPT: readonly [string, readonly string[]][] = [
  ['AT', ['OK']],
  ['ATE0', ['OK']],
  ['ATI', ['Taco modem', 'OK']],
  ['AT+CGMI;+CGMM', ['Taco', 'modem', 'OK']],
  ['AT+CSQ', ['+CSQ: 17,99', 'OK']],
  ['AT+COPS?', ['+COPS: 0,0,"Taco",7', 'OK']],
  ['ATD+4912345;', ['OK']],
  ['AT+CPAS', ['+CPAS: 4', 'OK']],
  ['ATH', ['OK']],
  ['ATD12345', ['NO CARRIER']],
  ['AT+CPAS', ['+CPAS: 0', 'OK']],
  ['AT+NOSUCH', ['ERROR']],
  ['AT+CSQ=1111111111222222222233333333334444444444555555555566666666667777777777', ['ERROR']],
];
const transcript = [
  ...TRANSCRIPT.flatMap(([typed, said]) => [`modem > ${typed}`, ...said.map((line) => `modem < ${line}`)]),
  'modem - no byte was lost',
];
const traffic = ['network: 20 of 20 echoes came back', 'network: 64 of 64 datagrams arrived'];

describe.each(SHARED_MODES)('a phone and its modem, when %s,', (mode) => {
  it('say the same on the line and on the network, beside their own work', () => {
    const booted = boot(mode);
    runToEnd(booted);
    expect(linesOf(booted, PHONE, 'modem ')).toEqual(transcript);
    expect(linesOf(booted, PHONE, 'network: ')).toEqual(traffic);
    for (const guest of [MODEM, PHONE]) expectUnharmed(booted, guest);
    expect(booted.monitor(MODEM).deadlineMax).toBeLessThan(BOUND_TICKS);
    // Both ends are declared: nobody reaches what is not its own.
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('say it all again when the phone begins anew, and the modem does not notice', () => {
    const booted = boot(mode);
    restart(booted, PHONE, 45n);
    runToEnd(booted, 2);
    expect(linesOf(booted, PHONE, 'modem ')).toEqual([...transcript, ...transcript]);
    expect(linesOf(booted, PHONE, 'network: ')).toEqual([...traffic, ...traffic]);
    expectUnharmed(booted, MODEM);
    expect(booted.monitor(MODEM).deadlineMax).toBeLessThan(BOUND_TICKS);
  });

  it('lose what is on its way when the modem begins anew, and nothing else', () => {
    const booted = boot(mode, (scenario) => scenario.replace('at=call ', '').replace('ping=20', 'ping=60'));
    restart(booted, MODEM, 3n);
    const told = () => linesOf(booted, PHONE, 'network: ').length === 2;
    runUntil(booted, 'done', () => told() && booted.monitor(PHONE).ended, 300 * MS);
    const [echoes = '', datagrams] = linesOf(booted, PHONE, 'network: ');
    const came = Number(/\d+/.exec(echoes)?.[0]);
    expect(came).toBeGreaterThan(20);
    expect(came).toBeLessThan(61);
    expect(datagrams).toBe('network: 64 of 64 datagrams arrived');
    expectUnharmed(booted, PHONE);
  });
});

const HERE: Host = { mac: [0x52, 0x54, 0, 0x7a, 0xc0, 1], ip: [10, 0, 2, 1] };
const THERE: Host = { mac: [0x52, 0x54, 0, 0x7a, 0xc0, 2], ip: [10, 0, 2, 2] };
/** Of DATA, for the packet; queues lie before it. */
const PACKET = 0x8000;
const ENTRIES = 8;

const store = (width: 'b' | 'w', address: number, value: number): string =>
  `li t0, ${address}\n li t1, ${value}\n s${width} t1, 0(t0)\n`;
/** One chain for each entry of the transmit queue, all of them the same packet, offered again and again. */
const floodNetwork = (base: number, bytes: number): string => `
  ${setUp('ethernet', PHONE, { 1: {} })
    .map(([, address = 0, value = 0]) => store('w', address, value))
    .join('')}
  li s0, ${base + 0x1400 + 2}
  li s1, ${pageOf('ethernet') + 0x50}
  li s2, 0
  li s3, 1
  ${Array.from({ length: ENTRIES }, (_, entry) => {
    const descriptor = base + 0x1000 + 16 * entry;
    return `${store('w', descriptor, base + PACKET)}${store('w', descriptor + 8, bytes)}
      li t0, ${base + 0x1404 + 2 * entry}\n li t1, ${entry}\n sh t1, 0(t0)\n`;
  }).join('')}
1:
  addi s2, s2, ${ENTRIES}
  sh s2, 0(s0)
  sw s3, 0(s1)
  j 1b
`;
const floodLine = `
  ${store('b', pageOf('serial') + 2, 7)}${store('b', pageOf('serial') + 4, 3)}
  li s0, ${pageOf('serial')}
  la s1, says
1:
  lbu t1, 0(s1)
  beqz t1, 2f
  sb t1, 0(s0)
  addi s1, s1, 1
  j 1b
2:
  la s1, says
  j 1b
says: .asciz "AT+CSQ\\r"
`;
const ownSlot = (scenario: string): string =>
  scenario.replace('0x80800000+4M', '0x80600000+2M').replace('0x80400000+4M', '0x80800000+4M');

describe.each(SHARED_MODES)('a flood from one guest, when %s,', (mode) => {
  it.each([
    ['of frames', floodNetwork(slotOf(PHONE) + DATA_OFFSET, 12 + 1442)],
    ['of bytes', floodLine],
  ])('%s costs the other no word and no deadline', (_, source) => {
    const booted = boot(mode, ownSlot, source);
    const packet = ipPacket(THERE, HERE, 1, echoRequest(1, Array(1400).fill(7)));
    booted.machine.write(slotOf(PHONE) + DATA_OFFSET + PACKET + 12, packet);
    runUntil(booted, 'done', () => booted.monitor(MODEM).ended, 200 * MS);
    expectUnharmed(booted, MODEM);
    expect(booted.monitor(MODEM).deadlineMax).toBeLessThan(BOUND_TICKS);
    // It is a flood: the layer has done little else, and that at the expense of who asked for it.
    expect(booted.machine.accounting().guests[PHONE]?.layerCycles).toBeGreaterThan(booted.machine.cycles / 2);
  });
});
