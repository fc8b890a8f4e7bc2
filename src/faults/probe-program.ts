// The hostile kernel, in machine code written here: it runs bare in S-mode in a guest's slot and does one forbidden thing
// at a time. The harness stops it at `ready`, picks an act by its label, and reads the answer from registers and memory.

import { assembleProgram, type Program } from '../machine/index.ts';

/** Where the page sweep puts its answers, one byte per page, from the start of the slot. */
export const RESULTS_OFFSET = 0x10_0000;
export const RESULT = { LOADED: 1, STORED: 2 } as const;

/** x8 = s0 the address; x9 = s1 the value, or the end of the range; x18 = s2 where the next answer goes. */
export const ADDRESS = 8;
export const VALUE = 9;
export const CURSOR = 18;

/** Acts on one register of a device, by width in bytes. */
export const LOADS = { 1: 'load1', 4: 'load4', 8: 'load8' } as const;
export const STORES = { 1: 'store1', 4: 'store4', 8: 'store8' } as const;

/** Instructions that may trap are 4 bytes long: the handler steps over them. */
const SOURCE = `
start:
  la t0, trap
  csrw stvec, t0
  csrw sie, zero
  csrw satp, zero
ready:
  j ready

# A synchronous trap is the answer "refused"; the act is skipped.
.align 2
trap:
  addi s5, s5, 1
  csrr t6, sepc
  addi t6, t6, 4
  csrw sepc, t6
  sret

# Each page of [s0, s1): load its first word, store it back; answers from s2 on.
pages:
  bgeu s0, s1, done
  li s5, 0
  li t2, ${RESULT.LOADED | RESULT.STORED}
  ld t1, 0(s0)
  beqz s5, loaded
  addi t2, t2, -${RESULT.LOADED}
loaded:
  li s5, 0
  sd t1, 0(s0)
  beqz s5, stored
  addi t2, t2, -${RESULT.STORED}
stored:
  sb t2, 0(s2)
  addi s2, s2, 1
  lui t3, 1
  add s0, s0, t3
  j pages

# Execute at s0. A refused fetch traps with sepc = s0, so this act has a handler of its own.
fetch:
  la t0, refused
  csrw stvec, t0
  jalr ra, 0(s0)
  j done
.align 2
refused:
  addi s5, s5, 1
  j done

load1:
  lbu t1, 0(s0)
  j done
load4:
  lw t1, 0(s0)
  j done
load8:
  ld t1, 0(s0)
  j done
store1:
  sb s1, 0(s0)
  j done
store4:
  sw s1, 0(s0)
  j done
store8:
  sd s1, 0(s0)
  j done

done:
  j done
`;

/** @param more acts of its user, each a label, some instructions and `j done` */
export function assembleProbe(slotBase: number, more = ''): Program {
  return assembleProgram(SOURCE + more, slotBase);
}
