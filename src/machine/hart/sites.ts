import { parseFunctions } from '../wasm/parse.ts';

/**
 * A site is a load or store of a region. It keeps a span of addresses that it may access, and where that lies in the host, at
 * a place that does not depend on the address: what it loads or stores need not wait for a look-up. A span is copied from the
 * soft-TLB, and may be longer than its page; `soft_age` says whether what sites keep may still be used.
 *
 * A region has an area of a page: the age and the bank of what its sites keep, how often they were emptied, the sites, the count of misses of each. `limit`
 * is how far from `base` an access may begin, and one more; 0 in an empty site.
 */
export const SITE = {
  age: 0,
  bank: 8,
  emptied: 12,
  first: 16,
  bytes: 16,
  base: 0,
  limit: 8,
  host: 12,
  most: 200,
  misses: 3216,
  area: 4096,
} as const;
/** Misses of a site, or emptyings of an area, after which the host is asked whether it is worth having. */
const ASKED = 2048;

export const SITE_FUNCTIONS = parseFunctions(`
// A region is entered whose sites keep what the soft-TLB has lost meanwhile, or what is of another bank.
fn empty_sites(area: i32, bytes: i32) {
  put64(area + ${SITE.age}, soft_age);
  put32(area + ${SITE.bank}, data_bank);
  fill(area + ${SITE.first}, 0, bytes);
  let count = raw32(area + ${SITE.emptied}) + 1;
  put32(area + ${SITE.emptied}, count);
  if (count == ${ASKED}) { scattered_site(area); }
}

// The access of a site lies outside its span: 1 where it has got another one, 0 where the soft-TLB does not know the page.
fn fill_site(va: i64, site: i32, size: i32, tag: i32): i32 {
  let at = data_bank + (i32(va >>> 12) & 255) * SOFT_ENTRY;
  let first = va & ~0xfff;
  let before: i32 = 0;
  let after: i32 = 0;
  // An empty site begins with a page: looking around is for those that leave it.
  if (raw32(site + ${SITE.limit})) {
    let misses = (site & ~${SITE.area - 1}) + ((site & ${SITE.area - 1}) >>> 2) + ${SITE.misses - SITE.first / 4};
    let count = raw32(misses) + 1;
    put32(misses, count);
    if (count == ${ASKED}) { scattered_site(site); }
    if (raw64(at + tag) != first) { return 0; }
    if (span_limits(va, raw32(at + 16) + i32(first))) {
      let page = (raw32(at + 16) + i32(first) - ram_host) >>> 12;
      before = alike(page, span_before, -1, tag);
      after = alike(page, span_after, 1, tag);
    }
  }
  if (raw64(at + tag) != first) { return 0; }
  first -= u64(before << 12);
  let limit = ((before + after + 1) << 12) - size + 1;
  if (va - first >=u u64(limit)) { return 0; }
  put64(site + ${SITE.base}, first);
  put32(site + ${SITE.limit}, limit);
  put32(site + ${SITE.host}, raw32(at + 16) + i32(first));
  return 1;
}

// How many pages before and after that of va, at this host address, its translation and PMP let one access like it, at most
// 512 each: in span_before and span_after. 0 where there is no telling.
fn span_limits(va: i64, host: i32): i32 {
  if (!pmp_flat(data_priv)) { return 0; }
  let page = (host - ram_host) >>> 12;
  span_before = page;
  span_after = ram_pages - 1 - page;
  let bare = data_virt ? ((vsatp >>> 60) | (hgatp >>> 60)) == 0 : data_priv == 3 || (satp >>> 60) == 0;
  if (!bare) {
    if (!modelled) { return 0; }
    let entry = tlb_find(&dtlb, 32, current_tag(data_virt), va >> 12);
    if (!entry) { return 0; }
    let mask = raw64(entry + 16);
    let at = (va >> 12) & mask;
    if (at < u64(span_before)) { span_before = i32(at); }
    if (mask - at < u64(span_after)) { span_after = i32(mask - at); }
  }
  if (span_before > 512) { span_before = 512; }
  if (span_after > 512) { span_after = 512; }
  return 1;
}

// How many of the next pages in one direction, eight at a time, have the owner of this one, and, for stores, need no more to
// be done: are dirty and hold no code.
fn alike(page: i32, most: i32, step: i32, tag: i32): i32 {
  let owners = raw8u(owner_map + page) * 0x101010101010101;
  let count: i32 = 0;
  let next = step > 0 ? page + 1 : page - 8;
  while (count + 8 <= most && raw64(owner_map + next) == owners) {
    if (tag) {
      let code = code_map + (next << 1);
      if (raw64(dirty_map + next) != 0x101010101010101 || (raw64(code) | raw64(code + 8)) != 0) { break; }
    }
    count += 8;
    next += step << 3;
  }
  return count;
}
`);
