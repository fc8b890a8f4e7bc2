import { parseFunctions } from '../wasm/parse.ts';

/** Why `poll` ends a run; 0 goes on. */
export const REASON = { limit: 1, event: 2, idle: 3, instret: 4, watch: 5, host: 6, yield: 7, debug: 8 } as const;

/**
 * The boundary of a quantum: totals, timers, interrupts, waiting, and where the next quantum ends.
 * "Privileged ISA" 3.1.9 and 15.6.2 for which interrupt is taken, 3.1.10 for mtimecmp, chapter 19 for stimecmp.
 */
export const RUN_FUNCTIONS = parseFunctions(`
fn mip_now(): i64 { return mip_at(now_ticks()); }

fn mip_at(now: i64): i64 {
  let pending = mip | lines | hvip;
  if (now >=u mtimecmp) { pending |= MTIP; }
  if ((menvcfg & STCE) != 0) {
    // With Sstc the bit is the comparison alone, whatever was stored in it before.
    pending = pending & ~STIP;
    if (now >=u stimecmp) { pending |= STIP; }
    if ((misa & MISA_H) != 0 && (henvcfg & STCE) != 0 && now + htimedelta >=u vstimecmp) { pending |= VSTIP; }
  }
  return pending;
}

// Bits that an interrupt at level M, HS or VS may take now.
fn takable(level: i32, pending: i64): i64 {
  let set = pending & mie;
  let h: i64 = (misa & MISA_H) != 0 ? H_BITS : 0;
  let to_s = mideleg | h;
  if (level == 3) {
    return priv < 3 || (mstatus & MIE) != 0 ? set & ~to_s : 0;
  }
  if (level == 1) {
    let enabled = virt || priv == 0 || (priv == 1 && (mstatus & SIE) != 0);
    return enabled ? set & to_s & ~hideleg : 0;
  }
  let enabled = virt && (priv == 0 || (vsstatus & SIE) != 0);
  return enabled ? set & to_s & hideleg : 0;
}

// Code of the first pending interrupt in the order MEI MSI MTI SEI SSI STI SGEI VSEI VSSI VSTI.
fn first_of(set: i64): i64 {
  if ((set & 0xaaa) != 0) {
    if ((set & 0x800) != 0) { return 11; }
    if ((set & 0x008) != 0) { return 3; }
    if ((set & 0x080) != 0) { return 7; }
    if ((set & 0x200) != 0) { return 9; }
    if ((set & 0x002) != 0) { return 1; }
    return 5;
  }
  if ((set & 0x1000) != 0) { return 12; }
  if ((set & 0x400) != 0) { return 10; }
  if ((set & 0x004) != 0) { return 2; }
  return 6;
}

fn take_interrupt(pending: i64): i32 {
  let interrupt: i64 = 1 << 63;
  let set = takable(3, pending);
  if (set != 0) { enter_trap(3, first_of(set) | interrupt, 0); return 1; }
  if (priv == 3) { return 0; }
  set = takable(1, pending);
  if (set != 0) { enter_trap(1, first_of(set) | interrupt, 0); return 1; }
  set = takable(0, pending);
  // VS sees the S-level codes: 10, 6, 2 become 9, 5, 1.
  if (set != 0) { enter_trap(0, (first_of(set) - 1) | interrupt, 0); return 1; }
  return 0;
}

// Ticks from now on until a comparison with compare first holds; NEVER where that is past or far away.
fn remaining(compare: i64, now: i64): i64 {
  let ticks = compare - now;
  return now >=u compare || ticks >u 0xffffffffffff ? NEVER : ticks;
}

// Cycle at which the next timer is due.
fn next_timer(): i64 { return next_timer_from(now_ticks()); }

fn next_timer_from(now: i64): i64 {
  let ticks = remaining(mtimecmp, now);
  if ((menvcfg & STCE) != 0) {
    let s = remaining(stimecmp, now);
    ticks = s < ticks ? s : ticks;
    if ((henvcfg & STCE) != 0) {
      let v = remaining(vstimecmp, now + htimedelta);
      ticks = v < ticks ? v : ticks;
    }
  }
  return ticks == NEVER ? NEVER : (now - time_delta + ticks) * CYCLES_PER_TICK;
}

fn can_wake(): i32 {
  return (mip_now() & mie) != 0;
}

fn poll(): i32 {
  fold();
  if (host_request) { return 6; }
  // V8 replaces no running Wasm frame: without coming back now and then, the slow first tier would run for ever.
  if (cycles >= yield_cycle) { yield_cycle = cycles + 0x80000; return 7; }
  let now: i64 = 0;
  while (1) {
    if (cycles >= event_cycle) { return 2; }
    if (cycles >= limit_cycle) { return 1; }
    now = now_ticks();
    let pending = mip_at(now);
    if (!wfi) {
      // A trap takes time, in which a timer may come whose interrupt goes before the handler's first instruction.
      if ((pending & mie) != 0 && take_interrupt(pending)) { continue; }
      break;
    }
    if ((pending & mie) != 0) {
      wfi = 0;
      if (traced) { observe(OBSERVE_WAIT, 0, 0); }
      continue;
    }
    // Waiting: time passes until a timer, a device event or the limit.
    let until = next_timer_from(now);
    until = event_cycle < until ? event_cycle : until;
    if (until == NEVER) { return 3; }
    until = limit_cycle < until ? limit_cycle : until;
    party_cycles += until - cycles;
    cycles = until;
  }
  select_banks();
  let end = next_timer_from(now);
  end = event_cycle < end ? event_cycle : end;
  end = limit_cycle < end ? limit_cycle : end;
  let room = end - cycles;
  if (caches) {
    let walk_in = speculate_when_due();
    room = walk_in < room ? walk_in : room;
  }
  if (instret_world == party) {
    // At least one cycle an instruction: a stop d instructions ahead is at least d cycles ahead, repeated until met.
    let left = instret_limit - raw64(&party_instret + (party << 3));
    if (left <= 0) { return 4; }
    room = left < room ? left : room;
  }
  stop = (room < 0x80000 ? room : 0x80000) << 20;
  return 0;
}

// Effective privilege and V of loads and stores, and the soft-TLB banks that go with it, see layout.ts.
fn select_banks() {
  data_priv = priv;
  data_virt = virt;
  let bank: i32 = 0;
  let code: i32 = 0;
  if (priv == 3) {
    bank = space(0, 0, 0);
    code = bank;
    if ((mstatus & MPRV) != 0) {
      data_priv = i32((mstatus >>> 11) & 3);
      data_virt = (mstatus & MPV) != 0 && data_priv != 3;
      if (data_priv != 3) { bank = NEVER_BANK; }
    }
  } else {
    bank = virt ? 4 * SPACES + 3 * space(2, vsatp, hgatp) : SPACES + 3 * space(1, satp, 0);
    if (priv == 0) { bank += 2; }
    code = bank;
    if (priv && ((virt ? vsstatus : mstatus) & SUM) != 0) { bank += 1; }
  }
  bank = &soft + bank * SOFT_BANK_BYTES;
  if (bank != data_bank) { data_bank = bank; bank_changes += 1; }
  fetch_bank = &fetch + code * FETCH_BANK_BYTES;
}

// The space of the running world and these tables: 0 of M, 1 of S, 2 of VS. The one that was given up longest ago is
// emptied where there is none.
fn space(group: i32, root: i64, second: i64): i32 {
  let now = &space_now + (group << 2);
  let keys = &space_keys + group * SPACES * 24;
  if (is_space(keys + raw32(now) * 24, root, second)) { return raw32(now); }
  let slot: i32 = 0;
  while (slot < SPACES) {
    if (is_space(keys + slot * 24, root, second)) { put32(now, slot); return slot; }
    slot += 1;
  }
  slot = raw32(&space_next + (group << 2));
  put32(&space_next + (group << 2), (slot + 1) & (SPACES - 1));
  put32(now, slot);
  flush_banks(group == 0 ? 1 << slot : group == 1 ? 7 << (SPACES + 3 * slot) : 7 << (4 * SPACES + 3 * slot));
  put64(keys + slot * 24, u64(world));
  put64(keys + slot * 24 + 8, root);
  put64(keys + slot * 24 + 16, second);
  return slot;
}

fn is_space(key: i32, root: i64, second: i64): i32 {
  return raw64(key) == u64(world) && raw64(key + 8) == root && raw64(key + 16) == second;
}
`);
