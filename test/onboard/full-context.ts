// A guest that fills every register it can see with a fresh pattern, lets time pass, and looks what became of it.

interface Row {
  readonly name: string;
  /** Bits that take the pattern; the others are `fixed`. */
  readonly mask: string;
  readonly fixed?: string;
  /** Instructions that set it from t0, and that read it into t0; t1 is free. */
  readonly set: string;
  readonly get: string;
}

const csr = (name: string, mask: string, fixed?: string): Row => ({
  name,
  mask,
  ...(fixed === undefined ? {} : { fixed }),
  set: `csrw ${name}, t0`,
  get: `csrr t0, ${name}`,
});

const word = (name: string, address: string, mask: string): Row => ({
  name,
  mask,
  set: `li t1, ${address}\n sw t0, 0(t1)`,
  get: `li t1, ${address}\n lwu t0, 0(t1)`,
});

/** What S-mode sees besides x and f registers. Interrupts are off meanwhile, so none of it changes by itself. */
const SUPERVISOR: readonly Row[] = [
  csr('sie', '0x222'),
  csr('stvec', '-3'),
  csr('sscratch', '-1'),
  csr('sepc', '-2'),
  csr('scause', '-1'),
  csr('stval', '-1'),
  csr('satp', '0xffff << 44', '8 << 60 | ROOT >> 12'), // every ASID; the tables map all to itself
  csr('scounteren', '0xffffffff'),
  csr('senvcfg', '1'),
  csr('stimecmp', '(1 << 60) - 1', '1 << 60'), // never reached
  { ...csr('sip', '2'), get: 'csrr t0, sip\n andi t0, t0, 2' }, // SSIP
  word('PLIC enables', 'PLIC + 0x2080', '1 << UART_IRQ | 1 << DMA_IRQ'),
  word('PLIC threshold', 'PLIC + 0x201000', '7'),
  // SPP, SPIE, SUM, MXR; FS is Initial or Dirty, for with FS off the f registers are not there to be seen.
  { ...csr('sstatus', '0xc4120', '0x2000'), get: 'csrr t0, sstatus\n li t1, 0xc6122\n and t0, t0, t1' },
];

const X = Array.from({ length: 31 }, (_, i) => i + 1);
const F = Array.from({ length: 32 }, (_, i) => i);
const SUPERVISOR_ROWS = SUPERVISOR.length;
const FIRST_X = SUPERVISOR_ROWS;
const FIRST_F = FIRST_X + X.length;
const FCSR = FIRST_F + F.length;
const ROWS = FCSR + 1;

/** By the number that a mismatch reports. */
export const REGISTER_NAMES: readonly string[] = [
  ...SUPERVISOR.map(({ name }) => name),
  ...X.map((n) => `x${n}`),
  ...F.map((n) => `f${n}`),
  'fcsr',
];

const masks = [
  ...SUPERVISOR.map(({ mask, fixed }) => `.dword ${mask}, ${fixed ?? 0}`),
  ...Array.from({ length: X.length + F.length }, () => '.dword -1, 0'),
  '.dword 0xff, 0',
];

/**
 * Each round, first with interrupts off the S-mode state, then under an endless loop of one instruction all of x, f and
 * fcsr, which ends with the guest's own timer interrupt. A register that changed is reported by its number, with the value
 * that it should have and the one that it has. `spin` is the length of each half in mtime ticks.
 */
export const fullContextGuest = (rounds: number, spin: number, seed: number): string => `
  .equ EXPECTED, DATA
  .equ SEEN, DATA + 0x1000
  .equ ROOT, DATA + 0x2000
  .equ SEED, DATA + 0x3000
  li t0, ROOT                 # 1 GiB leaves, everything at its own address
  li t1, 0xcf
  sd t1, 0(t0)
  li t1, 0x80000 << 10 | 0xcf
  sd t1, 16(t0)
  li t0, SEED
  li t1, ${seed}
  sd t1, 0(t0)
  li s10, ${rounds}
  li t0, DATA + 0x3008
  sd s10, 0(t0)

round:
  la s0, masks
  li s1, EXPECTED
  li s2, ${ROWS}
  li s4, SEED
  ld s3, 0(s4)
1:
  slli t1, s3, 13             # xorshift64
  xor s3, s3, t1
  srli t1, s3, 7
  xor s3, s3, t1
  slli t1, s3, 17
  xor s3, s3, t1
  ld t1, 0(s0)
  ld t2, 8(s0)
  and t1, t1, s3
  or t1, t1, t2
  sd t1, 0(s1)
  addi s0, s0, 16
  addi s1, s1, 8
  addi s2, s2, -1
  bnez s2, 1b
  sd s3, 0(s4)

  csrci sstatus, 2
  li s1, EXPECTED
${SUPERVISOR.map(({ set }, i) => `  ld t0, ${8 * i}(s1)\n  ${set}`).join('\n')}
  li t1, ${spin * 50}        # two cycles a turn
2:
  addi t1, t1, -1
  bnez t1, 2b
  li s1, SEEN
${SUPERVISOR.map(({ get }, i) => `  ${get}\n  sd t0, ${8 * i}(s1)`).join('\n')}
  li s5, 0
  li s6, ${SUPERVISOR_ROWS}
  call compare

  li t0, 0x6000
  csrs sstatus, t0
  la t0, interrupted
  csrw stvec, t0
  li t0, SEEN
  csrw sscratch, t0
  csrw sip, zero
  li t0, 0x20
  csrw sie, t0
  rdtime t0
  addi t0, t0, ${spin}
  csrw stimecmp, t0
  csrsi sstatus, 2
  li x31, EXPECTED
${F.map((n) => `  fld f${n}, ${8 * (FIRST_F + n)}(x31)`).join('\n')}
  ld t0, ${8 * FCSR}(x31)
  csrw fcsr, t0
${X.map((n) => `  ld x${n}, ${8 * (FIRST_X + n - 1)}(x31)`).join('\n')}
spin:
  j spin

  .align 2
interrupted:
  csrrw sp, sscratch, sp
${X.filter((n) => n !== 2)
  .map((n) => `  sd x${n}, ${8 * (FIRST_X + n - 1)}(sp)`)
  .join('\n')}
  csrr t0, sscratch
  sd t0, ${8 * (FIRST_X + 1)}(sp)
${F.map((n) => `  fsd f${n}, ${8 * (FIRST_F + n)}(sp)`).join('\n')}
  csrr t0, fcsr
  sd t0, ${8 * FCSR}(sp)
  li s5, ${FIRST_X}
  li s6, ${ROWS}
  call compare

  li t0, MONITOR + MONITOR_HEARTBEAT
  sd zero, 0(t0)
  li t0, DATA + 0x3008
  ld s10, 0(t0)
  addi s10, s10, -1
  sd s10, 0(t0)
  beqz s10, done
  j round
done:
  li t6, MONITOR + MONITOR_END
  sd t6, 0(t6)
  csrw sie, zero
  wfi
  j done

compare:                      # rows s5 to s6
  li s1, EXPECTED
  li s2, SEEN
  li s3, MONITOR + MONITOR_REPORT
1:
  slli t0, s5, 3
  add t1, s1, t0
  ld t1, 0(t1)
  add t2, s2, t0
  ld t2, 0(t2)
  beq t1, t2, 2f
  sd s5, 0(s3)
  sd t1, 0(s3)
  sd t2, 0(s3)
2:
  addi s5, s5, 1
  bne s5, s6, 1b
  ret

  .align 3
masks:
  ${masks.join('\n  ')}
`;
