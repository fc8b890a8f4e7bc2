import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, CODE, DATA, NOWHERE, RAM_END, record, run } from './program.ts';

export function memory({ engine, it }: Suite): void {
  it('misaligned loads and stores work, across a page too', () => {
    const places = [DATA + 1, DATA + 3, DATA + 0xfff, DATA + 0xffd, DATA + 0xff9, DATA + 0xffe];
    const { values } = run(
      engine(),
      places
        .map(
          (place) => `
          li a0, ${place}
          li a1, 0x8182838485868788
          sd a1, 0(a0)
          ld a2, 0(a0)
          lw a3, 0(a0)
          lhu a4, 0(a0)
          lb a5, 7(a0)
          ${record('a2', 'a3', 'a4', 'a5')}
          li a1, 0x1122334455667788
          sw a1, 1(a0)
          ld a2, 0(a0)
          sh a1, 3(a0)
          ld a3, 0(a0)
          ${record('a2', 'a3')}
          sd zero, 0(a0)`,
        )
        .join('\n'),
    );
    expect(values).toEqual(
      places.flatMap(() => [
        0x8182838485868788n,
        0xffffffff85868788n,
        0x8788n,
        0xffffffffffffff81n,
        0x8182835566778888n,
        0x8182837788778888n,
      ]),
    );
  });

  it('absent memory faults with the address, by the kind of access', () => {
    const { traps } = run(
      engine(),
      `li a0, ${NOWHERE}
       ${attempt('M', 'ld a1, 0(a0)')}
       ${attempt('M', 'c.nop\n sb a1, 3(a0)')}
       ${attempt('M', 'jr a0')}
       li a0, 1 << 40
       ${attempt('M', 'lw a1, 4(a0)')}
       li a0, -8
       ${attempt('M', 'sd a1, 0(a0)')}
       ${attempt('M', 'li a1, 5\n jalr a1, a0, 0')}
       ${record('a1')}`,
    );
    expect(
      traps.map(({ cause, offset, epc, tval }) => [
        cause,
        epc < BigInt(CODE) || epc > BigInt(DATA) ? epc : offset,
        tval,
      ]),
    ).toEqual([
      [5, 0, BigInt(NOWHERE)],
      [7, 2, BigInt(NOWHERE + 3)],
      [1, BigInt(NOWHERE), BigInt(NOWHERE)],
      [5, 0, (1n << 40n) + 4n],
      [7, 0, BigInt.asUintN(64, -8n)],
      [1, BigInt.asUintN(64, -8n), BigInt.asUintN(64, -8n)],
    ]);
  });

  it('a device answers at its own address, not 4 GiB above it', () => {
    const mtimecmp = 0x2004000;
    const at = (address: number, use: string) => attempt('M', `li a0, ${address}\n ${use}`);
    const { traps } = run(
      engine(),
      `${at(mtimecmp, 'ld a1, (a0)')} ${at(mtimecmp + 2 ** 32, 'ld a1, (a0)')} ${at(mtimecmp + 2 ** 32, 'sd a1, (a0)')}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([0, 5, 7]);
  });

  it('jalr clears the lowest bit of its target before anything looks at it', () => {
    const { traps } = run(engine(), `li a0, ${NOWHERE + 0x101}\n ${attempt('M', 'jalr ra, a0, 2')}`);
    expect(traps[0]).toMatchObject({ cause: 1, epc: BigInt(NOWHERE + 0x102), tval: BigInt(NOWHERE + 0x102) });
  });

  it('a faulting load leaves its destination alone', () => {
    const { values } = run(
      engine(),
      `li a1, 77
       li a0, ${NOWHERE}
       ${attempt('M', 'ld a1, 0(a0)')}
       ${attempt('M', 'ld a0, 0(a0)')}
       ${record('a0', 'a1')}`,
    );
    expect(values).toEqual([BigInt(NOWHERE), 77n]);
  });

  it('an instruction may cross a page', () => {
    const { values } = run(
      engine(),
      `li a0, 0
       j 1f
       .org ${CODE + 0x1ffe}
     1: addi a0, a0, 9       # two bytes in each page
       ${record('a0')}
       j 2f
       .org ${CODE + 0x3ffc}
     2: addi a0, a0, 1
       addi a0, a0, 2
       c.addi a0, 4
       ${record('a0')}
       la a1, 3f
       jr a1
       .org ${CODE + 0x5ffe}
     3: jal a2, 4f
     link: nop
     4: la a3, link
       sub a2, a2, a3
       ${record('a2')}
       li a4, 1
       j 5f
       .org ${CODE + 0x7ffe}
     5: bnez a4, 6f
       li a4, 2
     6: ${record('a4')}
       j 7f
       .org ${CODE + 0x9ffe}
     7: csrrw a5, mscratch, a4
       csrr a5, mscratch
       ${record('a5')}`,
    );
    expect(values).toEqual([9n, 16n, 0n, 1n, 1n]);
  });

  it('an instruction whose second half cannot be fetched faults there', () => {
    const { traps } = run(
      engine(),
      `li a0, ${RAM_END - 2}
       li a1, 0x0013         # the low half of nop
       sh a1, 0(a0)
       ${attempt('M', 'jr a0')}`,
    );
    expect(traps[0]).toMatchObject({ cause: 1, epc: BigInt(RAM_END - 2), tval: BigInt(RAM_END) });
  });

  it('a store to code is seen by the next fetch after fence.i', () => {
    const { values } = run(
      engine(),
      `li a0, 0
       la a1, patch
       la a3, other
       lw a2, 0(a3)
       li a4, 3
     1:
     patch: addi a0, a0, 1
       sw a2, 0(a1)
       fence.i
       addi a4, a4, -1
       bnez a4, 1b
       ${record('a0')}
       j 2f
     other: addi a0, a0, 100
     2:`,
    );
    expect(values).toEqual([201n]);
  });

  it('stores of every width and place are seen in code: bytes, halves of a word, across operations and pages', () => {
    const { values } = run(
      engine(),
      `la a1, target
       li a0, 0
       call target
       # addi a0, a0, 1 becomes addi a0, a0, 0x41 by its top byte
       li a2, 0x04
       sb a2, 3(a1)
       fence.i
       call target
       ${record('a0')}
       # its upper halfword alone: addi a0, a0, 3
       li a2, 0x0035
       sh a2, 2(a1)
       fence.i
       call target
       ${record('a0')}
       # a doubleword over it and its neighbour: addi a0, a0, 5; addi a0, a0, 6
       li a2, 0x0065051300550513
       sd a2, 0(a1)
       fence.i
       call target
       ${record('a0')}
       # misaligned, over a page boundary
       la a1, crossing
       li a2, 0x00750513
       call crossing
       sw a2, 0(a1)
       fence.i
       call crossing
       ${record('a0')}
       # by amo
       la a1, target
       li a2, 0x00850513
       amoswap.w a3, a2, (a1)
       fence.i
       call target
       ${record('a0')}
       j 9f
       .align 3
     target: addi a0, a0, 1
       nop
       ret
       .org ${CODE + 0x2ffe}
     crossing: addi a0, a0, 2
       ret
     9:`,
    );
    let sum = 0n;
    const want = [1n + 0x41n, 3n, 5n + 6n, 2n + 7n, 8n + 6n].map((by) => {
      sum += by;
      return sum;
    });
    expect(values).toEqual(want);
  });

  it('code written into fresh memory runs', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       li a1, 0x00a50513     # addi a0, a0, 10
       sw a1, 0(a0)
       li a1, 0x8082         # c.ret
       sh a1, 4(a0)
       fence.i
       mv a2, a0
       jalr ra, a2, 0
       sub a0, a0, a2
       ${record('a0')}`,
    );
    expect(values).toEqual([10n]);
  });

  it('words that mean nothing trap with themselves', () => {
    // All ones, a custom opcode, ecall and mret with bits set, funct3 7 of loads, a wrong funct7, bit 5 of a word shift, jalr with funct3 1.
    const words = [0xffffffff, 0x7f, 0xf3, 0x30208073, 0x7003, 0x80000033, 0x4200501b, 0xf800202f, 0x1067];
    const { traps } = run(engine(), words.map((word) => attempt('M', `.word ${word >>> 0}`)).join('\n'));
    expect(traps.map(({ level, cause, tval }) => [level, cause, tval])).toEqual(
      words.map((word) => ['M', 2, BigInt(word >>> 0)]),
    );
  });
}
