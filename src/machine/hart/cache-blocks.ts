import { parseFunctions } from '../wasm/parse.ts';

/** Bytes of a cache block, as device trees must say it. */
export const CACHE_BLOCK = 64;

/** Zicbom and Zicboz: "Unprivileged ISA", chapter 18. Faults name the operand, wherever in its block it points. */
export const CACHE_BLOCK_FUNCTIONS = parseFunctions(`
// "Unprivileged ISA" 18.3: the field must be set in menvcfg, henvcfg and senvcfg, as far as the mode is below them.
fn cbo_denied(field: i64): i32 {
  if (priv == 3) { return 0; }
  if ((menvcfg & field) == 0) { illegal(); return 1; }
  if (virt) {
    if ((henvcfg & field) != 0 && (priv == 1 || (senvcfg & field) != 0)) { return 0; }
    virtual_instruction();
    return 1;
  }
  if (priv == 1 || (senvcfg & field) != 0) { return 0; }
  illegal();
  return 1;
}

// Permitted where a load or a store is; a fault is that of a store.
fn cbo_manage(va: i64, field: i64) {
  if (cbo_denied(field)) { return; }
  if (!translate(va, LOAD, data_priv, data_virt)) {
    exception = 0;
    if (!translate(va, STORE, data_priv, data_virt)) { return; }
  }
  let paddr = walk_pa & ~${CACHE_BLOCK - 1};
  if (!ram_has(paddr, ${CACHE_BLOCK}) || !(pmp_allows(paddr, LOAD, data_priv) || pmp_allows(paddr, STORE, data_priv))) {
    access_fault(STORE, va);
  }
}

fn cbo_zero(va: i64) {
  if (cbo_denied(CBZE)) { return; }
  // A kernel clears its pages so: where a store would need no more work, neither does this.
  let entry = data_bank + (i32(va >>> 12) & 255) * SOFT_ENTRY;
  if (raw64(entry + 8) == (va & ~0xfff)) { clear_block(raw32(entry + 16) + i32(va & ~${CACHE_BLOCK - 1})); return; }
  if (!translate(va, STORE, data_priv, data_virt)) { return; }
  let paddr = walk_pa & ~${CACHE_BLOCK - 1};
  if (!ram_has(paddr, ${CACHE_BLOCK}) || !pmp_allows(paddr, STORE, data_priv)) { access_fault(STORE, va); return; }
  let at = host_of(paddr);
  let before: i64 = 0;
  let i: i32 = 0;
  while (i < ${CACHE_BLOCK}) {
    before |= raw64(at + i);
    i += 8;
  }
  note_written(paddr, ${CACHE_BLOCK});
  if (may_touch(paddr)) { refill(va, paddr); } else { foreign(1, i32(paddr), ${CACHE_BLOCK}, before != 0); }
  clear_block(at);
}

fn clear_block(at: i32) {
  let i: i32 = 0;
  while (i < ${CACHE_BLOCK}) {
    put64(at + i, 0);
    i += 8;
  }
}
`);
