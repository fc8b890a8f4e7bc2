import { parseFunctions } from '../wasm/parse.ts';

/**
 * Address translation: one walker for both stages. "Privileged ISA" 12.3.2 (the numbered steps below), 15.5 (two stages).
 * Its results lie in walk_pa, walk_perms, walk_size, walk_refs; a failure leaves `exception`.
 */
export const WALK_FUNCTIONS = parseFunctions(`
fn access_fault(kind: i32, va: i64) {
  raise(kind == FETCH ? FETCH_ACCESS : kind == STORE ? STORE_ACCESS : LOAD_ACCESS, va);
}

// stage 0: page fault of the first (or only) stage. stage 1: guest page fault, with the guest-physical address.
fn page_fault(stage: i32, kind: i32, va: i64, gpa: i64, implicit: i32) {
  if (stage == 0) {
    raise(kind == FETCH ? FETCH_PAGE : kind == STORE ? STORE_PAGE : LOAD_PAGE, va);
    return;
  }
  raise(kind == FETCH ? FETCH_GUEST_PAGE : kind == STORE ? STORE_GUEST_PAGE : LOAD_GUEST_PAGE, va);
  exception_tval2 = gpa >>> 2;
  exception_gva = 1;
  // Pseudoinstructions of table 50: an implicit read or write of a 64-bit PTE.
  if (implicit) { exception_tinst = implicit == 2 ? 0x3020 : 0x3000; }
}

// Walks the table at root for address, on behalf of an access (kind, va) made at a privilege.
// stage 1 is the G-stage; virt says that the PTEs of stage 0 are guest-physical. implicit: 0, 1 PTE read, 2 PTE write.
// Returns 1 with walk_pa, walk_size and the leaf's bits in walk_perms; or 0 with an exception.
fn walk(stage: i32, virt_ptes: i32, root: i64, address: i64, kind: i32, va: i64, privilege: i32, implicit: i32): i32 {
  // An implicit access is checked as a read or write of its own, and reported as the original kind.
  let check: i32 = implicit == 0 ? kind : implicit == 2 ? STORE : PTE_READ;
  // Step 1: a = root. Sv39, Sv48, Sv57 (modes 8, 9, 10) have 3, 4, 5 levels; the second stage's root is four times as wide.
  // The address must be canonical in the first stage, and fit in the second.
  let top = i32(root >>> 60) - 6;
  let bits = u64(9 * top + 21);
  if (stage) {
    if ((address >>> (bits + 2)) != 0) { page_fault(stage, kind, va, address, implicit); return 0; }
  } else {
    if (((address << (64 - bits)) >> (64 - bits)) != address) { page_fault(stage, kind, va, address, implicit); return 0; }
  }
  let a = (root & PPN_MASK) << 12;
  let level = top;
  let regime: i32 = stage ? 2 : virt_ptes;
  let global: i32 = 0;
  let fresh: i32 = 0;
  let cached: i32 = caches != 0 && is_cached(regime);
  let tag: i64 = 0;
  let label: i32 = 0;
  if (cached) {
    tag = cache_tag(regime);
    label = cache_label(regime);
  }
  while (1) {
    // Step 2: the PTE; its own address may need the G-stage, and must pass PMP and PMA.
    let shift = 12 + 9 * level;
    let index = (address >>> u64(shift)) & (stage && level == top ? 2047 : 511);
    let entry = a + (index << 3);
    let spa = entry;
    let host: i32 = 0;
    let pte: i64 = 0;
    let recalled = cached && !fresh && recall(regime, level, address, tag, label);
    if (recalled) {
      walk_refs += 1;
      pte = recalled_pte;
      global |= recalled_global;
    } else {
      if (virt_ptes) {
        if (!second_stage(entry, kind, va, 1)) { return 0; }
        spa = walk_pa;
      }
      if (!ram_has(spa, 8) || !pmp_allows(spa, LOAD, 1)) { access_fault(kind, va); return 0; }
      host = host_of(spa);
      walk_refs += 1;
      if (!speculating && walk_is_foreign(stage, spa)) { foreign(3, i32(spa), 8, 0); }
      pte = raw64(host);
      if (cached) {
        global |= i32(pte & PTE_G);
        remember(regime, level, address, pte, spa, global, tag, label);
      }
    }
    // Step 3: invalid or reserved encodings. Svpbmt and Svnapot are absent, so bits 54 to 63 are reserved.
    if ((pte & PTE_V) == 0 || (pte & (PTE_R | PTE_W)) == PTE_W || (pte >>> 54) != 0) {
      page_fault(stage, kind, va, address, implicit);
      return 0;
    }
    if ((pte & (PTE_R | PTE_X)) == 0) {
      // Step 4: a pointer to the next level; D, A and U are reserved there.
      level -= 1;
      if (level < 0 || (pte & (PTE_D | PTE_A | PTE_U)) != 0) {
        page_fault(stage, kind, va, address, implicit);
        return 0;
      }
      a = ((pte >>> 10) & PPN_MASK) << 12;
      continue;
    }
    // Step 6: a superpage must be aligned.
    let size = 1 << u64(12 + 9 * level);
    if ((((pte >>> 10) << 12) & (size - 1)) != 0) { page_fault(stage, kind, va, address, implicit); return 0; }
    // Step 7: permissions.
    if (!leaf_allows(stage, pte, check, privilege)) { page_fault(stage, kind, va, address, implicit); return 0; }
    // Step 9: accessed and dirty, by hardware where ADUE says so, else by a page fault.
    if ((pte & PTE_A) == 0 || (check == STORE && (pte & PTE_D) == 0)) {
      let update = stage || !virt_ptes ? menvcfg & ADUE : henvcfg & menvcfg & ADUE;
      if (update == 0 || (speculating && !may_mark(regime))) {
        page_fault(stage, kind, va, address, implicit);
        return 0;
      }
      // It compares with memory: "The address-translation cache cannot be used in step 9".
      if (recalled) { fresh = 1; continue; }
      if (virt_ptes) {
        if (!second_stage(entry, kind, va, 2)) { return 0; }
      }
      if (!pmp_allows(spa, STORE, 1)) { access_fault(kind, va); return 0; }
      pte |= PTE_A | (check == STORE ? PTE_D : 0);
      walk_refs += 1;
      if (walk_is_foreign(stage, spa)) { foreign(4, i32(spa), 8, 1); }
      note_written(spa, 8);
      put64(host, pte);
      if (cached) { remember(regime, level, address, pte, spa, global, tag, label); }
    }
    walk_pa = (((pte >>> 10) & PPN_MASK) << 12) | (address & (size - 1));
    walk_size = size;
    walk_perms = i32(pte & 0xff);
    return 1;
  }
  return 0;
}

// G-stage tables are the layer's own, walked for the guest: only another guest's page would be foreign there.
fn walk_is_foreign(stage: i32, paddr: i64): i32 {
  if (may_touch(paddr)) { return 0; }
  return stage == 0 || raw8(owner_map + i32((paddr - RAM_BASE) >>> 12)) >=u 4;
}

fn leaf_allows(stage: i32, pte: i64, check: i32, privilege: i32): i32 {
  let mxr = (mstatus & MXR) != 0;
  if (stage) {
    // G-stage: every leaf is a user page; the guest's MXR does not reach here.
    if ((pte & PTE_U) == 0) { return 0; }
  } else {
    let status = mstatus;
    if (access_virt) {
      status = vsstatus;
      mxr = mxr || (vsstatus & MXR) != 0;
    }
    if ((pte & PTE_U) != 0) {
      if (privilege == 1 && (check == FETCH || (status & SUM) == 0)) { return 0; }
    } else {
      if (privilege == 0) { return 0; }
    }
  }
  if (check == FETCH) { return (pte & PTE_X) != 0; }
  if (check == STORE) { return (pte & PTE_W) != 0; }
  // MXR and HLVX speak of explicit loads only (15.5).
  if (check == PTE_READ) { return (pte & PTE_R) != 0; }
  if (sideways == 2) { return (pte & PTE_X) != 0; }
  return (pte & PTE_R) != 0 || (mxr && (pte & PTE_X) != 0);
}

// Guest-physical to physical: identity where hgatp is bare. Result in walk_pa, and walk_size, walk_perms of the leaf.
fn second_stage(gpa: i64, kind: i32, va: i64, implicit: i32): i32 {
  if ((hgatp >>> 60) == 0) {
    walk_pa = gpa;
    walk_size = 1 << 59;
    walk_perms = 0xdf;
    return 1;
  }
  return walk(1, 0, hgatp, gpa, kind, va, 0, implicit);
}

// The whole walk for one access: stage 0 by satp or vsatp, then the G-stage. Fills walk_* of both stages together.
fn walk_all(va: i64, kind: i32, privilege: i32, virtual_access: i32): i32 {
  walk_refs = 0;
  access_virt = virtual_access;
  let root = virtual_access ? vsatp : satp;
  let perms: i32 = STAGE_BARE | 0xdf;
  let size: i64 = 1 << 59;
  let gpa = va;
  if ((root >>> 60) != 0) {
    if (!walk(0, virtual_access, root, va, kind, va, privilege, 0)) { return 0; }
    perms = walk_perms;
    size = walk_size;
    gpa = walk_pa;
  }
  walk_gpa = gpa;
  if (virtual_access) {
    if (!second_stage(gpa, kind, va, 0)) { return 0; }
    perms |= walk_perms << 8;
    size = walk_size <u size ? walk_size : size;
  } else {
    perms |= 0xdf00;
    walk_pa = gpa;
  }
  walk_perms = perms;
  walk_size = size;
  return 1;
}
`);
