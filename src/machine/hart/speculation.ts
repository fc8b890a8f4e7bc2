import { parseFunctions } from '../wasm/parse.ts';

/**
 * The speculative walker of the adversarial translation caches. "Implementations may also execute the address-translation
 * algorithm speculatively at any time, for any virtual address, as long as satp is active [...] they must not set the dirty bit
 * for a PTE, they must not trigger an exception" ("Privileged ISA", "Virtual Address Translation Process").
 *
 * It walks at seeded instants: after a drawn number of cycles, before every write of satp, vsatp or hgatp and after it, after a
 * fence, and at some misses; each time under the CSRs as they then are. satp is active in S and U, never in M; vsatp and hgatp
 * are active in every mode but U with hstatus.HU = 0 ("vsatp"): so also half-way through a world switch.
 * The A bit of a VS-stage PTE it never sets ("vsatp": not "unless the effective privilege mode is VS or VU"); others sometimes,
 * and only where hardware updates them at all (Svadu).
 */
export const SPECULATION_FUNCTIONS = parseFunctions(`
// Of the addresses that missed, the last eight of each V.
fn recent_address(virtual_access: i32, index: i32): i32 {
  return caches + CACHE_RECENT + (virtual_access << 6) + ((index & 7) << 3);
}

fn recent_count(virtual_access: i32): i32 {
  return caches + CACHE_RECENT_COUNT + (virtual_access << 2);
}

fn note_miss(va: i64, virtual_access: i32) {
  let count = raw32(recent_count(virtual_access));
  put64(recent_address(virtual_access, count), va & ~0xfff);
  // 8 to 15 stand for all that is more.
  put32(recent_count(virtual_access), count == 15 ? 8 : count + 1);
  if ((cache_draw() & 3) == 0) { speculate(); }
}

// A guest's own act: from now on this root is its own.
fn note_root() {
  if (world <u 4 && (virt || (priv == 1 && supervisor_party == 4))) {
    put64(caches + CACHE_ROOTS + (world << 3), virt ? vsatp : satp);
  }
}

// V of the walk that may begin now, or 2 for none.
fn active_regime(draw: i64): i32 {
  let guests: i32 = virt;
  if (!virt && (misa & MISA_H) != 0 && (draw & 1) != 0) { guests = priv != 0 || (hstatus & HU) != 0; }
  if (guests) { return ((vsatp >>> 60) | (hgatp >>> 60)) != 0 ? 1 : 2; }
  return priv == 3 || (satp >>> 60) == 0 ? 2 : 0;
}

fn speculate() {
  let draw = cache_draw();
  let guests = active_regime(draw);
  if (guests == 2 || exception) { return; }
  let used = raw32(caches + CACHE_USED);
  let what = i32(draw >>> 1 & 3);
  let recent = raw32(recent_count(guests));
  let va = raw64(recent_address(guests, recent ? i32(draw >>> 3 & 0xffff) %u (recent <u 8 ? recent : 8) : 0));
  let kind: i32 = LOAD;
  if (what == 0 && guests == virt) { va = pc; kind = FETCH; }
  if (what == 1 && used) {
    // The address of an entry, where it is one of this V's: half-way to another version of it.
    let at = cache_entry(1 + i32((draw >>> 20 & 0xffff) %u u64(used)));
    if (i32(raw64(at + 8) & 3) == guests) { va = raw64(at) >> 3 << u64(12 + 9 * i32(raw64(at) & 7)); }
  }
  // There, or a page beside it.
  let beside = i32(draw >>> 32 & 7);
  if (beside <u 4) { va += beside == 0 ? -0x1000 : 0x1000; }
  speculating = 1;
  walk_all(va, kind, guests == virt && priv != 3 ? priv : i32(draw >>> 40 & 1), guests);
  speculating = 0;
  // What was combined of both stages goes now and then, so that an address may be seen through one version and then another.
  if ((draw >>> 44 & 3) == 0) { tlb_drop(va, guests, (draw >>> 46 & 1) != 0); }
  exception = 0;
  exception_tval2 = 0;
  exception_tinst = 0;
  exception_gva = 0;
}

// Where tables have just been changed, or are about to be.
fn speculate_widely() {
  let i: i32 = 0;
  while (i < 4) { speculate(); i += 1; }
}

// At the boundary of a quantum: walks if it is time. Returns the cycles until it will be.
fn speculate_when_due(): i64 {
  let due = raw64(caches + CACHE_NEXT_WALK);
  if (cycles >= due) {
    speculate();
    due = cycles + 1 + (cache_draw() & (SPECULATION_CYCLES - 1));
    put64(caches + CACHE_NEXT_WALK, due);
  }
  return due - cycles;
}

// May a speculative walk set the A bit of a leaf of this regime?
fn may_mark(regime: i32): i32 {
  if (regime == 1 || (!is_layers(regime) && !stale_guest)) { return 0; }
  return (cache_draw() & 1) != 0;
}
`);
