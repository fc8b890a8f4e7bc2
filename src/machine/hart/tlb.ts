import { parseFunctions } from '../wasm/parse.ts';

/**
 * Modelled TLBs (timed, so part of the state) and the soft-TLBs derived from them. An entry is
 *   0 tag   8 virtual page   16 page mask   24 physical base   32 permissions of both stages
 * A modelled entry only ever grants: where its permissions refuse, it is dropped and the walk decides, so every fault comes
 * from the tables. Replacement is FIFO, so a hit leaves no trace and the soft-TLB may serve it.
 */
export const TLB_FUNCTIONS = parseFunctions(`
fn current_tag(virtual_access: i32): i64 {
  if (!virtual_access) {
    return TAG_VALID | ((satp >>> 60) << 4) | ((satp >>> 28) & TAG_ASID);
  }
  return TAG_VALID | TAG_VIRT | ((vsatp >>> 60) << 4) | ((hgatp >>> 60) << 8)
    | ((vsatp >>> 28) & TAG_ASID) | ((hgatp >>> 12) & TAG_VMID);
}

fn tag_matches(tag: i64, wanted: i64): i32 {
  let difference = tag ^ wanted;
  if ((tag & TAG_GLOBAL) != 0) { difference = difference & ~(TAG_GLOBAL | TAG_ASID); }
  return difference == 0;
}

// The entry of a table that maps page, or 0.
fn tlb_find(table: i32, count: i32, wanted: i64, page: i64): i32 {
  let at = table;
  let end = table + count * TLB_ENTRY;
  while (at <u end) {
    let tag = raw64(at);
    if (tag != 0) {
      if (((page ^ raw64(at + 8)) & ~raw64(at + 16)) == 0 && tag_matches(tag, wanted)) { return at; }
    }
    at += TLB_ENTRY;
  }
  return 0;
}

fn l2_set(page: i64, level: i32): i32 {
  return i32(page >>> u64(9 * level)) & l2_mask;
}

fn l2_find(wanted: i64, page: i64): i32 {
  let level: i32 = 0;
  while (level < 3) {
    let set = l2_set(page, level);
    let at = tlb_find(&l2 + set * L2_SET_BYTES, 4, wanted, page);
    // An entry of another size that happens to lie in this set is found in its own.
    if (at) { return at; }
    level += 1;
  }
  return 0;
}

// Drops a first-level entry and what the soft-TLBs derived from it, in whatever space of its kind. What regions keep of a
// page can outlive its soft entry, whose place another may have taken.
fn l1_drop(at: i32, is_fetch: i32) {
  if (raw64(at) == 0) { return; }
  if (!is_fetch) { soft_age += 1; }
  let page = raw64(at + 8);
  let mask = raw64(at + 16);
  let banks = soft_used & ((raw64(at) & TAG_VIRT) != 0 ? VIRTUAL_BANKS : SUPERVISOR_BANKS);
  if (!is_fetch && mask != 0) { banks = banks & soft_wide; }
  put64(at, 0);
  while (banks) {
    let bank = ctz32(banks);
    banks = banks & (banks - 1);
    if (is_fetch) {
      fetch_drop(&fetch + bank * FETCH_BANK_BYTES, page, mask);
    } else {
      soft_drop(&soft + bank * SOFT_BANK_BYTES, page, mask);
    }
  }
}

// Drops the modelled entries of an address, for fetches or for the others, as if others had pushed them out. The page being
// executed is then fetched anew, as it would be if the quantum ended here for another reason.
fn tlb_drop(va: i64, virtual_access: i32, is_fetch: i32) {
  let wanted = current_tag(virtual_access);
  let at = tlb_find(is_fetch ? &itlb : &dtlb, 32, wanted, va >> 12);
  if (at) {
    l1_drop(at, is_fetch);
    if (is_fetch) { stop = 0; }
  }
  at = l2_find(wanted, va >> 12);
  if (at) { put64(at, 0); }
}

// A 4 KiB entry can have derived one soft entry per bank, at a known place; a larger one many.
fn soft_drop(bank: i32, page: i64, mask: i64) {
  let i: i32 = 0;
  let end: i32 = 256;
  if (mask == 0) { i = i32(page) & 255; end = i + 1; }
  while (i < end) {
    let at = bank + i * SOFT_ENTRY;
    let held = raw64(at + 24);
    if (held != 0 && (((held >>> 12) ^ page) & ~mask & 0xfffffffffffff) == 0) {
      put64(at, NO_PAGE); put64(at + 8, NO_PAGE); put64(at + 24, 0);
    }
    i += 1;
  }
}

fn fetch_drop(bank: i32, page: i64, mask: i64) {
  let i: i32 = 0;
  let end: i32 = 64;
  if (mask == 0) { i = i32(page) & 63; end = i + 1; }
  while (i < end) {
    let at = bank + i * FETCH_ENTRY;
    let held = raw64(at);
    if (held != 1 && (((held >>> 12) ^ (page & 0xfffffffffffff)) & ~mask & 0xfffffffffffff) == 0) { put64(at, 1); }
    i += 1;
  }
}

// Empties every soft bank that was filled. The code page being executed is looked up anew.
fn flush_soft() { flush_banks(-1); }

fn flush_banks(which: i32) {
  let banks = soft_used & which;
  soft_used = soft_used & ~which;
  soft_wide = soft_wide & ~which;
  while (banks) {
    flush_bank(ctz32(banks));
    banks = banks & (banks - 1);
  }
}

// The tag NO_PAGE matches no address of any size.
fn flush_bank(bank: i32) {
  let at = &soft + bank * SOFT_BANK_BYTES;
  let end = at + SOFT_BANK_BYTES;
  soft_age += 1;
  while (at <u end) {
    put64(at, NO_PAGE); put64(at + 8, NO_PAGE); put64(at + 24, 0);
    at += SOFT_ENTRY;
  }
  at = &fetch + bank * FETCH_BANK_BYTES;
  end = at + FETCH_BANK_BYTES;
  while (at <u end) {
    put64(at, 1);
    at += FETCH_ENTRY;
  }
}

fn tlb_put(at: i32, tag: i64, page: i64) {
  let pages = (walk_size >>> 12) - 1;
  put64(at, tag);
  put64(at + 8, page & ~pages);
  put64(at + 16, pages);
  put64(at + 24, walk_pa & ~(walk_size - 1));
  put32(at + 32, walk_perms);
}

fn l1_insert(is_fetch: i32, tag: i64, page: i64) {
  let next = is_fetch ? itlb_next : dtlb_next;
  let at = (is_fetch ? &itlb : &dtlb) + next * TLB_ENTRY;
  l1_drop(at, is_fetch);
  tlb_put(at, tag, page);
  next = (next + 1) & 31;
  if (is_fetch) { itlb_next = next; } else { dtlb_next = next; }
}

fn l2_insert(tag: i64, page: i64) {
  let level: i32 = walk_size == 0x1000 ? 0 : walk_size == 0x200000 ? 1 : 2;
  let set = l2_set(page, level);
  let way = raw8(&l2_next + set);
  tlb_put(&l2 + set * L2_SET_BYTES + way * TLB_ENTRY, tag, page);
  put8(&l2_next + set, (way + 1) & 3);
}

// Do cached permissions grant the access? Both stages, dirty bits included.
fn perms_allow(perms: i32, kind: i32, privilege: i32): i32 {
  access_virt = data_or_fetch_virt;
  if ((perms & STAGE_BARE) == 0 && !leaf_allows(0, u64(perms & 0xff), kind, privilege)) { return 0; }
  if (!leaf_allows(1, u64((perms >>> 8) & 0xff), kind, privilege)) { return 0; }
  return kind != STORE || (perms & (perms >>> 8) & 0x80) != 0;
}

fn take_entry(at: i32, va: i64) {
  let mask = raw64(at + 16);
  walk_size = (mask + 1) << 12;
  walk_pa = raw64(at + 24) | (va & (walk_size - 1));
  walk_perms = raw32(at + 32);
}

// Translates for an access; 1 with walk_pa, walk_size, walk_perms, or 0 with an exception. Charges what the model charges.
fn translate(va: i64, kind: i32, privilege: i32, virtual_access: i32): i32 {
  data_or_fetch_virt = virtual_access;
  let bare = virtual_access
    ? ((vsatp >>> 60) | (hgatp >>> 60)) == 0
    : privilege == 3 || (satp >>> 60) == 0;
  if (bare) {
    walk_pa = va;
    walk_size = 0x1000;
    walk_perms = ALL_PERMS;
    return 1;
  }
  if (!modelled) { return walk_all(va, kind, privilege, virtual_access); }
  let wanted = current_tag(virtual_access);
  let page = va >> 12;
  let is_fetch = kind == FETCH;
  let at = tlb_find(is_fetch ? &itlb : &dtlb, 32, wanted, page);
  if (at) {
    if (perms_allow(raw32(at + 32), kind, privilege)) { take_entry(at, va); return 1; }
    l1_drop(at, is_fetch);
  }
  at = l2_find(wanted, page);
  if (at) {
    if (perms_allow(raw32(at + 32), kind, privilege)) {
      p += u64(cost_l2_hit) << 20;
      take_entry(at, va);
      l1_insert(is_fetch, raw64(at), page);
      return 1;
    }
    put64(at, 0);
  }
  if (caches) { note_miss(va, virtual_access); }
  let ok = walk_all(va, kind, privilege, virtual_access);
  p += u64(cost_walk_start + walk_refs * cost_walk_ref) << 20;
  at = party << 3;
  put64(&refills + at, raw64(&refills + at) + 1);
  put64(&references + at, raw64(&references + at) + u64(walk_refs));
  if (!ok) { return 0; }
  let tag = (walk_perms & 0x20) != 0 ? wanted | TAG_GLOBAL : wanted;
  // Two bare stages of unlike size: an entry never covers more than 1 GiB.
  if (walk_size >u 0x40000000) { walk_size = 0x40000000; }
  l2_insert(tag, page);
  l1_insert(is_fetch, tag, page);
  return 1;
}

// Drops the entries of a regime (0 S, 1 VS, 2 G) that match: by address and ASID where given, by VMID for the guest's.
fn fence(regime: i32, va: i64, asid: i64, by_address: i32, by_asid: i32, vmid: i64, by_vmid: i32) {
  let virtual_entries = regime != 0;
  // Combined entries hold no guest-physical address, so a fence of one drops the whole VMID, as it may.
  let by_va = by_address && regime != 2;
  fence_table(&itlb, 32, virtual_entries, va, asid, by_va, by_asid, vmid, by_vmid, 1);
  fence_table(&dtlb, 32, virtual_entries, va, asid, by_va, by_asid, vmid, by_vmid, 2);
  if (by_va) {
    // Of each size there is one set where the address can be.
    let level: i32 = 0;
    while (level < 3) {
      let set = &l2 + l2_set(va >> 12, level) * L2_SET_BYTES;
      fence_table(set, 4, virtual_entries, va, asid, by_va, by_asid, vmid, by_vmid, 0);
      level += 1;
    }
  } else {
    fence_table(&l2, 512, virtual_entries, va, asid, by_va, by_asid, vmid, by_vmid, 0);
  }
  if (caches) {
    forget(regime, va, asid, by_address, by_asid, vmid, by_vmid);
    speculate_widely();
  }
  // What was derived of entries that an address names has gone with them.
  if (!by_va || !modelled) { flush_banks(virtual_entries ? VIRTUAL_BANKS : SUPERVISOR_BANKS); }
}

// kind: 1 and 2 of the first level, for fetches and for the others, 0 of the second.
fn fence_table(table: i32, count: i32, virtual_entries: i32, va: i64, asid: i64, by_va: i32, by_asid: i32, vmid: i64, by_vmid: i32, kind: i32) {
  let at = table;
  let end = table + count * TLB_ENTRY;
  let page = va >> 12;
  while (at <u end) {
    let tag = raw64(at);
    if (tag != 0 && ((tag & TAG_VIRT) != 0) == virtual_entries) {
      let hit: i32 = 1;
      if (by_va && ((page ^ raw64(at + 8)) & ~raw64(at + 16)) != 0) { hit = 0; }
      if (by_asid && ((tag & TAG_GLOBAL) != 0 || (tag & TAG_ASID) != ((asid & 0xffff) << 16))) { hit = 0; }
      if (by_vmid && (tag & TAG_VMID) != ((vmid & 0x3fff) << 32)) { hit = 0; }
      // Without an address all banks are emptied afterwards.
      if (hit) { if (kind && by_va) { l1_drop(at, kind == 1); } else { put64(at, 0); } }
    }
    at += TLB_ENTRY;
  }
}

// "Privileged ISA" 12.2.1: in VS-mode it is the guest's own translations that are ordered.
fn fence_vma(va: i64, asid: i64, by_va: i32, by_asid: i32) {
  if (virt) {
    if (priv == 0 || (hstatus & VTVM) != 0) { virtual_instruction(); return; }
    fence(1, va, asid, by_va, by_asid, hgatp >>> 44, 1);
    return;
  }
  if (priv == 0 || (priv == 1 && (mstatus & TVM) != 0)) { illegal(); return; }
  fence(0, va, asid, by_va, by_asid, 0, 0);
}

fn fence_order() {
  if (priv == 0) { if (virt) { virtual_instruction(); } else { illegal(); } }
}

fn hypervisor_fence_denied(): i32 {
  if ((misa & MISA_H) == 0) { illegal(); return 1; }
  if (virt) { virtual_instruction(); return 1; }
  if (priv == 0) { illegal(); return 1; }
  return 0;
}

fn fence_vvma(va: i64, asid: i64, by_va: i32, by_asid: i32) {
  if (hypervisor_fence_denied()) { return; }
  fence(1, va, asid, by_va, by_asid, hgatp >>> 44, 1);
}

// The operand is a guest-physical address shifted right by 2.
fn fence_gvma(gpa: i64, vmid: i64, by_gpa: i32, by_vmid: i32) {
  if (hypervisor_fence_denied()) { return; }
  if (priv == 1 && (mstatus & TVM) != 0) { illegal(); return; }
  fence(2, gpa << 2, 0, by_gpa, 0, vmid, by_vmid);
}

// HLV, HLVX, HSV: M or HS always, U with hstatus.HU; with V = 1 a virtual instruction (15.3.1).
fn hypervisor_access() {
  if ((misa & MISA_H) == 0) { illegal(); return; }
  if (virt) { virtual_instruction(); return; }
  if (priv == 0 && (hstatus & HU) == 0) { illegal(); }
}
`);
