import { parseFunctions } from '../wasm/parse.ts';

/** The observed loop's question at each page: which predecoded operation, if any, is the watched one. 0 is none. */
export const WATCH_FUNCTIONS = parseFunctions(`
fn watched_operation(): i32 {
  if (page_va != watch_page || priv != watch_priv || layer_code || world != watch_world) { return 0; }
  return code_base + (watch_offset << 3);
}
`);
