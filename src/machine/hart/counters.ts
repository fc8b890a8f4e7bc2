import { parseFunctions } from '../wasm/parse.ts';

/** What the counters read, and who may read them. The totals beneath them are the machine's own and never stop. */
export const COUNTER_FUNCTIONS = parseFunctions(`
fn now_cycles(): i64 { return cycles + (p >>> 20); }
fn now_instret(): i64 { return instret + (p & 0xfffff); }
fn now_ticks(): i64 { return now_cycles() /u CYCLES_PER_TICK + time_delta; }

// A counter is its total and a difference; while mcountinhibit stops it, the field of the difference holds its value.
fn counted(index: i64, total: i64, kept: i64): i64 {
  return ((mcountinhibit >>> index) & 1) != 0 ? kept : total + kept;
}
fn uncounted(index: i64, total: i64, value: i64): i64 {
  return ((mcountinhibit >>> index) & 1) != 0 ? value : value - total;
}

// A write counts once its instruction has completed (3.1.10): that one is still counted, or not, as before it.
fn completed(): i64 { return now_instret() + 1; }

fn set_mcountinhibit(value: i64) {
  let cycle = counted(0, now_cycles(), mcycle_delta);
  let retired = counted(2, completed(), minstret_delta);
  mcountinhibit = value & COUNTERS_INHIBITED;
  mcycle_delta = uncounted(0, now_cycles(), cycle);
  minstret_delta = uncounted(2, completed(), retired);
}

// "Privileged ISA" 3.1.11, 12.1.5, 15.2.7: bit of mcounteren, then hcounteren, then scounteren.
fn counter_denied(index: i64): i32 {
  if (priv == 3) { return 0; }
  if (((mcounteren >>> index) & 1) == 0) { return 1; }
  if (virt && ((hcounteren >>> index) & 1) == 0) { return 2; }
  if (priv == 0 && ((scounteren >>> index) & 1) == 0) { return virt ? 2 : 1; }
  return 0;
}
`);
