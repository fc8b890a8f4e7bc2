import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, record, recordCsr, run, setCsr } from './program.ts';

const ALL = 0xffffffffffffffffn;
const H = 1 << 7;

/** Reads after a write of ones and of zero. "Privileged ISA" 15.2. */
const WARL: readonly (readonly [name: string, ones: bigint, zero: bigint])[] = [
  // VTSR VTW VTVM, HU SPVP SPV GVA; VSXL is 64 bits, VGEIN 0.
  ['hstatus', 0x2_007003c0n, 0x2_00000000n],
  // Bits 18 and 19 too, although no such exception comes (15.2.2).
  ['hedeleg', 0xcb1ffn, 0n],
  ['hideleg', 0x444n, 0n],
  ['hie', 0x1444n, 0n],
  ['hip', 0x4n, 0n],
  ['hvip', 0x444n, 0n],
  ['hcounteren', 0xffffffffn, 0n],
  ['hgeie', 0n, 0n],
  ['htimedelta', ALL, 0n],
  ['htval', ALL, 0n],
  ['htinst', ALL, 0n],
  ['mtval2', ALL, 0n],
  ['mtinst', ALL, 0n],
  ['vsstatus', 0x80000002_000c6122n, 0x2_00000000n],
  ['vstvec', ALL & ~2n, 0n],
  ['vsscratch', ALL, 0n],
  ['vsepc', ALL & ~1n, 0n],
  ['vscause', ALL, 0n],
  ['vstval', ALL, 0n],
  ['vsie', 0x222n, 0n],
  ['vsip', 0x2n, 0n],
  ['vstimecmp', ALL, 0n],
];

const HYPERVISOR = [
  'hstatus',
  'hedeleg',
  'hideleg',
  'hie',
  'hip',
  'hvip',
  'hcounteren',
  'hgeie',
  'hgeip',
  'henvcfg',
  'htimedelta',
  'htval',
  'htinst',
  'hgatp',
];
const VIRTUAL = ['vsstatus', 'vsie', 'vstvec', 'vsscratch', 'vsepc', 'vscause', 'vstval', 'vsip', 'vsatp'];

export function hypervisorCsrs({ engine, it }: Suite): void {
  it('fields that do not exist read zero', () => {
    for (const [name, ones, zero] of WARL) {
      const { values } = run(
        engine(),
        // hideleg opens vsie and vsip.
        `${setCsr('hideleg', 0x444)} li a0, -1
         csrw ${name}, a0
         csrr a1, ${name}
         csrw ${name}, zero
         csrr a2, ${name}
         ${record('a1', 'a2')}`,
      );
      expect(values, name).toEqual([ones, zero]);
    }
  });

  it('hgatp takes Bare, Sv39x4, Sv48x4 and Sv57x4, 14 bits of VMID, a root aligned to 16 KiB', () => {
    const hgatp = (mode: bigint, vmid: bigint, root: bigint) => (mode << 60n) | (vmid << 44n) | root;
    const { values } = run(
      engine(),
      [hgatp(8n, 0xffffn, 0x80303n), hgatp(9n, 1n, 4n), hgatp(10n, 0n, 0x80300n), 0n]
        .map((value) => `${setCsr('hgatp', value)} ${recordCsr('hgatp')}`)
        .join(''),
    );
    expect(values).toEqual([hgatp(8n, 0x3fffn, 0x80300n), hgatp(9n, 1n, 4n), hgatp(10n, 0n, 0x80300n), 0n]);
  });

  it('henvcfg has no more of STCE and ADUE than menvcfg grants', () => {
    const { values } = run(
      engine(),
      `${setCsr('henvcfg', -1)} ${recordCsr('henvcfg')}
       ${setCsr('menvcfg', 1n << 63n)} ${setCsr('henvcfg', -1)} ${recordCsr('henvcfg')}
       ${setCsr('menvcfg', 1n << 61n)} ${recordCsr('henvcfg')}
       ${setCsr('henvcfg', -1)} ${recordCsr('henvcfg')}`,
    );
    const others = 0xf1n;
    expect(values).toEqual([others, (1n << 63n) | others, others, (1n << 61n) | others]);
  });

  it('with V = 1 the S-level names mean the VS registers', () => {
    const plain = ['sscratch', 'sepc', 'scause', 'stval', 'stvec'];
    const { values, traps } = run(
      engine(),
      `${plain.map((name, i) => setCsr(name, 0x1000 * (i + 1)) + setCsr(`v${name}`, 0x2000 * (i + 1))).join('')}
       ${attempt('VS', plain.map((name, i) => `csrr a${i}, ${name}\n li t0, ${0x4000 * (i + 1)}\n csrw ${name}, t0\n`).join(''))}
       ${record('a0', 'a1', 'a2', 'a3', 'a4')}
       ${plain.map((name) => recordCsr(name, `v${name}`)).join('')}`,
    );
    expect(traps[0]?.level).toBe('none');
    expect(values.slice(0, 5)).toEqual([0x2000n, 0x4000n, 0x6000n, 0x8000n, 0xa000n]);
    expect(values.slice(5)).toEqual(plain.flatMap((_, i) => [BigInt(0x1000 * (i + 1)), BigInt(0x4000 * (i + 1))]));
  });

  it('sstatus and satp of a guest are vsstatus and vsatp; the host’s stay as they are', () => {
    const { values } = run(
      engine(),
      `csrr a3, mstatus
       ${attempt('VS', 'li t0, 1 << 18\n csrs sstatus, t0\n csrr a0, sstatus\n li t0, 0x5\n csrw satp, t0\n csrr a1, satp\n csrw satp, zero\n csrwi scounteren, 3\n csrwi senvcfg, 1')}
       csrr a4, mstatus
       csrr a5, vsstatus
       ${record('a0', 'a1', 'a5')}
       xor a3, a3, a4
       li t0, 1 << 18
       and a3, a3, t0
       ${record('a3')}
       ${recordCsr('satp', 'scounteren', 'senvcfg')}`,
    );
    const status = 0x2_00040000n;
    // scounteren and senvcfg have no VS twin: a guest writes the host's own.
    expect(values).toEqual([status, 5n, status, 0n, 0n, 3n, 1n]);
  });

  it('sie and sip of a guest show hie and hip shifted by one, as far as hideleg opens them', () => {
    const { values, traps } = run(
      engine(),
      `${setCsr('hideleg', 0x44)} ${setCsr('hie', 0x444)} ${setCsr('hvip', 0x444)} ${setCsr('vsstatus', 0)}
       ${setCsr('mie', 0)} ${setCsr('hie', 0x40)}
       ${attempt('VS', 'csrr a0, sie\n csrr a1, sip\n csrwi sie, 0x2\n csrw sip, zero\n csrr a2, sip')}
       ${record('a0', 'a1', 'a2')}
       ${recordCsr('hie', 'mie', 'vsie', 'vsip', 'hvip', 'hip')}
       csrw hideleg, zero
       ${recordCsr('vsie', 'vsip')}`,
    );
    expect(traps[0]?.level).toBe('none');
    expect(values.slice(0, 3)).toEqual([0x20n, 0x22n, 0x20n]);
    // hie, mie, vsie, vsip, hvip, hip; then nothing is delegated.
    expect(values.slice(3)).toEqual([0x4n, 0x4n, 0x2n, 0x20n, 0x440n, 0x440n, 0n, 0n]);
  });

  it('what a guest writes to sie and sip reaches the bits that hideleg opens, and none of the machine’s', () => {
    const write = attempt('VS', 'li t0, -1\n csrw sie, t0\n csrw sip, t0');
    const states = [0, 0x4, 0x40, 0x440, 0x444];
    const { values } = run(
      engine(),
      `${setCsr('mideleg', 0x222)} ${setCsr('vsstatus', 0)}
       ${states.map((open) => `csrw mie, zero\n csrw hvip, zero\n ${setCsr('hideleg', open)} ${write} ${recordCsr('mie', 'hvip', 'mip')}`).join('')}`,
    );
    expect(values.map(Number)).toEqual(states.flatMap((open) => [open, open & 4, open & 4]));
  });

  it('hie, hip and hvip write their own bits of mie and mip, and no other', () => {
    const { values } = run(
      engine(),
      `csrw mie, zero
       ${['hie', 'hip', 'hvip'].map((name) => setCsr(name, -1)).join('')} ${recordCsr('mie', 'mip')}
       ${setCsr('mie', -1)} ${['hie', 'hip', 'hvip'].map((name) => setCsr(name, 0)).join('')} ${recordCsr('mie', 'mip')}`,
    );
    expect(values).toEqual([0x1444n, 0x444n, 0xaaan, 0n]);
  });

  it('hvip.VSSIP, hip.VSSIP, mip.VSSIP and a delegated vsip.SSIP are one bit', () => {
    const { values } = run(
      engine(),
      `${setCsr('hideleg', 0x444)}
       ${setCsr('hvip', 4)} ${recordCsr('hip', 'mip', 'vsip')}
       csrw hip, zero
       ${recordCsr('hvip')}
       ${setCsr('mip', 4)} ${recordCsr('hvip')}
       csrw vsip, zero
       ${recordCsr('hvip')}
       csrwi vsip, 2
       ${recordCsr('hvip', 'hip')}`,
    );
    expect(values).toEqual([4n, 4n, 2n, 0n, 4n, 0n, 4n, 4n]);
  });

  it('hypervisor and VS registers are out of reach of guests (virtual instruction) and of U-mode (illegal)', () => {
    const uses = [...HYPERVISOR, ...VIRTUAL].flatMap((name) =>
      name === 'hgeip' ? [`csrr a0, ${name}`] : [`csrr a0, ${name}`, `csrw ${name}, a0`],
    );
    for (const mode of ['VS', 'VU', 'U', 'S'] as const) {
      const { traps } = run(engine(), `li a0, 0\n ${uses.map((use) => attempt(mode, use)).join('')}`);
      const want = mode === 'S' ? 0 : mode === 'U' ? 2 : 22;
      const wrong = uses.filter((_, i) => (traps[i]?.level === 'none' ? 0 : traps[i]?.cause) !== want);
      expect(wrong, mode).toEqual([]);
    }
  });

  it('a write to a read-only one is illegal even for a guest, M-level ones too; S-level ones are virtual in VU', () => {
    const { traps } = run(
      engine(),
      `${attempt('VS', 'csrw hgeip, a0')}
       ${attempt('VS', 'csrr a0, mscratch')}
       ${attempt('VU', 'csrw mstatus, a0')}
       ${attempt('VU', 'csrr a0, sscratch')}
       ${attempt('VU', 'csrw satp, a0')}
       ${attempt('VS', 'csrr a0, 0x60c')}
       ${attempt('VU', 'csrr a0, 0x14f')}`,
    );
    expect(traps.map(({ cause }) => cause)).toEqual([2, 2, 2, 22, 22, 2, 2]);
  });

  it('TVM closes hgatp to HS-mode, and does not turn a guest’s virtual instruction into an illegal one', () => {
    const { traps } = run(
      engine(),
      `li t0, 1 << 20
       csrs mstatus, t0
       ${attempt('S', 'csrr a0, hgatp')}
       ${attempt('S', 'hfence.gvma')}
       ${attempt('S', 'hfence.vvma\n csrr a0, vsatp')}
       ${attempt('VS', 'csrr a0, hgatp')}
       ${attempt('VS', 'hfence.gvma')}
       ${attempt('VS', 'csrr a0, satp\n sfence.vma')}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([2, 2, 0, 22, 22, 0]);
  });

  it('without misa.H the hypervisor extension is not there', () => {
    const names = [...HYPERVISOR, ...VIRTUAL, 'mtval2', 'mtinst', 'vstimecmp'];
    const more = ['hfence.vvma', 'hfence.gvma', 'hlv.w a0, (a0)', 'hsv.w a0, (a0)', 'hlvx.hu a0, (a0)'];
    const { traps } = run(
      engine(),
      `li t0, ${H}
       csrc misa, t0
       ${[...names.map((name) => `csrr a0, ${name}`), ...more].map((use) => attempt('M', use)).join('')}`,
    );
    const all = [...names, ...more];
    expect(all.filter((_, i) => traps[i]?.cause !== 2)).toEqual([]);
  });

  it('without misa.H no virtual interrupt is pending or enabled, and mret enters no guest', () => {
    const { values, traps } = run(
      engine(),
      `${setCsr('hvip', 0x444)} ${setCsr('mie', 0x1eee)}
       li t0, (1 << 39) | (1 << 38)
       csrs mstatus, t0
       li t1, ${H}
       csrc misa, t1
       csrr a0, mip
       csrr a1, mie
       csrs mstatus, t0
       csrr a2, mstatus
       and a2, a2, t0
       csrr a3, mideleg
       ${record('a0', 'a1', 'a2', 'a3')}
       csrw mie, zero
       ${attempt('VS', 'li a7, 0\n ecall')}`,
    );
    expect(values).toEqual([0n, 0xaaan, 0n, 0n]);
    expect(traps[0]).toMatchObject({ level: 'M', cause: 9 });
  });

  it('without misa.H sret enters no guest, whatever SPV was', () => {
    const { traps } = run(
      engine(),
      `${setCsr('hstatus', 1 << 7)}
       li t1, ${H}
       csrc misa, t1
       ${attempt('S', 'li t0, 1 << 8\n csrs sstatus, t0\n la t0, 7f\n csrw sepc, t0\n sret\n 7: li a7, 0\n ecall')}`,
    );
    expect(traps[0]).toMatchObject({ level: 'M', cause: 9 });
  });
}
