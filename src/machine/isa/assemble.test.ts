import { describe, expect, it } from 'vitest';
import { assemble, AssemblyError, assembleProgram } from './assemble.ts';
import { disassemble } from './disassemble.ts';

const BASE = 0x80000000;

/** The instructions of a program as text, targets relative. */
function listing(text: string): string[] {
  const bytes = assemble(text, BASE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const low = view.getUint16(at, true);
    const length = (low & 3) === 3 ? 4 : 2;
    lines.push(disassemble(length === 4 ? view.getUint32(at, true) : low));
    at += length;
  }
  return lines;
}

/** What a constant built by `li` comes to, by the arithmetic of its four instructions. */
function evaluated(value: bigint): bigint {
  let register = 0n;
  for (const line of listing(`li a0, ${value}`)) {
    const [name, , ...rest] = line.replaceAll(',', '').split(' ');
    const number = BigInt(rest.at(-1) ?? '0');
    if (name === 'lui') register = BigInt.asIntN(32, number << 12n);
    else if (name === 'addiw') register = BigInt.asIntN(32, register + number);
    else if (name === 'slli') register = BigInt.asIntN(64, register << number);
    else register = BigInt.asIntN(64, (rest[0] === 'zero' ? 0n : register) + number);
  }
  return register;
}

describe('the assembler', () => {
  it('resolves labels in both directions, numeric ones by the nearest', () => {
    expect(listing('start: j end\n1: bnez a0, 1b\n beqz a0, 1f\n1: j start\nend: ret')).toEqual([
      'jal zero, .+16',
      'bne a0, zero, .+0',
      'beq a0, zero, .+4',
      'jal zero, .-12',
      'jalr zero, ra, 0',
    ]);
  });

  it('takes ABI and plain register names', () => {
    expect(listing('add x10, fp, t6\nfld f10, 8(x2)\nfmv.x.d a0, fs11')).toEqual([
      'add a0, s0, t6',
      'fld fa0, 8(sp)',
      'fmv.x.d a0, fs11',
    ]);
  });

  it('builds every 64-bit constant', () => {
    const constants = [
      0n,
      1n,
      -1n,
      2047n,
      2048n,
      -2048n,
      -2049n,
      0x7fffffffn,
      0x80000000n,
      -0x80000000n,
      0x7ffffffffffff800n,
    ];
    for (let bit = 0n; bit < 64n; bit++)
      constants.push(1n << bit, (1n << bit) - 1n, ~(1n << bit), 0x0123456789abcdefn << bit);
    for (const constant of constants) expect(evaluated(constant), String(constant)).toBe(BigInt.asIntN(64, constant));
  });

  it('reaches addresses relative to pc, backwards too', () => {
    expect(listing('x: la a0, x\n call y\ny: tail x')).toEqual([
      'auipc a0, 0x0',
      'addi a0, a0, 0',
      'auipc ra, 0x0',
      'jalr ra, ra, 8',
      'auipc t1, 0x0',
      'jalr zero, t1, -16',
    ]);
  });

  it('writes pseudo-instructions as what they stand for', () => {
    expect(
      listing('mv a0, a1\nnot a0, a0\nseqz a0, a1\nblez a0, .\ncsrw satp, a0\ncsrsi mstatus, 8\nrdtime a0\nfence'),
    ).toEqual([
      'addi a0, a1, 0',
      'xori a0, a0, -1',
      'sltiu a0, a1, 1',
      'bge zero, a0, .+0',
      'csrrw zero, satp, a0',
      'csrrsi zero, mstatus, 8',
      'csrrs a0, time, zero',
      'fence iorw, iorw',
    ]);
  });

  it('takes a rounding mode at the end, else the dynamic one, or none where the result is always exact', () => {
    const text = [
      'fadd.d fa0, fa1, fa2',
      'fadd.d fa0, fa1, fa2, rne',
      'fsqrt.s fs0, ft11, rmm',
      'fnmsub.s f0, f1, f2, f31, rup',
      'fcvt.w.d a0, fa0, rtz',
      'fcvt.d.w fa0, a0',
      'fcvt.d.s fa0, fa1, rdn',
      'fcvt.s.lu fa0, a0',
    ];
    expect(listing(`${text.join('\n')}\nfadd.d fa0, fa1, fa2, dyn\nfcvt.d.wu fa0, a0, rne`)).toEqual([
      ...text.map((line) => line.replace('f0, f1, f2, f31', 'ft0, ft1, ft2, ft11')),
      'fadd.d fa0, fa1, fa2',
      'fcvt.d.wu fa0, a0',
    ]);
    expect([...assemble('fmadd.d fa0, fa1, fa2, fa3\nfcvt.d.w fa0, a0', BASE)]).toEqual([
      0x43, 0xf5, 0xc5, 0x6a, 0x53, 0x05, 0x05, 0xd2,
    ]);
  });

  it('writes the pseudo-instructions of floating point', () => {
    expect(
      listing('fmv.s fa0, fa1\nfabs.d fa0, fa1\nfneg.s fa0, fa1\nfgt.d a0, fa0, fa1\nfsrm a0, a1\nfrflags a0'),
    ).toEqual([
      'fsgnj.s fa0, fa1, fa1',
      'fsgnjx.d fa0, fa1, fa1',
      'fsgnjn.s fa0, fa1, fa1',
      'flt.d a0, fa1, fa0',
      'csrrw a0, frm, a1',
      'csrrs a0, fflags, zero',
    ]);
  });

  it('lays out data, text and gaps', () => {
    const { bytes, symbols } = assembleProgram(
      `.equ SIZE, 4 * (1 + 2)   # a comment
       .byte 1, -1, 'a' ; another
       .align 2
       words: .word SIZE, words // and another
       .half 0x1234
       .asciz "a # \\"b\\" ;\\n"
       .balign 8
       .dword 0xfedcba9876543210
       .org 0x80000040
       here: .space 2`,
      BASE,
    );
    expect(symbols.get('words')).toBe(0x80000004n);
    expect(symbols.get('here')).toBe(0x80000040n);
    expect([...bytes.slice(0, 3)]).toEqual([1, 255, 97]);
    expect([...bytes.slice(4, 14)]).toEqual([12, 0, 0, 0, 4, 0, 0, 0x80, 0x34, 0x12]);
    expect(new TextDecoder().decode(bytes.slice(14, 25))).toBe('a # "b" ;\n\0');
    expect([...bytes.slice(32, 40)]).toEqual([0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]);
    expect(bytes.length).toBe(0x42);
  });

  it('fills gaps in code with instructions that do nothing', () => {
    expect(listing('c.nop\n.align 3\nret')).toEqual([
      'c.addi zero, 0',
      'c.addi zero, 0',
      'addi zero, zero, 0',
      'jalr zero, ra, 0',
    ]);
  });

  it.each([
    ['\n addi a0, a0, 5000', 'line 2: addi: 5000', 'use li'],
    ['frob a0', 'line 1: frob is no instruction', 'src/machine/isa'],
    ['c.lw t6, 0(a0)', 'line 1: c.lw: rd = x31', 'full instruction'],
    ['c.sw a0, 2(a0)', 'line 1: c.sw: 2 is not a multiple of 4', 'li'],
    ['c.mv a0, zero', 'line 1: c.mv: with these operands is c.jr', 'full instruction'],
    ['c.lui a0, 0', 'line 1: c.lui: with these operands is reserved', 'full instruction'],
    ['lw a0, 0(f1)', "line 1: lw: 'f1' is no register for rs1", ''],
    ['j nowhere', 'line 1: jal: nowhere is not defined', 'add the label'],
    ['beq a0, a1, .+8192', 'line 1: beq: the target is 8192 bytes away', 'nearer place'],
    ['li a0, later\nlater:', 'line 1: later is not defined', 'use la'],
    ['a:\na:', 'line 2: a is defined twice', 'rename'],
    ['.frob 1', 'line 1: .frob is no directive', '.dword'],
    ['.org 4', 'line 1: the place would move by -2147483644 bytes', ''],
    ['add a0, a0', 'line 1: add: takes 3 operands (rd, rs1, rs2), 2 given', ''],
    ['fadd.d fa0, fa1, fa2, up', "line 1: fadd.d: 'up' is no rounding mode", 'rup'],
    ['fadd.d fa0, fa1', 'line 1: fadd.d: takes 4 operands (rd, rs1, rs2, rm), 2 given', ''],
    ['fmadd.d fa0, fa1, fa2, a3', "line 1: fmadd.d: 'a3' is no floating-point register for rs3", ''],
    ['csrs a0', 'line 1: csrs: takes 2 operands, 1 given', ''],
    ['csrwi mie, 32', 'line 1: csrrwi: 32 is not in 0..31', 'register'],
    ['amoadd.d a0, a1, 8(a2)', 'line 1: amoadd.d: takes a plain (register)', ''],
    ['lui a0, %hi(1 << 40)', 'line 1: lui: 1099511627776 does not fit', 'use li'],
  ])('refuses %j with line and remedy', (text, message, remedy) => {
    expect(() => assemble(text, BASE)).toThrow(AssemblyError);
    expect(() => assemble(text, BASE)).toThrow(message);
    expect(() => assemble(text, BASE)).toThrow(remedy);
  });
});

describe('the disassembler', () => {
  it('prints targets as addresses where it knows its own', () => {
    expect(disassemble(0xfeb50ee3, 0x80000010n)).toBe('beq a0, a1, 0x8000000c');
    expect(disassemble(0xfeb50ee3)).toBe('beq a0, a1, .-4');
  });

  it('names orderings, CSRs and fences', () => {
    expect(disassemble(0x06b6252f)).toBe('amoadd.w.aqrl a0, a1, (a2)');
    expect(disassemble(0x30529073)).toBe('csrrw zero, mtvec, t0');
    expect(disassemble(0x0310000f)).toBe('fence rw, w');
  });

  it('writes what has no text as data', () => {
    expect(disassemble(0xffffffff)).toBe('.word 0xffffffff');
    expect(disassemble(0)).toBe('.half 0x0');
    expect(disassemble(0x8330000f)).toBe('.word 0x8330000f # fence rw, rw');
  });
});
