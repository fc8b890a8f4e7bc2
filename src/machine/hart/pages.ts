import { parseFunctions } from '../wasm/parse.ts';

/** Comparing whole pages, by their host addresses: a run gone wild leaves thousands for snapshots and digests to look at. */
export const PAGE_FUNCTIONS = parseFunctions(`
fn page_is_zero(at: i32): i32 {
  let end = at + 4096;
  while (at <u end) {
    if ((raw64(at) | raw64(at + 8) | raw64(at + 16) | raw64(at + 24)) != 0) { return 0; }
    at += 32;
  }
  return 1;
}

fn pages_are_equal(a: i32, b: i32): i32 {
  let end = a + 4096;
  while (a <u end) {
    if (((raw64(a) ^ raw64(b)) | (raw64(a + 8) ^ raw64(b + 8))) != 0) { return 0; }
    a += 16;
    b += 16;
  }
  return 1;
}
`);
