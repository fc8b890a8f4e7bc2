import { parseFunctions } from '../wasm/parse.ts';

/**
 * Accesses that miss the soft-TLB: translation, PMP, ownership, device or RAM, and the refill. Also the one routine through
 * which every writer of RAM passes (note_written): dirty pages and predecoded code.
 * Kinds of foreign effects: 0 read, 1 write, 2 fetch, 3 walk read, 4 walk write.
 */
export const ACCESS_FUNCTIONS = parseFunctions(`
fn ram_has(paddr: i64, size: i32): i32 {
  return paddr - RAM_BASE <=u (u64(ram_pages) << 12) - u64(size);
}

fn host_of(paddr: i64): i32 {
  return ram_host + i32(paddr - RAM_BASE);
}

// May the party that runs touch this RAM page without leaving a mark? Guests: their own and declared channels.
// The layer: all that is no guest's, and the pages of the world it works for.
fn may_touch(paddr: i64): i32 {
  if (own_code == 255) { return 1; }
  let owner = raw8(owner_map + i32((paddr - RAM_BASE) >>> 12));
  if (owner == own_code || owner == 3) { return 1; }
  return layer_code && (owner < 4 || adopt(owner));
}

// The layer, by its own current_guest, works for another world than the one it was entered from, and in that one's memory.
// Whose the time is that this takes is settled when the layer is left: the counts of a quantum are not at hand here.
fn adopt(owner: i32): i32 {
  if (!current_guest) { return 0; }
  let w = raw32(current_guest);
  if (w >=u 4 || w == world || owner != 4 + w) { return 0; }
  world = w;
  own_code = owner;
  // The loop keeps its bank until it looks anew: emptied, it is this world's from now on.
  flush_soft();
  put64(&space_keys + raw32(&space_now) * 24, u64(w));
  put64(&space_keys + (SPACES + raw32(&space_now + 4)) * 24, u64(w));
  return 1;
}

// Marks a page dirty and forgets predecoded operations that these bytes take part in: those that start up to 2 bytes before,
// and the one that ends just before, whose load-use cost looks at its successor. The bytes lie in one page.
fn note_written(paddr: i64, size: i32) {
  let page = i32((paddr - RAM_BASE) >>> 12);
  if (raw8(dirty_map + page) == 0) {
    put8(dirty_map + page, 1);
    let count = raw32(dirty_list) + 1;
    put32(dirty_list, count);
    put32(dirty_list + (count << 2), page);
  }
  let code = raw16(code_map + (page << 1));
  if (code) {
    if (raw8(region_flags + code - 1)) { code_written(code, i32(paddr & 4095), size); }
    let base = code_host(code);
    let stores = raw32(base + CODE_STORES) + 1;
    put32(base + CODE_STORES, stores);
    // What was code once, is data now; not where it is executed just now, or hot.
    if (stores >=u CODE_STORES_MOST && base != code_base && raw8(region_flags + code - 1) == 0) { code_over(page); return; }
    let offset = i32(paddr & 4095);
    let from = offset < 6 ? 0 : (offset - 6) & ~1;
    let to = (offset + size + 1) & ~1;
    while (from < to) {
      put16(base + (from << 3), 0);
      from += 2;
    }
  }
}

fn code_host(code: i32): i32 {
  return code_pages + (code - 1) * CODE_PAGE_BYTES;
}

fn raw_load(host: i32, size: i32): i64 {
  if (size == 8) { return raw64(host); }
  if (size == 4) { return raw32u(host); }
  if (size == 2) { return raw16u(host); }
  return raw8u(host);
}

fn raw_store(host: i32, value: i64, size: i32) {
  if (size == 8) { put64(host, value); return; }
  if (size == 4) { put32l(host, value); return; }
  if (size == 2) { put16l(host, value); return; }
  put8l(host, value);
}

// Enters the page of va into the running bank. Pages of others are never cached, so each access to them is seen.
// The write tag is set where a store needs no more work: permitted, dirty bit set, page already dirty, no code in it.
fn refill(va: i64, paddr: i64) {
  if (sideways) { return; }
  let at = data_bank + (i32(va >>> 12) & 255) * SOFT_ENTRY;
  if (data_bank == &soft + NEVER_BANK * SOFT_BANK_BYTES) { return; }
  let page_va = va & ~0xfff;
  let page = i32((paddr - RAM_BASE) >>> 12);
  put64(at, NO_PAGE);
  put64(at + 8, NO_PAGE);
  if (perms_allow(walk_perms, LOAD, data_priv) && pmp_allows(paddr, LOAD, data_priv)) { put64(at, page_va); }
  if (raw8(dirty_map + page) && raw16(code_map + (page << 1)) == 0
      && perms_allow(walk_perms, STORE, data_priv) && pmp_allows(paddr, STORE, data_priv)) {
    put64(at + 8, page_va);
  }
  put32(at + 16, host_of(paddr & ~0xfff) - i32(page_va));
  put64(at + 24, page_va | 1);
  let bit = 1 << ((data_bank - &soft) /u SOFT_BANK_BYTES);
  soft_used |= bit;
  if (walk_size != 0x1000) { soft_wide |= bit; }
}

fn effective_priv(): i32 { return sideways ? (hstatus & SPVP) != 0 : data_priv; }
fn effective_virt(): i32 { return sideways ? 1 : data_virt; }

// Loads size bytes, zero-extended. On a fault the result is 0 and an exception is left.
fn load_slow(va: i64, size: i32): i64 {
  if (i32(va & 4095) + size > 4096) {
    // Crossing a page: byte by byte, so that a fault names the address of its page.
    let all: i64 = 0;
    let i: i32 = 0;
    let side = sideways;
    while (i < size) {
      sideways = side;
      all |= load_slow(va + u64(i), 1) << u64(i << 3);
      if (exception) { return 0; }
      i += 1;
    }
    return all;
  }
  if (!translate(va, LOAD, effective_priv(), effective_virt())) { return 0; }
  let paddr = walk_pa;
  if (!pmp_allows(paddr, LOAD, effective_priv())) { access_fault(LOAD, va); return 0; }
  // HLVX: physical memory must grant both execute and read (15.3.1).
  if (sideways == 2 && !pmp_allows(paddr, FETCH, effective_priv())) { access_fault(LOAD, va); return 0; }
  if (ram_has(paddr, size)) {
    if (may_touch(paddr)) { refill(va, paddr); } else { foreign(0, i32(paddr), size, 0); }
    sideways = 0;
    return raw_load(host_of(paddr), size);
  }
  if ((paddr >>> 32) == 0 && mmio_read(i32(paddr), size)) {
    p += u64(cost_mmio) << 20;
    sideways = 0;
    return u64(mmio_low) | (u64(mmio_high) << 32);
  }
  access_fault(LOAD, va);
  return 0;
}

fn store_slow(va: i64, value: i64, size: i32) {
  if (i32(va & 4095) + size > 4096) {
    let privilege = effective_priv();
    let virtual_access = effective_virt();
    // Both pages must take the store before a byte of it lands.
    let last = (va + 7) & ~0xfff;
    if (!translate(va, STORE, privilege, virtual_access)) { return; }
    let first_pa = walk_pa;
    if (!translate(last, STORE, privilege, virtual_access)) { return; }
    if (!pmp_allows(first_pa, STORE, privilege)) { access_fault(STORE, va); return; }
    if (!pmp_allows(walk_pa, STORE, privilege)) { access_fault(STORE, last); return; }
    let side = sideways;
    let i: i32 = 0;
    while (i < size) {
      sideways = side;
      store_slow(va + u64(i), value >>> u64(i << 3), 1);
      if (exception) { return; }
      i += 1;
    }
    return;
  }
  if (!translate(va, STORE, effective_priv(), effective_virt())) { return; }
  let paddr = walk_pa;
  if (!pmp_allows(paddr, STORE, effective_priv())) { access_fault(STORE, va); return; }
  if (ram_has(paddr, size)) {
    note_written(paddr, size);
    let host = host_of(paddr);
    if (may_touch(paddr)) {
      refill(va, paddr);
    } else {
      let mask = size == 8 ? -1 : (1 << u64(size << 3)) - 1;
      foreign(1, i32(paddr), size, ((raw_load(host, size) ^ value) & mask) != 0);
    }
    sideways = 0;
    raw_store(host, value, size);
    return;
  }
  mmio_low = i32(value);
  mmio_high = i32(value >>> 32);
  if ((paddr >>> 32) == 0 && mmio_write(i32(paddr), size)) {
    p += u64(cost_mmio) << 20;
    sideways = 0;
    return;
  }
  access_fault(STORE, va);
}

// Host address of an operand in a page that the soft-TLB grants for loads, and for stores where they are meant, too; or 0.
fn soft_operand(va: i64, stores: i32): i32 {
  let at = data_bank + (i32(va >>> 12) & 255) * SOFT_ENTRY;
  let page = va & ~0xfff;
  if (raw64(at) != page || (stores && raw64(at + 8) != page)) { return 0; }
  return i32(va) + raw32(at + 16);
}

// Host address of the operand of an AMO: RAM only, aligned, readable and writable; 0 with an exception otherwise.
fn atomic(va: i64, size: i32): i32 {
  if ((va & u64(size - 1)) != 0) { raise(STORE_MISALIGNED, va); return 0; }
  let known = soft_operand(va, 1);
  if (known) { return known; }
  if (!translate(va, STORE, data_priv, data_virt)) { return 0; }
  let paddr = walk_pa;
  if (!ram_has(paddr, size) || !pmp_allows(paddr, STORE, data_priv) || !pmp_allows(paddr, LOAD, data_priv)) {
    access_fault(STORE, va);
    return 0;
  }
  note_written(paddr, size);
  if (may_touch(paddr)) { refill(va, paddr); } else { foreign(1, i32(paddr), size, 1); }
  return host_of(paddr);
}

fn load_reserved(va: i64, size: i32): i32 {
  if ((va & u64(size - 1)) != 0) { raise(4, va); return 0; }
  let known = soft_operand(va, 0);
  if (known) {
    reserved_valid = 1;
    reserved_paddr = u64(known - ram_host) + RAM_BASE;
    return known;
  }
  if (!translate(va, LOAD, data_priv, data_virt)) { return 0; }
  let paddr = walk_pa;
  if (!ram_has(paddr, size) || !pmp_allows(paddr, LOAD, data_priv)) { access_fault(LOAD, va); return 0; }
  if (may_touch(paddr)) { refill(va, paddr); } else { foreign(0, i32(paddr), size, 0); }
  reserved_valid = 1;
  reserved_paddr = paddr;
  return host_of(paddr);
}

// Host address where the store may be made, 0 where it fails or faults. Either way the reservation is gone.
fn store_conditional(va: i64, size: i32): i32 {
  let reserved = reserved_valid && !exception;
  let at = reserved_paddr;
  reserved_valid = 0;
  if ((va & u64(size - 1)) != 0) { raise(STORE_MISALIGNED, va); return 0; }
  let known = soft_operand(va, 1);
  if (known) { return reserved && at == u64(known - ram_host) + RAM_BASE ? known : 0; }
  if (!translate(va, STORE, data_priv, data_virt)) { return 0; }
  let paddr = walk_pa;
  if (!ram_has(paddr, size) || !pmp_allows(paddr, STORE, data_priv)) { access_fault(STORE, va); return 0; }
  if (!reserved || at != paddr) { return 0; }
  note_written(paddr, size);
  if (may_touch(paddr)) { refill(va, paddr); } else { foreign(1, i32(paddr), size, 1); }
  return host_of(paddr);
}

// Makes the page of pc executable: its predecoded operations in code_base. 0 with an exception.
fn fetch_page(): i32 {
  let va = pc;
  // A quantum that begins in the page where the last one ended is not seen as an arrival there.
  let stays = page_va == (va & ~0xfff);
  page_va = va & ~0xfff;
  if (!translate(va, FETCH, priv, virt)) { return 0; }
  let paddr = walk_pa;
  if (!ram_has(paddr & ~0xfff, 4096) || !pmp_allows(paddr, FETCH, priv)) {
    access_fault(FETCH, va);
    return 0;
  }
  let own = may_touch(paddr);
  if (!own && !stays) { foreign(2, i32(paddr), 2, 0); }
  resumed = 0;
  let page = i32((paddr - RAM_BASE) >>> 12);
  let code = raw16(code_map + (page << 1));
  if (!code) { code = new_code_page(page); }
  fetch_host = host_of(paddr & ~0xfff);
  code_base = code_host(code);
  if (own) {
    let at = fetch_bank + (i32(va >>> 12) & 63) * FETCH_ENTRY;
    put64(at, page_va);
    put32(at + 8, code_base);
    put32(at + 12, fetch_host);
    soft_used |= 1 << ((fetch_bank - &fetch) /u FETCH_BANK_BYTES);
  }
  return code_base;
}

// The instruction at the last halfword of a page: its second half by a translation of its own. 0 with an exception. Where that
// has pushed out the entry of the page itself, the page is fetched anew, see tlb_drop.
fn fetch_crossing(): i32 {
  let low = raw16(fetch_host + 0xffe);
  let next = pc + 2;
  let oldest = itlb_next;
  if (!translate(next, FETCH, priv, virt)) { return 0; }
  if (itlb_next != oldest && !tlb_find(&itlb, 32, current_tag(virt), pc >> 12)) { stop = 0; }
  let paddr = walk_pa;
  if (!ram_has(paddr, 2) || !pmp_allows(paddr, FETCH, priv)) { access_fault(FETCH, next); return 0; }
  if (!may_touch(paddr)) { foreign(2, i32(paddr), 2, 0); }
  let word = low | (raw16(host_of(paddr)) << 16);
  if (word != cross_bits) {
    cross_bits = word;
    decode_crossing();
  }
  return 1;
}
`);
