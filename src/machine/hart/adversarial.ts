import { parseFunctions } from '../wasm/parse.ts';

/**
 * Adversarial translation caches: the worst the manual permits. They stand behind the modelled TLBs of tlb.ts, which keep the
 * combined translations of both stages (and the cost of a miss), and hold what step 2 of a walk read, as the manual has it:
 * "The results of implicit address-translation reads in step 2 may be held in a read-only, incoherent address-translation cache
 * [...] an arbitrary number of entries for the same address and ASID" ("Privileged ISA", "Virtual Address Translation Process").
 *
 * An entry is one PTE, by regime (0 S, 1 VS, 2 G), level and prefix of the address, tagged to the letter by ASID and VMID. So the
 * two stages are apart, pointers are kept as leaves are, and what is not valid is kept too ("SFENCE.VMA": "This specification
 * permits the caching of PTEs whose V bit is clear"; Svvptc is absent). No entry is evicted; it goes with the fence that must
 * take it, and meanwhile each walk draws one of the versions that it may use, memory as it is now among them: "an implementation
 * may use any translation for an address that was valid at any time since the most recent SFENCE.VMA that subsumes that address".
 * Where the table is full, `capped` is set and nothing more is kept.
 *
 * Which switch an entry falls under:
 *   layer  G-stage entries ("hgatp", "HFENCE.GVMA"); entries of the first stage where V=0 S-mode is a layer; and a guest's
 *          entries of the first stage as soon as another world, or this one under a root that it did not install, meets them:
 *          reuse of ASID or VMID, a world switch in the wrong order ("Memory-Management Fences": "zero vsatp, then swap hgatp")
 *   guest  a guest's entries of the first stage within its own world: what its own sfence.vma governs
 * Where one switch is off, its walks read memory, and what is stale is only what the finite TLB keeps.
 *
 * Not worse than it might be: PMP is checked at the access and never kept; a bare G-stage is not kept ("HFENCE.GVMA" allows
 * both); hfence.gvma by address takes pointers as well as leaves.
 */
export const ADVERSARIAL_FUNCTIONS = parseFunctions(`
// xorshift64; its state is part of the hart's.
fn cache_draw(): i64 {
  let s = raw64(caches + CACHE_RANDOM);
  s = s ^ (s << 13);
  s = s ^ (s >>> 7);
  s = s ^ (s << 17);
  put64(caches + CACHE_RANDOM, s);
  return s >>> 8;
}

fn is_layers(regime: i32): i32 {
  return regime == 2 || (regime == 0 && supervisor_party == 2);
}

fn is_cached(regime: i32): i32 {
  if (is_layers(regime)) { return stale_layer; }
  return stale_guest | (stale_layer & worlds_switch);
}

// The world whose own translations these are: its tables, by the root that it installed itself. 15 for any other.
fn cache_label(regime: i32): i32 {
  if (stale_layer == stale_guest || is_layers(regime)) { return 0; }
  let w = regime ? world_of_root() : world;
  if (w >=u 4 || raw64(caches + CACHE_ROOTS + (w << 3)) != (regime ? vsatp : satp)) { return 15; }
  return w;
}

fn cache_tag(regime: i32): i64 {
  let vmid = (hgatp >>> 12) & TAG_VMID;
  if (regime == 2) { return 2 | vmid; }
  if (regime) { return 1 | vmid | ((vsatp >>> 28) & TAG_ASID); }
  return (satp >>> 28) & TAG_ASID;
}

fn cache_key(level: i32, address: i64): i64 {
  return ((address >> u64(12 + 9 * level)) << 3) | u64(level);
}

fn cache_head(key: i64, tag: i64): i32 {
  let mixed = (i32(key) ^ (i32(key >>> 32) << 7) ^ i32(tag & 3)) * 0x1e3779b1;
  return caches + CACHE_HEADS + ((mixed >>> 20) << 2);
}

fn cache_entry(number: i32): i32 {
  return caches + CACHE_ENTRIES + (number - 1) * CACHE_ENTRY;
}

fn cache_link(at: i32, number: i32) {
  let head = cache_head(raw64(at), raw64(at + 8));
  put32(at + 28, raw32(head));
  put32(head, number);
}

// Regime, VMID and, but for a global mapping, ASID.
fn cache_matches(tag: i64, wanted: i64): i32 {
  let relevant = 3 | TAG_VMID | ((tag & TAG_GLOBAL) != 0 ? 0 : TAG_ASID);
  return ((tag ^ wanted) & relevant) == 0;
}

fn may_serve(tag: i64, regime: i32, label: i32): i32 {
  if (stale_layer == stale_guest || is_layers(regime)) { return 1; }
  let own = label != 15 && i32(tag >>> 4 & 15) == label;
  return own ? stale_guest : stale_layer;
}

// A kept PTE for step 2 of a walk, in recalled_pte and recalled_global; 0 where memory is to be read. Tag and label are those
// with which the walk began; the layer may have come to work for another world since (adopt).
fn recall(regime: i32, level: i32, address: i64, wanted: i64, began: i32): i32 {
  let key = cache_key(level, address);
  let number = raw32(cache_head(key, wanted));
  if (!number) { return 0; }
  let label = layer_code ? cache_label(regime) : began;
  let matches: i64 = 0;
  let chosen: i32 = 0;
  while (number) {
    let at = cache_entry(number);
    if (raw64(at) == key && cache_matches(raw64(at + 8), wanted) && may_serve(raw64(at + 8), regime, label)) {
      matches += 1;
      if (!chosen || cache_draw() %u matches == 0) { chosen = at; }
    }
    number = raw32(at + 28);
  }
  if (!chosen || (cache_draw() & 3) == 0) { return 0; }
  recalled_pte = raw64(chosen + 16);
  recalled_global = i32(raw64(chosen + 8) & TAG_GLOBAL);
  return 1;
}

// Keeps what step 2 read at paddr. Global: this PTE, or one on the way to it, has G set.
fn remember(regime: i32, level: i32, address: i64, pte: i64, paddr: i64, global: i32, plain: i64, began: i32) {
  let label = layer_code ? cache_label(regime) : began;
  let tag = plain | (u64(label) << 4) | (global && regime != 2 ? TAG_GLOBAL : 0);
  let key = cache_key(level, address);
  // A guest whose own fences are not put to the test sees its tables as they are: one version, replaced.
  let coherent = !is_layers(regime) && !stale_guest;
  let number = raw32(cache_head(key, tag));
  while (number) {
    let at = cache_entry(number);
    if (raw64(at) == key && raw64(at + 8) == tag) {
      if (coherent) { put64(at + 16, pte); put32(at + 24, i32(paddr - RAM_BASE)); }
      if (raw64(at + 16) == pte) { return; }
    }
    number = raw32(at + 28);
  }
  number = raw32(caches + CACHE_USED) + 1;
  if (number >u cache_room) { put32(caches + CACHE_CAPPED, 1); return; }
  put32(caches + CACHE_USED, number);
  let at = cache_entry(number);
  put64(at, key);
  put64(at + 8, tag);
  put64(at + 16, pte);
  put32(at + 24, i32(paddr - RAM_BASE));
  cache_link(at, number);
}

// May a fence of the first stage by address pass this entry over? It orders leaf PTEs alone. One that is not valid is no pointer
// yet, and was a leaf unless memory has a pointer in its place ("If software modifies a non-leaf PTE, [...] rs1=x0").
fn is_pointer(at: i32): i32 {
  let pte = raw64(at + 16);
  if ((pte & PTE_V) == 0) { pte = raw64(ram_host + raw32(at + 24)); }
  return (pte & PTE_V) != 0 && (pte & (PTE_R | PTE_W | PTE_X)) == 0 && (raw64(at) & 7) != 0;
}

fn is_fenced(at: i32, regime: i32, address: i64, asid: i64, by_address: i32, by_asid: i32, vmid: i64, by_vmid: i32): i32 {
  let tag = raw64(at + 8);
  if (i32(tag & 3) != regime) { return 0; }
  if (by_vmid && (tag & TAG_VMID) != ((vmid & 0x3fff) << 32)) { return 0; }
  if (by_asid && ((tag & TAG_GLOBAL) != 0 || (tag & TAG_ASID) != ((asid & 0xffff) << 16))) { return 0; }
  if (!by_address) { return 1; }
  if (cache_key(i32(raw64(at) & 7), address) != raw64(at)) { return 0; }
  return regime == 2 || !is_pointer(at);
}

// What a fence of this regime takes, to the letter.
fn forget(regime: i32, address: i64, asid: i64, by_address: i32, by_asid: i32, vmid: i64, by_vmid: i32) {
  let used = raw32(caches + CACHE_USED);
  let number: i32 = 1;
  while (number <=u used) {
    if (is_fenced(cache_entry(number), regime, address, asid, by_address, by_asid, vmid, by_vmid)) { break; }
    number += 1;
  }
  if (number >u used) { return; }
  // The others move up, and the chains are made anew.
  fill(caches + CACHE_HEADS, 0, CACHE_ENTRIES - CACHE_HEADS);
  let kept: i32 = 0;
  number = 1;
  while (number <=u used) {
    let at = cache_entry(number);
    if (!is_fenced(at, regime, address, asid, by_address, by_asid, vmid, by_vmid)) {
      kept += 1;
      let to = cache_entry(kept);
      put64(to, raw64(at));
      put64(to + 8, raw64(at + 8));
      put64(to + 16, raw64(at + 16));
      put64(to + 24, raw64(at + 24));
      cache_link(to, kept);
    }
    number += 1;
  }
  put32(caches + CACHE_USED, kept);
}
`);
