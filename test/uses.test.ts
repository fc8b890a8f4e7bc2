// Def-use pruning on the machine itself: a program short enough that every fault of some bits can be tried, with calls of
// the firmware, traps, atomics and device DMA in it. What pruning leaves out must do nothing, what it puts together must do
// the same, and its estimate must be the share that all faults together give.
import { describe, expect, it } from 'vitest';
import { bootRig } from '../src/faults/boot-rig.ts';
import type { Act } from '../src/faults/fault.ts';
import type { Range, Rig, RigGuest } from '../src/faults/rig.ts';
import { type Prunable, traceUses, type Uses } from '../src/faults/uses.ts';
import { bootAssembled, END, report } from './onboard/boot-guests.ts';

const PROGRAM = `
  la t0, handler
  csrw stvec, t0
  li s0, DATA
  li s1, 5
  li a5, 77
  sd s1, 0(s0)
  li a7, 0x10
  li a6, 0
  li a0, 3
  ecall
  add s1, s1, a1
  .word 0
  ld t1, 0(s0)
  addi t1, t1, 9
  sw t1, 8(s0)
  li t2, 4
  amoadd.w t3, t2, 8(s0)
  lw t4, 8(s0)
  sh t4, 16(s0)
  li s4, DMA
  sd s0, 0(s4)
  addi t5, s0, 32
  sd t5, 8(s4)
  li t5, 16
  sd t5, 16(s4)
  li t5, 1
  sw t5, 24(s4)
1:
  lw t5, 28(s4)
  andi t5, t5, 1
  bnez t5, 1b
  ld s5, 40(s0)
  xor s1, s1, s5
  ${report('s1')}
  ${report('t4')}
  ${END}
.align 2
handler:
  csrw sscratch, t1
  csrr t1, sepc
  addi t1, t1, 4
  csrw sepc, t1
  csrr t1, sscratch
  sret
`.replace('amoadd.w t3, t2, 8(s0)', 'addi s3, s0, 8\n  amoadd.w t3, t2, (s3)');

const END_CYCLE = 400_000;
const INPUT_SEED = 1;
/** Bits of each register, and of each byte, that are tried. */
const BITS = { registers: [0, 3, 31, 63], data: [0, 6], stack: [] } as const;
/** DATA of the first slot, as far as the program uses it and a little beyond. */
const DATA: Range = { base: 0x8050_0000, size: 56 };

interface Bench {
  readonly rig: Rig;
  readonly guest: RigGuest;
  readonly instret: number;
}

function bench(): Bench {
  const booted = bootAssembled('native', [{ source: PROGRAM }]);
  const rig = bootRig(booted.plan, booted.machine);
  const [alone] = rig.guests;
  if (alone === undefined) throw new Error('nobody is there');
  const guest = { ...alone, space: { ...alone.space, regions: [{ name: 'data' as const, ranges: [DATA] }] } };
  rig.machine.restore(rig.reset);
  rig.machine.seedTranslation(INPUT_SEED);
  rig.machine.run(END_CYCLE);
  return { rig, guest, instret: rig.machine.accounting().guests[guest.index]?.instret ?? 0 };
}

/** What comes of that fault before the `at`-th instruction of the guest. */
function outcomeOf({ rig, guest }: Bench, at: number, act: Act | undefined): string {
  const { machine } = rig;
  machine.restore(rig.reset);
  machine.seedTranslation(INPUT_SEED);
  machine.stopAtInstret(guest.index, at);
  if (at > 0) machine.run(END_CYCLE);
  if (act?.kind === 'flip') machine.setX(act.register, machine.x(act.register) ^ (1n << BigInt(act.bit)));
  for (const { address, bit } of act?.kind === 'flip-memory' ? act.bits : [])
    machine.write(address, Uint8Array.of((machine.read(address, 1)[0] ?? 0) ^ (1 << bit)));
  machine.stopAtInstret(undefined, 0);
  machine.run(END_CYCLE);
  const monitor = machine.monitors[guest.index];
  return [monitor?.ended, ...(monitor?.reports.words() ?? [])].join(' ');
}

describe.each(['registers', 'data'] as const)('uses of %s', (what: Prunable) => {
  const at = bench();
  const uses: Uses = traceUses(
    at.rig,
    at.guest,
    { inputSeed: INPUT_SEED, endCycle: END_CYCLE, instret: at.instret },
    what,
  );
  const golden = outcomeOf(at, 0, undefined);
  const { space } = uses;
  const locations = what === 'registers' ? 31 : DATA.size;
  const bits = BITS[what];
  // From the first instruction on: before it the guest's registers are the firmware's.
  const outcomes = new Map<string, string>();
  const outcome = (location: number, instant: number, bit: number): string => {
    const key = `${location} ${instant} ${bit}`;
    const known = outcomes.get(key) ?? outcomeOf(at, instant, uses.act({ location, at: instant, bit }));
    outcomes.set(key, known);
    return known;
  };
  /** Instants by location that a class holds, with the class's last. */
  const held = new Map<string, number>();
  for (let index = 0; index < space.size; index++) {
    const { location, count, first, last } = space.classAt(index);
    for (let own = location; own < location + count; own++)
      for (let instant = first; instant <= last; instant++) held.set(`${own} ${instant}`, last);
  }

  it('are counted whole', () => {
    expect(golden).toMatch(/^true \d+ \d+$/);
    expect(space.live).toBe(held.size * space.bits);
    expect(space.live + space.known).toBe(locations * space.bits * at.instret);
    expect(space.known).toBeGreaterThan(space.live / 4);
  });

  it('tell faults that do nothing, and faults that do the same; the estimate is that of all of them', () => {
    let [failing, tried, weighed] = [0, 0, 0];
    for (let location = 0; location < locations; location++) {
      for (let instant = 1; instant < at.instret; instant++) {
        const last = held.get(`${location} ${instant}`);
        for (const bit of bits) {
          const seen = outcome(location, instant, bit);
          const pilot = last === undefined ? golden : outcome(location, last, bit);
          if (seen !== pilot) throw new Error(`${what} ${location} bit ${bit} at ${instant}: ${seen}, not ${pilot}`);
          tried++;
          if (seen !== golden) failing++;
        }
      }
    }
    for (let index = 0; index < space.size; index++) {
      const { location, count, first, last } = space.classAt(index);
      const size = last - Math.max(first, 1) + 1;
      for (let own = location; own < location + count; own++)
        for (const bit of bits) if (last > 0 && outcome(own, last, bit) !== golden) weighed += size;
    }
    expect(weighed).toBe(failing);
    expect(failing).toBeGreaterThan(0.01 * tried);
    expect(failing).toBeLessThan(0.5 * tried);
  }, 120_000);
});
