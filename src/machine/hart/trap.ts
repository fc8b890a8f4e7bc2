import { parseFunctions } from '../wasm/parse.ts';

/**
 * Traps and returns. A faulting function only leaves `exception` (cause + 1) and its values; the engine then calls
 * take_exception once. "Privileged ISA" 3.1.6 to 3.3.2, 12.1, 15.6.2 (delegation), 15.6.3 (entry), 15.6.4 (return).
 */
export const TRAP_FUNCTIONS = parseFunctions(`
fn raise(cause: i32, tval: i64) {
  exception = cause + 1;
  exception_tval = tval;
  exception_tval2 = 0;
  exception_tinst = 0;
  // The fault address is a guest virtual one where the access was made with V = 1; breakpoints report their pc.
  let address_fault = cause != ILLEGAL && cause != VIRTUAL && (cause < 8 || cause > 11);
  exception_gva = address_fault && (virt || (sideways && cause != FETCH_ACCESS) || data_access_is_virtual(cause));
}

fn data_access_is_virtual(cause: i32): i32 {
  if (cause == FETCH_ACCESS || cause == FETCH_PAGE || cause == FETCH_GUEST_PAGE || cause == BREAKPOINT) { return 0; }
  return data_virt;
}

fn illegal() { raise(ILLEGAL, instruction_bits()); }
fn virtual_instruction() { raise(VIRTUAL, instruction_bits()); }

// The word at pc, as it was fetched: 16 bits of a compressed one, 32 of another.
fn instruction_bits(): i64 {
  let offset = i32(pc & 4095);
  let low = raw16(fetch_host + offset);
  if ((low & 3) != 3) { return u64(low); }
  if (offset == 0xffe) { return u64(cross_bits); }
  return u64(raw32(fetch_host + offset));
}

fn ecall_cause(): i32 {
  if (priv == 3) { return 11; }
  if (priv == 0) { return 8; }
  return virt ? 10 : 9;
}

fn take_exception() {
  let cause = exception - 1;
  exception = 0;
  sideways = 0;
  let level: i32 = 3;
  if (priv <= 1 && ((medeleg >>> u64(cause)) & 1) != 0) {
    level = virt && ((hedeleg >>> u64(cause)) & 1) != 0 ? 0 : 1;
  }
  enter_trap(level, u64(cause), exception_tval);
}

// level: 3 M, 1 HS, 0 VS. cause: bit 63 for interrupts.
fn enter_trap(level: i32, cause: i64, tval: i64) {
  fold();
  if (traced) { observe(OBSERVE_TRAP, level, i32(cause & 63) | (cause < 0 ? INTERRUPT_BIT : 0)); }
  p = u64(cost_trap) << 20;
  let from = pc;
  let vector: i64 = 0;
  if (level == 3) {
    mepc = from; mcause = cause; mtval = tval; mtval2 = exception_tval2; mtinst = exception_tinst;
    let s = mstatus & ~(MPIE | MIE | MPP | MPV | GVA);
    if ((mstatus & MIE) != 0) { s |= MPIE; }
    if (virt) { s |= MPV; }
    if (exception_gva) { s |= GVA; }
    mstatus = s | (u64(priv) << 11);
    priv = 3; virt = 0;
    vector = mtvec;
  } else { if (level == 1) {
    sepc = from; scause = cause; stval = tval;
    if ((misa & MISA_H) != 0) {
      htval = exception_tval2; htinst = exception_tinst;
      let hs = hstatus & ~(SPV | H_GVA);
      if (virt) {
        hs = (hs | SPV) & ~SPVP;
        if (priv) { hs |= SPVP; }
      }
      if (exception_gva) { hs |= H_GVA; }
      hstatus = hs;
    }
    mstatus = stacked(mstatus);
    priv = 1; virt = 0;
    vector = stvec;
  } else {
    vsepc = from; vscause = cause; vstval = tval;
    vsstatus = stacked(vsstatus);
    priv = 1;
    vector = vstvec;
  } }
  exception_tval2 = 0; exception_tinst = 0; exception_gva = 0;
  pc = vector & ~3;
  if ((vector & 1) != 0 && cause < 0) { pc += (cause & 63) << 2; }
  enter_party();
}

// SPIE = SIE, SIE = 0, SPP = the privilege left.
fn stacked(status: i64): i64 {
  let s = status & ~(SPIE | SIE | SPP);
  if ((status & SIE) != 0) { s |= SPIE; }
  if (priv) { s |= SPP; }
  return s;
}

fn machine_return() {
  if (priv != 3) { illegal(); return; }
  let to = i32((mstatus >>> 11) & 3);
  let to_virt = (mstatus & MPV) != 0 && to != 3;
  let s = mstatus & ~(MIE | MPIE | MPP | MPV);
  if ((mstatus & MPIE) != 0) { s |= MIE; }
  if (to != 3) { s = s & ~MPRV; }
  mstatus = s | MPIE;
  priv = to; virt = to_virt;
  pc = mepc;
  leave_layer();
}

fn supervisor_return() {
  if (virt) {
    if (priv == 0 || (hstatus & VTSR) != 0) { virtual_instruction(); return; }
    priv = (vsstatus & SPP) != 0;
    vsstatus = unstacked(vsstatus);
    pc = vsepc;
    return;
  }
  if (priv == 0 || (priv == 1 && (mstatus & TSR) != 0)) { illegal(); return; }
  let to = (mstatus & SPP) != 0;
  mstatus = unstacked(mstatus) & ~MPRV;
  priv = to;
  if ((misa & MISA_H) != 0) {
    virt = (hstatus & SPV) != 0;
    hstatus = hstatus & ~SPV;
  }
  pc = sepc;
  leave_layer();
}

fn unstacked(status: i64): i64 {
  let s = status & ~(SIE | SPP);
  if ((status & SPIE) != 0) { s |= SIE; }
  return s | SPIE;
}

fn wait_for_interrupt() {
  if (priv != 3) {
    if ((mstatus & TW) != 0) { illegal(); return; }
    if (virt) {
      if (priv == 0 || (hstatus & VTW) != 0) { virtual_instruction(); return; }
    } else {
      if (priv == 0) { illegal(); return; }
    }
  }
  wfi = 1;
  if (traced) { observe(OBSERVE_WAIT, 1, 0); }
}

fn leave_layer() {
  let was = layer_code;
  enter_party();
  if (!was || layer_code) { return; }
  resumed = 1;
  // The cross-check: the page table that comes with a world must lie in that world's memory. One that it has chosen itself
  // is no doing of the layer: what is read of it is an effect of its own, if the hardware lets it.
  if (!virt && (satp >>> 60) != 0 && !is_own()) {
    let root = (satp & PPN_MASK) << 12;
    if (ram_has(root, 8) && !may_touch(root)) { foreign(5, i32(root), 8, 0); }
  }
}

// satp was written by who runs.
fn note_own() {
  if (!layer_code && world <u 4) { put64(&own_satp + (world << 3), satp); }
}

fn is_own(): i32 {
  return world <u 4 && raw64(&own_satp + (world << 3)) == satp;
}

// The world whose tables hgatp names; where it is unknown, that of before.
fn world_of_root(): i32 {
  let root = hgatp & PPN_MASK;
  let i: i32 = 0;
  while (i < 4) {
    if (raw64(&roots + (i << 3)) == root) { return i; }
    i += 1;
  }
  return world;
}

// Who runs now, and for which world: from privilege, V, hgatp and the layer's own current_guest, by the rule of the mode.
fn enter_party() {
  fold();
  let next = machine_party;
  let inside: i32 = 1;
  let w = world;
  if (priv != 3) {
    next = supervisor_party;
    if (virt) {
      w = world_of_root();
      inside = 0;
    } else {
      if (supervisor_party == 4) {
        inside = 0;
        w = only_world;
        if (current_guest) { w = raw32(current_guest); }
        if (w >=u 4) { w = world; }
      }
    }
  }
  // A switch is charged to the world switched to, unless the layer has worked in the memory of another before.
  if (layer_code && !inside && world <u 4) {
    let to = world == entered ? w : world;
    if (to != entered) { hand_over(entered, to); }
  }
  world = w;
  let known = w <u 4;
  own_code = known ? 4 + w : 255;
  if (inside) {
    // The layer works for the world it last ran, or is about to run.
    if (known) { next = next == 1 ? 12 + w : 8 + w; }
    if (!layer_code && known) {
      entered = w;
      put64(&layer_entries + (w << 3), raw64(&layer_entries + (w << 3)) + 1);
      put64(&visit, raw64(&party_cycles + ((8 + w) << 3)));
      put64(&visit + 8, raw64(&party_instret + ((8 + w) << 3)));
      put64(&visit + 16, raw64(&party_cycles + ((12 + w) << 3)));
      put64(&visit + 24, raw64(&party_instret + ((12 + w) << 3)));
    }
  } else {
    next = known ? 4 + w : 2;
  }
  layer_code = inside;
  party = next;
  if (traced) { observe(OBSERVE_PARTY, 0, 0); }
}

// What layer and firmware did since they were entered, for one world, was done for another.
fn hand_over(from: i32, to: i32) {
  move_share(&party_cycles, 8 + from, 8 + to, raw64(&visit));
  move_share(&party_instret, 8 + from, 8 + to, raw64(&visit + 8));
  move_share(&party_cycles, 12 + from, 12 + to, raw64(&visit + 16));
  move_share(&party_instret, 12 + from, 12 + to, raw64(&visit + 24));
}

fn move_share(totals: i32, from: i32, to: i32, since: i64) {
  let at = totals + (from << 3);
  let share = raw64(at) - since;
  put64(at, since);
  put64(totals + (to << 3), raw64(totals + (to << 3)) + share);
}

// Moves the running quantum into the totals, and empties the sink of writes to x0: not every engine fills it.
fn fold() {
  put64(&x + 256, 0);
  let c = p >>> 20;
  let n = p & 0xfffff;
  p = 0;
  cycles += c;
  instret += n;
  let at = party << 3;
  put64(&party_cycles + at, raw64(&party_cycles + at) + c);
  put64(&party_instret + at, raw64(&party_instret + at) + n);
}
`);
