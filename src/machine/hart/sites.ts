import { parseFunctions } from '../wasm/parse.ts';

/**
 * A site is a load or store of a region. It keeps the page of its last access beside what to add to an address there, both
 * copied from the soft-TLB, at a place that does not depend on the address: what it loads or stores need not wait for a
 * look-up. `soft_age` says whether what it keeps may still be used.
 *
 * A region has an area of a page: the age and the bank of what its sites keep, the sites, the count of misses of each.
 */
export const SITE = {
  age: 0,
  bank: 8,
  first: 16,
  bytes: 16,
  tag: 0,
  addend: 8,
  most: 200,
  misses: 3216,
  area: 4096,
} as const;
/** What an empty site is filled with, byte by byte: as a tag it matches nothing, like NO_PAGE. */
export const EMPTY_SITE = 8;
/** Misses of a site after which the host is asked whether it is worth having. */
const ASKED = 2048;

export const SITE_FUNCTIONS = parseFunctions(`
// The access that the site belongs to has come to another page, \`wanted\`: 1 where the soft-TLB knows it.
fn fill_site(wanted: i64, site: i32, tag: i32): i32 {
  let misses = (site & ~${SITE.area - 1}) + ((site & ${SITE.area - 1}) >>> 2) + ${SITE.misses - SITE.first / 4};
  let count = raw32(misses) + 1;
  put32(misses, count);
  if (count == ${ASKED}) { scattered_site(site); }
  let at = data_bank + (i32(wanted >>> 12) & 255) * SOFT_ENTRY;
  if (raw64(at + tag) != wanted) { return 0; }
  put64(site + ${SITE.tag}, wanted);
  put32(site + ${SITE.addend}, raw32(at + 16));
  return 1;
}
`);
