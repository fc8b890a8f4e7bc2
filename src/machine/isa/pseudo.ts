/** Instructions that stand for others: (name, operand texts); `.` in one is the address of the instruction it stands in. */
export type Expansion = readonly (readonly [name: string, ...operands: string[]])[];

/**
 * Pseudo-instructions ("RISC-V Assembly Programmer's Manual") and the short forms of real ones: name, operands, and the
 * text they stand for. `li` is apart, for its length depends on the value.
 */
const RULES = `
  nop                = addi zero, zero, 0
  c.nop              = c.addi zero, 0
  unimp              = csrrw zero, cycle, zero
  mv $1 $2           = addi $1, $2, 0
  not $1 $2          = xori $1, $2, -1
  neg $1 $2          = sub $1, zero, $2
  negw $1 $2         = subw $1, zero, $2
  sext.w $1 $2       = addiw $1, $2, 0
  seqz $1 $2         = sltiu $1, $2, 1
  snez $1 $2         = sltu $1, zero, $2
  sltz $1 $2         = slt $1, $2, zero
  sgtz $1 $2         = slt $1, zero, $2
  la $1 $2           = auipc $1, %hi(($2) - .) | addi $1, $1, %lo(($2) - . + 4)
  lla $1 $2          = auipc $1, %hi(($2) - .) | addi $1, $1, %lo(($2) - . + 4)
  call $1            = auipc ra, %hi(($1) - .) | jalr ra, ra, %lo(($1) - . + 4)
  tail $1            = auipc t1, %hi(($1) - .) | jalr zero, t1, %lo(($1) - . + 4)
  j $1               = jal zero, $1
  jal $1             = jal ra, $1
  jr $1              = jalr zero, $1, 0
  jalr $1            = jalr ra, $1, 0
  ret                = jalr zero, ra, 0
  beqz $1 $2         = beq $1, zero, $2
  bnez $1 $2         = bne $1, zero, $2
  bltz $1 $2         = blt $1, zero, $2
  bgez $1 $2         = bge $1, zero, $2
  bgtz $1 $2         = blt zero, $1, $2
  blez $1 $2         = bge zero, $1, $2
  bgt $1 $2 $3       = blt $2, $1, $3
  ble $1 $2 $3       = bge $2, $1, $3
  bgtu $1 $2 $3      = bltu $2, $1, $3
  bleu $1 $2 $3      = bgeu $2, $1, $3
  csrr $1 $2         = csrrs $1, $2, zero
  csrw $1 $2         = csrrw zero, $1, $2
  csrs $1 $2         = csrrs zero, $1, $2
  csrc $1 $2         = csrrc zero, $1, $2
  csrwi $1 $2        = csrrwi zero, $1, $2
  csrsi $1 $2        = csrrsi zero, $1, $2
  csrci $1 $2        = csrrci zero, $1, $2
  rdcycle $1         = csrrs $1, cycle, zero
  rdtime $1          = csrrs $1, time, zero
  rdinstret $1       = csrrs $1, instret, zero
  fence              = fence iorw, iorw
  sfence.vma         = sfence.vma zero, zero
  sfence.vma $1      = sfence.vma $1, zero
  hfence.vvma        = hfence.vvma zero, zero
  hfence.vvma $1     = hfence.vvma $1, zero
  hfence.gvma        = hfence.gvma zero, zero
  hfence.gvma $1     = hfence.gvma $1, zero
  fmv.s $1 $2        = fsgnj.s $1, $2, $2
  fneg.s $1 $2       = fsgnjn.s $1, $2, $2
  fabs.s $1 $2       = fsgnjx.s $1, $2, $2
  fmv.d $1 $2        = fsgnj.d $1, $2, $2
  fneg.d $1 $2       = fsgnjn.d $1, $2, $2
  fabs.d $1 $2       = fsgnjx.d $1, $2, $2
  fgt.s $1 $2 $3     = flt.s $1, $3, $2
  fge.s $1 $2 $3     = fle.s $1, $3, $2
  fgt.d $1 $2 $3     = flt.d $1, $3, $2
  fge.d $1 $2 $3     = fle.d $1, $3, $2
  frcsr $1           = csrrs $1, fcsr, zero
  frrm $1            = csrrs $1, frm, zero
  frflags $1         = csrrs $1, fflags, zero
  fscsr $1           = csrrw zero, fcsr, $1
  fscsr $1 $2        = csrrw $1, fcsr, $2
  fsrm $1            = csrrw zero, frm, $1
  fsrm $1 $2         = csrrw $1, frm, $2
  fsflags $1         = csrrw zero, fflags, $1
  fsflags $1 $2      = csrrw $1, fflags, $2
`;

/** Texts by name and number of operands. */
const rules = new Map<string, string[]>();
for (const line of RULES.trim().split('\n')) {
  const [head = '', text = ''] = line.split(' = ');
  const [name = '', ...operands] = head.trim().split(/\s+/);
  rules.set(`${name}/${operands.length}`, text.trim().split(' | '));
}

/** Name and operands of one instruction's text; commas inside parentheses do not separate. */
export function splitInstruction(text: string): [name: string, ...operands: string[]] {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(text) ?? [];
  if (rest === '') return [name];
  const operands: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= rest.length; i++) {
    const letter = rest[i] ?? ',';
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if ((letter === ',' && depth === 0) || i === rest.length) {
      operands.push(rest.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [name, ...operands];
}

/** How many operands a name takes, where it is a pseudo-instruction. */
export function operandCounts(name: string): number[] {
  if (name === 'li') return [2];
  return [...rules.keys()].flatMap((key) => (key.startsWith(`${name}/`) ? [Number(key.slice(name.length + 1))] : []));
}

/** What the instruction stands for, or undefined where it is a real one. */
export function expand(name: string, operands: readonly string[]): Expansion | undefined {
  return rules
    .get(`${name}/${operands.length}`)
    ?.map((text) => splitInstruction(text.replace(/\$(\d)/g, (_, n: string) => operands[Number(n) - 1] ?? '')));
}

/** Builds a 64-bit constant: 32 bits by lui and addiw, then shifts and additions from the top down. */
export function loadImmediate(rd: string, wanted: bigint): Expansion {
  const value = BigInt.asIntN(64, wanted);
  const low = BigInt.asIntN(12, value);
  if (BigInt.asIntN(32, value) === value) {
    const high = BigInt.asUintN(20, (value + 0x800n) >> 12n);
    if (high === 0n) return [['addi', rd, 'zero', String(low)]];
    const upper = ['lui', rd, String(high)] as const;
    return low === 0n ? [upper] : [upper, ['addiw', rd, rd, String(low)]];
  }
  let upper = BigInt.asIntN(52, (value + 0x800n) >> 12n);
  let shift = 12n;
  while ((upper & 1n) === 0n) {
    upper >>= 1n;
    shift++;
  }
  const shifted = [...loadImmediate(rd, upper), ['slli', rd, rd, String(shift)] as const];
  return low === 0n ? shifted : [...shifted, ['addi', rd, rd, String(low)]];
}
