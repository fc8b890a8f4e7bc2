// For tests: code in S-mode, some of whose memory is translated.
import { BASE } from './pair.ts';

/** Page tables, and the frames that virtual pages are mapped to. */
export const ROOT = BASE + 0x40000;
export const FRAMES = BASE + 0x50000;
/** First of the virtual pages that change. */
export const PAGES = 0x40000000n;

/** To S-mode under Sv39: the first two gigabytes of RAM as they are, \`count\` pages of 4 KiB from PAGES on to frames. */
export const translated = (count: number, rest: string): string => `
    li t0, ${ROOT}
    li t1, ${((BASE >>> 12) << 10) | 0xcf}
    sd t1, 16(t0)
    li t1, ${(((ROOT + 0x1000) >>> 12) << 10) | 1}
    sd t1, 8(t0)
    li t0, ${ROOT + 0x1000}
    li t1, ${(((ROOT + 0x2000) >>> 12) << 10) | 1}
    sd t1, 0(t0)
    li t0, ${ROOT + 0x2000}
    li t1, ${((FRAMES >>> 12) << 10) | 0xc7}
    li t2, ${count}
  1: sd t1, 0(t0)
    addi t0, t0, 8
    addi t1, t1, 1 << 10
    addi t2, t2, -1
    bnez t2, 1b
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, ${(8n << 60n) | BigInt(ROOT >>> 12)}
    csrw satp, t0
    li t0, 1 << 11
    csrs mstatus, t0
    li t0, 1 << 12
    csrc mstatus, t0
    la t0, supervisor
    csrw mepc, t0
    mret
  supervisor:
    ${rest}`;
