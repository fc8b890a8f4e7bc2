// Abuse of the virtual serial: whatever a guest does to its port, its own port alone shows it. What others do meanwhile on
// their disks, consoles and networks is byte for byte the same, its peer on the line among them; and once its port is set up
// anew, both ends hear each other.
import { describe, expect, it } from 'vitest';
import { bootAssembled, END, report, runToEnd } from '../onboard/boot-guests.ts';
import { bystanders, bystandersAlone, MS, withServices } from './bystanders.ts';
import { pageOf } from './driver.ts';

const [DATA, IER, FCR, LCR, MCR, LSR, MSR] = [0, 1, 2, 3, 4, 5, 6];
const DTR_RTS = 3;
const LOOPBACK = 0x10;
const READY = 1;
const DSR = 0x20;
const REGISTERS = 8;
/** Of `li s0, page`: the base of the port. */
const put = (register: number, value: number): string => `li t1, ${value}\n sb t1, ${register}(s0)\n`;
const times = (count: number, body: string): string => `li s3, ${count}\n 1: ${body} addi s3, s3, -1\n bnez s3, 1b\n`;

/** Exceptions are counted in s2 and skipped: of an instruction of four bytes, or of a jump to where ra leads back from. */
const BEGIN = `
  la t0, caught
  csrw stvec, t0
  li s0, ${pageOf('serial')}
  li s2, 0
  j over
  .align 2
caught:
  addi s2, s2, 1
  csrr t0, sepc
  addi t0, t0, 4
  csrr t2, scause
  li t3, 1
  bne t2, t3, 2f
  mv t0, ra
2:
  csrw sepc, t0
  sret
over:
  ${put(FCR, 7)}${put(MCR, DTR_RTS)}
`;

const STORES = ['sb', 'sh', 'sw', 'sd'];
const LOADS = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'];
const offsets = Array.from({ length: 2 * REGISTERS }, (_, offset) => offset);

/** How many of its instructions are refused where the other windows are those of a console and a network, and none of a
 * clock. */
const ABUSES: Readonly<Record<string, { readonly source: string; readonly refused: number }>> = {
  'bytes that nobody takes, without a look': {
    source: `li t1, 120\n ${times(1000, `sb t1, ${DATA}(s0)\n`)}`,
    refused: 0,
  },
  'every value in every register': {
    source: times(256, Array.from({ length: REGISTERS }, (_, register) => `sb s3, ${register}(s0)\n`).join('')),
    refused: 0,
  },
  'accesses of every width, aligned or not': {
    source: offsets
      .map((at) => [...STORES, ...LOADS].map((act) => `li t1, -1\n ${act} t1, ${at}(s0)\n`).join(''))
      .join(''),
    // Of bytes, halves, words and doublewords that are aligned 8, 4, 2 and 1 begin at a register.
    refused: offsets.length * (STORES.length + LOADS.length) - (3 * 8 + 3 * 4 + 3 * 2 + 2 * 1),
  },
  'registers up to the end of its page and beyond': {
    source: [8, 0x10, 0x7f8]
      .map((at) => `lbu t1, ${at}(s0)\n sb t1, ${at}(s0)\n`)
      .concat([-8, 0x1000, 0x2000, 0x5000, 0xffff000].map((away) => `li t2, ${away}\n add t2, t2, s0\n ld t1, 0(t2)\n`))
      .join(''),
    // Its own console and network answer.
    refused: 3 * 2 + 5 - 2,
  },
  'atomics on its registers': {
    source: `
    amoswap.w t1, t1, (s0)
    amoadd.d t1, t1, (s0)
    lr.w t1, (s0)
    sc.w t1, t1, (s0)
    lr.d t1, (s0)
`,
    refused: 5,
  },
  'its registers as code': { source: 'la ra, 3f\n jr s0\n 3:\n', refused: 1 },
  'loopback on and off with every byte': {
    source: times(
      200,
      `${put(MCR, LOOPBACK | DTR_RTS)} sb s3, ${DATA}(s0)\n ${put(MCR, DTR_RTS)} sb s3, ${DATA}(s0)\n`,
    ),
    refused: 0,
  },
  'lines that flutter': { source: times(300, `${put(MCR, DTR_RTS)}${put(MCR, 0)}`), refused: 0 },
  'interrupts that nobody takes': {
    source: `${put(IER, 0x0f)}${times(300, `${put(IER, 0)}${put(IER, 0xff)}${put(FCR, 1)}${put(FCR, 6)}`)}`,
    refused: 0,
  },
};

const ANEW = `${put(LCR, 0)}${put(IER, 0)}${put(FCR, 7)}`;
const LOOKS = 20_000;
/** Waits for a byte, so many looks at most, and reports it, or that there is none. */
const hear = `
  li s3, ${LOOKS}
  li t1, -1
4: lbu t2, ${LSR}(s0)
  andi t2, t2, ${READY}
  addi s3, s3, -1
  beqz s3, 5f
  beqz t2, 4b
  lbu t1, ${DATA}(s0)
5: ${report('t1')}`;

const untilThere = `6: lbu t1, ${MSR}(s0)\n andi t1, t1, ${DSR}\n beqz t1, 6b\n`;

describe.each(['colocated', 'virtualized'] as const)('when %s, nobody else is hurt by', (mode) => {
  it.each(Object.entries(ABUSES))('%s', (_, { source, refused }) => {
    const echo = `${ANEW}${put(MCR, LOOPBACK)}${put(FCR, 7)}${put(DATA, 0x6b)}${hear}`;
    const booted = withServices(mode, `${BEGIN}${source}${report('s2')}${echo}${END}`);
    const { tell } = bystanders(booted);
    runToEnd(booted, 50 * MS);
    expect(booted.reports(0)).toEqual([BigInt(refused), 0x6bn]);
    expect(tell()).toEqual(bystandersAlone(mode));
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.machine.layerConsole.text()).toBe('guest1: all is well\n');
  });

  it.each(Object.entries(ABUSES))('%s, and both ends hear each other afterwards', (_, { source }) => {
    // The peer comes when the budget of its abuser ends, which is when the abuse is over: else it would hear that.
    const peer = `li s0, ${pageOf('serial')}\n ${put(FCR, 7)}${put(MCR, DTR_RTS)}${hear}${put(DATA, 0x6f)}${END}`;
    const abuser = `${BEGIN}${source}${ANEW}${put(MCR, DTR_RTS)}${untilThere}${put(DATA, 0x6b)}${hear}${END}`;
    const booted = bootAssembled(
      mode,
      [
        { source: abuser, priority: 2, budget: '7ms/10ms' },
        { source: peer, priority: 1 },
      ],
      { services: [{ kind: 'serial', of: [0, 1] }] },
    );
    runToEnd(booted, 200 * MS);
    expect([booted.reports(0), booted.reports(1)]).toEqual([[0x6fn], [0x6bn]]);
  });
});
