import { parseFunctions } from '../wasm/parse.ts';

/**
 * Physical memory protection, "Privileged ISA" 3.7, with a grain of 4 KiB (G = 10): a page is inside a region or outside,
 * never split, so a soft-TLB entry stands for one check. NA4 does not exist at this grain.
 */
export const PMP_FUNCTIONS = parseFunctions(`
fn set_pmpcfg(first: i32, value: i64) {
  let i: i32 = 0;
  while (i < 8) {
    let at = &pmpcfg + first + i;
    let next = i32(value >>> u64(i << 3)) & 0x9f;
    // Locked rows keep their value; W without R is reserved; NA4 is not selectable at this grain.
    if ((raw8(at) & 0x80) == 0 && (next & 3) != 2) {
      if ((next & 0x18) == 0x10) { next = (next & ~0x18) | (raw8(at) & 0x18); }
      put8(at, next);
    }
    i += 1;
  }
  flush_soft();
}

// Locked rows do not change, nor does the lower bound of a locked top-of-range row (3.7.1).
fn set_pmpaddr(i: i32, value: i64) {
  if ((raw8(&pmpcfg + i) & 0x80) != 0) { return; }
  if (i < 15 && (raw8(&pmpcfg + i + 1) & 0x98) == 0x88) { return; }
  put64(&pmpaddr + (i << 3), value & 0x3fffffffffffff);
  flush_soft();
}

fn get_pmpaddr(i: i32): i64 {
  let value = raw64(&pmpaddr + (i << 3));
  if ((raw8(&pmpcfg + i) & 0x18) == 0x18) { return value | 0x1ff; }
  return value & ~0x3ff;
}

// Does PMP say of every page the same to that privilege? Where it is hard to tell, no.
fn pmp_flat(privilege: i32): i32 {
  let i: i32 = 0;
  while (i < 16) {
    let config = raw8(&pmpcfg + i);
    let covers = (config & 0x18) == 0x18 && (raw64(&pmpaddr + (i << 3)) | 0x1ff) == 0x3fffffffffffff;
    if (privilege == 3) {
      if ((config & 0x80) != 0) { return 0; }
    } else {
      if (covers) { return 1; }
      if ((config & 0x18) != 0) { return 0; }
    }
    i += 1;
  }
  return 1;
}

// May an access of this kind (LOAD, STORE, FETCH) at that privilege touch the page of paddr?
fn pmp_allows(paddr: i64, kind: i32, privilege: i32): i32 {
  let page = paddr >>> 12;
  let i: i32 = 0;
  let low: i64 = 0;
  // Firmware seldom needs the upper half.
  let rows: i32 = raw64(&pmpcfg + 8) == 0 ? 8 : 16;
  while (i < rows) {
    let config = raw8(&pmpcfg + i);
    let address = raw64(&pmpaddr + (i << 3));
    let mode = config & 0x18;
    let inside: i32 = 0;
    if (mode == 0x18) {
      // Naturally aligned power of two: trailing ones give the size.
      let ones = address | 0x1ff;
      let spread = ones ^ (ones + 1);
      inside = (((page << 10) ^ address) & ~spread & 0x3fffffffffffff) == 0;
    }
    if (mode == 0x08) {
      inside = page >=u (low >>> 10) && page <u (address >>> 10);
    }
    if (inside) {
      if (privilege == 3 && (config & 0x80) == 0) { return 1; }
      let bit: i32 = kind == LOAD ? 1 : kind == STORE ? 2 : 4;
      return (config & bit) != 0;
    }
    low = address;
    i += 1;
  }
  return privilege == 3;
}
`);
