// An access to what belongs to nobody is answered alike in every mode: cause 1, 5 or 7 and the guest's own virtual
// address, whichever stage of translation, layer or bus found it out.
import { describe, expect, it } from 'vitest';
import {
  bootAssembled,
  END,
  ISOLATING_MODES,
  MODES,
  type ModeName,
  ramEnd,
  report,
  runToEnd,
  slotOf,
} from './boot-guests.ts';
import { buildTables, KERNEL_PAGE, PTE, turnOnPaging, WINDOW, windowAddress } from './page-tables.ts';

const FETCH = 1;
const LOAD = 5;
const STORE = 7;
/** Reported where there was no trap. */
const NONE = 99;

interface Case {
  readonly name: string;
  /** In s0 when `act` begins. */
  readonly address: number | bigint;
  /** One instruction, or several of which the last is the one in question. */
  readonly act: string;
  readonly cause: number;
  /** Where stval is not the address. */
  readonly value?: number | bigint;
  /** Where sepc is not the last instruction of `act`. */
  readonly epc?: number | bigint;
}

const LOADS = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld', 'flw', 'fld', 'c.lw', 'c.ld', 'c.fld'];
const STORES = ['sb', 'sh', 'sw', 'sd', 'fsw', 'fsd', 'c.sw', 'c.sd', 'c.fsd'];
const ATOMICS = ['amoadd.w', 'amoswap.d', 'amomaxu.w'];
const register = (name: string): string => (name.includes('f') ? 'fa0' : 'a0');

const load = (name: string): string => `${name} ${register(name)}, 0(s0)`;
const everyWay = (name: string, address: number | bigint): Case[] => [
  ...LOADS.map((op) => ({ name: `${op} ${name}`, address, act: load(op), cause: LOAD })),
  ...STORES.map((op) => ({ name: `${op} ${name}`, address, act: load(op), cause: STORE })),
  ...ATOMICS.map((op) => ({ name: `${op} ${name}`, address, act: `${op} a0, a0, (s0)`, cause: STORE })),
  { name: `lr.d ${name}`, address, act: 'lr.d a0, (s0)', cause: LOAD },
  { name: `c.ldsp ${name}`, address, act: 'mv sp, s0\n c.ldsp a0, 0(sp)', cause: LOAD },
  { name: `c.swsp ${name}`, address, act: 'mv sp, s0\n c.swsp a0, 0(sp)', cause: STORE },
  { name: `jr ${name}`, address, act: 'jr s0', cause: FETCH, epc: address },
  { name: `c.jalr ${name}`, address, act: 'c.jalr s0', cause: FETCH, epc: address },
];
const plainWays = (name: string, address: number | bigint): Case[] => [
  { name: `ld ${name}`, address, act: load('ld'), cause: LOAD },
  { name: `sw ${name}`, address, act: load('sw'), cause: STORE },
  { name: `jr ${name}`, address, act: 'jr s0', cause: FETCH, epc: address },
];

/** The handler leaves what it saw in s2 to s5 and goes on at s1. Interrupts are "on", but none is enabled. */
const frame = (setup: string, cases: readonly Case[]): string => `
  la t0, trapped
  csrw stvec, t0
  li t0, 0x6002
  csrs sstatus, t0
  ${setup}
  j begin
  .align 2
trapped:
  csrr s2, scause
  csrr s3, stval
  csrr s4, sepc
  csrr s5, sstatus
  andi s5, s5, 0x122
  li t0, 0x120
  csrs sstatus, t0            # back in S-mode, whoever trapped
  csrw sepc, s1
  sret
begin:
${cases
  .map(({ address, act }, i) => {
    const lines = act.split('\n');
    const setting = lines.slice(0, -1).join('\n');
    return `
  la s1, after${i}
  li s2, ${NONE}
  li s0, ${address}
  ${setting}
at${i}:
  ${lines.at(-1)}
after${i}:
  la t0, at${i}
  sub s4, s4, t0
  ${report('s2')} ${report('s3')} ${report('s4')} ${report('s5')}`;
  })
  .join('')}
  ${END}`;

/** The guest of the last slot, so that RAM ends where its slot does; its neighbour only idles. */
const SUBJECT = 1;
const IDLE = { source: END };

/** What each case came to, in words; where sepc is given relative to the instruction, 0 is right. */
function observe(mode: ModeName, setup: string, cases: readonly Case[]): string[] {
  const booted = bootAssembled(mode, [IDLE, { source: frame(setup, cases) }], { alone: SUBJECT });
  runToEnd(booted, 50_000_000);
  expect(booted.machine.ledger.entries).toEqual([]);
  const words = booted.reports(SUBJECT);
  const base = booted.plan.guests.find(({ index }) => index === SUBJECT)?.symbols;
  return cases.map(({ name, epc }, i) => {
    const [cause = 0n, value = 0n, offset = 0n, status = 0n] = words.slice(4 * i, 4 * i + 4);
    if (cause === BigInt(NONE)) return `${name}: no trap`;
    const at = BigInt.asUintN(64, offset + BigInt(base?.address(`at${i}`) ?? 0));
    const place = epc === undefined ? offset : at - BigInt(epc);
    return `${name}: cause ${cause}, stval 0x${value.toString(16)}, sepc ${place}, status 0x${status.toString(16)}`;
  });
}

/** From S-mode with SIE: SPP and SPIE set, SIE clear. */
const wanted = (cases: readonly Case[], status = 0x120): string[] =>
  cases.map(({ name, address, cause, value }) => {
    const stval = BigInt.asUintN(64, BigInt(value ?? address));
    return `${name}: cause ${cause}, stval 0x${stval.toString(16)}, sepc 0, status 0x${status.toString(16)}`;
  });

const RAM_END = ramEnd(SUBJECT + 1);
const OWN_UART = 0x1001_0000;
const OWN_MONITOR = 0x1002_1000;
const HOLE = 0x3000_0000;
const PLIC = 0x0c00_0000;

const bare: readonly Case[] = [
  ...everyWay('of a hole', HOLE + 8),
  ...everyWay('beyond RAM', RAM_END + 16),
  ...plainWays('of page 0', 0),
  ...plainWays('of an absent virtio slot', 0x1000_1000),
  ...plainWays('above the reach of Sv39x4', 0x0200_0000_0000),
  ...plainWays('of the top of physical addresses', 0xff_ffff_ffff_f000n),
  ...plainWays('behind the registers of the own UART', OWN_UART + 0x100),
  { name: 'jr into the own UART', address: OWN_UART, act: 'jr s0', cause: FETCH, epc: OWN_UART },
  { name: 'jr into the PLIC', address: PLIC, act: 'jr s0', cause: FETCH, epc: PLIC },
  { name: 'lb of the own monitor page', address: OWN_MONITOR, act: load('lb'), cause: LOAD },
  { name: 'sh of the own monitor page', address: OWN_MONITOR + 0x10, act: load('sh'), cause: STORE },
  { name: 'amoadd.w of the own UART', address: OWN_UART, act: 'amoadd.w a0, a0, (s0)', cause: STORE },
  { name: 'lr.w of the own UART', address: OWN_UART, act: 'lr.w a0, (s0)', cause: LOAD },
  { name: 'ld across the end of RAM', address: RAM_END - 4, act: load('ld'), cause: LOAD, value: RAM_END },
  { name: 'sd across the end of RAM', address: RAM_END - 1, act: load('sd'), cause: STORE, value: RAM_END },
  {
    name: 'an instruction across the end of RAM',
    address: RAM_END - 2,
    act: 'li a0, 0x13\n sh a0, 0(s0)\n fence.i\n jr s0',
    cause: FETCH,
    value: RAM_END,
    epc: RAM_END - 2,
  },
];

describe('an access to nobody, without paging', () => {
  it.each(MODES)('is an access fault with its own address when %s', (mode) => {
    expect(observe(mode, '', bare)).toEqual(wanted(bare));
  });
});

describe('an access to nobody, under paging', () => {
  const ROOT = 'DATA + 0x10000';
  const [hole, own, next, code, codeNext] = [0, 1, 2, 4, 5].map(windowAddress);
  const at = (base: number | undefined, offset: number): number => (base ?? 0) + offset;
  const tables = buildTables(ROOT, [
    { number: 0, physical: String(HOLE) },
    { number: 1, physical: 'DATA' },
    { number: 2, physical: String(HOLE + 0x5000) },
    { number: 4, physical: 'DATA + 0x4000' },
    { number: 5, physical: 'DATA + 0x2000' },
    { number: 6, physical: 'DATA + 0x6000' },
    { number: 7, physical: String(HOLE) },
  ]);
  /** A table that lies in the hole: another gigabyte of the root leads there. */
  const LOST = WINDOW + 2 ** 30;
  const lostTable = `
  li t0, ${ROOT} + ${8 * Math.floor(LOST / 2 ** 30)}
  li t1, ${HOLE} >> 12 << 10 | ${PTE.V}
  sd t1, 0(t0)`;
  /** Code at the end of a page: `lwu a0, 0(s0)` over both own pages, `c.ld a0, 0(s0)` before a page of nobody. */
  const placed = `
  li t0, DATA + 0x4ffe
  li t1, 0x00046503 & 0xffff
  sh t1, 0(t0)
  li t0, DATA + 0x2000
  li t1, 0x00046503 >> 16
  sh t1, 0(t0)
  li t1, 0x8482                # c.jr s1
  sh t1, 2(t0)
  li t0, DATA + 0x6ffe
  li t1, 0x6008                # c.ld a0, 0(s0)
  sh t1, 0(t0)
  fence.i`;
  const setup = [tables, lostTable, placed, turnOnPaging(ROOT, 3)].join('\n');
  const jump = (to: number): string => `li t2, ${to}\n jr t2`;

  const cases: readonly Case[] = [
    ...everyWay('of a page of nobody', at(hole, 8)),
    ...plainWays('of a page whose table is nobody', LOST),
    { name: 'ld across into nobody', address: at(next, -4), act: load('ld'), cause: LOAD, value: at(next, 0) },
    { name: 'sd across into nobody', address: at(next, -7), act: load('sd'), cause: STORE, value: at(next, 0) },
    { name: 'ld across out of nobody', address: at(own, -4), act: load('ld'), cause: LOAD },
    {
      name: 'an instruction across into nobody',
      address: at(next, -2),
      act: 'li a0, 0x13\n sh a0, 0(s0)\n fence.i\n jr s0',
      cause: FETCH,
      value: at(next, 0),
      epc: at(next, -2),
    },
    {
      name: 'lwu that lies across two pages',
      address: at(hole, 0x10),
      act: jump(at(codeNext, -2)),
      cause: LOAD,
      epc: at(codeNext, -2),
    },
    {
      name: 'c.ld before a page of nobody',
      address: at(hole, 0x20),
      act: jump(windowAddress(7) - 2),
      cause: LOAD,
      epc: windowAddress(7) - 2,
    },
  ];
  expect(code).toBe(at(codeNext, -0x1000));

  it.each(MODES)('is an access fault with its own address when %s', (mode) => {
    expect(observe(mode, setup, cases)).toEqual(wanted(cases));
  });

  // The same from U-mode: page 1 holds the instruction, then `ecall`, which must not be reached.
  const userSetup = `
  j over
  .align 12
user:
  ld a0, 0(s0)
  ecall
  sd a0, 0(s0)
  ecall
over:
  ${buildTables(ROOT, [
    { number: 0, physical: String(HOLE), flags: KERNEL_PAGE | PTE.U },
    { number: 1, physical: 'user', flags: KERNEL_PAGE | PTE.U },
  ])}
  ${turnOnPaging(ROOT, 3)}`;
  const enter = (offset: number): string => `li t2, ${at(own, offset)}
  csrw sepc, t2
  li t2, 0x100
  csrc sstatus, t2
  li t2, 0x20
  csrs sstatus, t2
  sret`;
  const user: readonly Case[] = [
    { name: 'ld', address: at(hole, 8), act: enter(0), cause: LOAD, epc: at(own, 0) },
    { name: 'sd', address: at(hole, 8), act: enter(8), cause: STORE, epc: at(own, 8) },
    { name: 'fetch', address: at(hole, 0), act: enter(-0x1000), cause: FETCH, epc: at(hole, 0) },
  ];

  it.each(MODES)('is one of user mode too when %s', (mode) => {
    expect(observe(mode, userSetup, user)).toEqual(wanted(user, 0x20));
  });
});

describe('an access to what is another’s', () => {
  const others: readonly Case[] = [
    ...everyWay('of the neighbour', slotOf(0) + 0x1_0000),
    ...plainWays('of the firmware', 0x8000_0000),
    ...plainWays('of the hypervisor', 0x8020_0000),
    ...plainWays('of the finisher', 0x10_0000),
    ...plainWays('of the CLINT', 0x200_4000),
    ...plainWays('of the neighbour’s UART', 0x1000_0000),
    ...plainWays('of the neighbour’s DMA channel', 0x1004_0000),
    ...plainWays('of the doorbell', 0x1003_0000),
    ...plainWays('of the layer’s UART', 0x1001_3000),
  ];

  it.each(ISOLATING_MODES)('looks like one to nobody when %s', (mode) => {
    expect(observe(mode, '', others)).toEqual(wanted(others));
  });
});
