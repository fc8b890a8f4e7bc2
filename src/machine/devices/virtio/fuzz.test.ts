// Garbage from a driver must end in the error state of that device, never in an exception of the host, and cost no more
// than the queue's size allows.
import { describe, expect, it } from 'vitest';
import { Clock } from '../../clock.ts';
import { StateHash } from '../../hash.ts';
import { Random } from '../toy-random.ts';
import { Block } from './block.ts';
import { DESCRIPTOR } from './descriptors.ts';
import { Entropy } from './entropy.ts';
import { Ethernet } from './ethernet.ts';
import type { VirtioModel } from './model.ts';
import { Network, parseMac } from './network.ts';
import { answer, PEER } from './peer.ts';
import { STATUS, VIRTIO } from './registers.ts';
import { Terminal } from './terminal.ts';
import { ENTRIES, TOY_RAM, ToyDriver } from './toy-driver.ts';

const ROUNDS = 3000;
/** RAM accesses of one chain: three words of the rings, a table of ENTRIES, each buffer twice, two words given back. */
const ACCESSES_PER_CHAIN = 3 + (ENTRIES + 1) + 2 * ENTRIES + 2;
/** Long buffers go through the host in pieces. */
const PIECE_BYTES = 0x1_0000;

class Saboteur {
  readonly random: Random;
  readonly driver: ToyDriver;
  readonly queues: number;
  faults = 0;
  served = 0;

  constructor(random: Random, driver: ToyDriver, queues: number) {
    this.random = random;
    this.driver = driver;
    this.queues = queues;
    driver.start();
  }

  /** Anywhere in RAM, the queues themselves included; at times nowhere. */
  address(): number {
    const { random } = this;
    if (random.oneIn(12))
      return random.pick(0, 0x1000_1000, TOY_RAM.base - 4, TOY_RAM.base + TOY_RAM.size - 3, 2 ** 52);
    return TOY_RAM.base + random.below(random.pick(0x2_0000, TOY_RAM.size - 0x1_0000));
  }

  length(): number {
    const { random } = this;
    if (random.oneIn(20)) return random.pick(0, 0x8000, 0x20_0000, 0x100_0001, 0xffff_ffff);
    return random.pick(1, 12, 16, 17, 32, 60, 512, 513, random.below(2000));
  }

  table(at: number, entries: number): void {
    const { random, driver } = this;
    for (let index = 0; index < entries; index++) {
      const isOdd = random.oneIn(8);
      // Mostly forwards, readable before writable, as real chains are.
      const kind = index < entries / 2 ? 0 : DESCRIPTOR.WRITE;
      const flags = isOdd ? random.below(8) : kind | (random.oneIn(3) ? 0 : DESCRIPTOR.NEXT);
      const isTable = (flags & DESCRIPTOR.INDIRECT) !== 0;
      const paddr = isTable && !random.oneIn(4) ? this.indirect() : this.address();
      const length = isTable && !random.oneIn(3) ? 16 * random.below(ENTRIES + 2) : this.length();
      const next = isOdd ? random.below(ENTRIES + 2) : index + 1;
      driver.describe(at, index, { paddr, length, flags, next });
    }
  }

  indirect(): number {
    const at = TOY_RAM.base + 0x10_0000 + 16 * this.random.below(0x1000);
    // Not a table again: those would come to no end.
    for (let index = 0; index < ENTRIES; index++) {
      const flags = this.random.below(4) | (this.random.oneIn(10) ? DESCRIPTOR.INDIRECT : 0);
      this.driver.describe(at, index, { paddr: this.address(), length: this.length(), flags, next: index + 1 });
    }
    return at;
  }

  spoil(queue: number): void {
    const { random, driver } = this;
    const { descriptors, available } = driver.areas(queue);
    const kind = random.below(10);
    if (kind === 0) {
      const at = descriptors - TOY_RAM.base;
      for (let byte = 0; byte < 16 * ENTRIES; byte++) driver.ram.bytes[at + byte] = random.word();
    } else if (kind < 7) {
      this.table(descriptors, ENTRIES);
    }
    for (let chain = random.below(4); chain > 0; chain--) {
      driver.publish(queue, random.oneIn(15) ? random.below(0x1_0000) : random.below(ENTRIES));
    }
    if (random.oneIn(40)) driver.ram.view.setUint16(available - TOY_RAM.base + 2, random.word() & 0xffff, true);
  }

  poke(): void {
    const { random, driver } = this;
    const offset = random.oneIn(4) ? random.below(0x200) : 4 * random.below(0x44);
    const width = random.pick(1, 2, 4, 4, 4, 4);
    if (random.oneIn(2)) driver.device.read(offset, width, 0);
    else driver.device.write(offset, width, random.pick(0, 1, 8, 15, random.word(), this.address() >>> 0), 0);
  }

  round(act: () => void): void {
    const { random, driver } = this;
    for (let queue = 0; queue < this.queues; queue++) if (random.oneIn(2)) this.spoil(queue);
    if (random.oneIn(4)) this.poke();
    if (random.oneIn(5)) act();
    driver.notify(random.below(this.queues + 1));
    const end = driver.clock.now + random.below(100_000);
    while (driver.clock.nextCycle() <= end) {
      const { accesses: before, moved } = driver.ram;
      driver.clock.now = driver.clock.nextCycle();
      driver.clock.runDue();
      const accesses = driver.ram.accesses - before;
      if (accesses > 0) this.served++;
      const pieces = Math.ceil((driver.ram.moved - moved) / PIECE_BYTES);
      expect(accesses).toBeLessThanOrEqual(this.queues * ACCESSES_PER_CHAIN + pieces);
    }
    driver.clock.now = end;
    this.check();
  }

  check(): void {
    const { driver } = this;
    const isFaulty = (driver.get(VIRTIO.STATUS) & STATUS.NEEDS_RESET) !== 0;
    expect(driver.device.fault !== undefined).toBe(isFaulty);
    expect(driver.pin).toBe(driver.get(VIRTIO.INTERRUPT_STATUS) !== 0);
    if (isFaulty) this.faults++;
    if (isFaulty || this.random.oneIn(50)) driver.start();
  }

  hash(): string {
    const hash = new StateHash();
    hash.value(this.driver.device.save());
    hash.value(this.driver.clock.save().events);
    hash.bytes(this.driver.ram.bytes);
    return hash.hex();
  }
}

interface Subject {
  readonly model: VirtioModel;
  /** What the world around the device does now and then. */
  readonly act: (random: Random) => void;
}

const SUBJECTS: readonly (readonly [string, (clock: Clock) => Subject])[] = [
  [
    'block',
    () => ({ model: new Block({ image: new Uint8Array(0x10000), readOnly: false, identity: 'x' }), act: () => {} }),
  ],
  ['entropy', () => ({ model: new Entropy(1), act: () => {} })],
  [
    'console',
    () => {
      const model = new Terminal(() => {});
      return { model, act: (random) => model.input(new Uint8Array(random.below(100))) };
    },
  ],
  [
    'network',
    (clock) => {
      const network = new Network(clock);
      const mac = parseMac('52:54:00:12:34:56');
      const model = new Ethernet({ network, port: 'port', mac });
      const reply = network.attach('peer', PEER.mac, (frame) => {
        const frameBack = answer(frame, PEER);
        if (frameBack !== undefined) reply(frameBack);
      });
      const put = network.attach('other', parseMac('52:54:00:12:34:57'), () => {});
      const act = (random: Random) => put(Uint8Array.from([...mac, ...new Uint8Array(random.below(1600))]));
      return { model, act };
    },
  ],
];

function abuse(create: (clock: Clock) => Subject, seed: number, rounds: number): Saboteur {
  const random = new Random(seed);
  const clock = new Clock();
  const { model, act } = create(clock);
  const saboteur = new Saboteur(random, new ToyDriver(model, clock), model.queues);
  for (let round = 0; round < rounds; round++) saboteur.round(() => act(random));
  return saboteur;
}

describe.each(SUBJECTS)('a %s device under a driver that sends garbage', (_name, create) => {
  it('fails by itself alone, in bounded work', () => {
    const { faults, served } = abuse(create, 1, ROUNDS);
    // The garbage is good enough to be served and bad enough to break things.
    expect(faults).toBeGreaterThan(ROUNDS / 20);
    expect(served).toBeGreaterThan(ROUNDS / 5);
  }, 30_000);

  it('does the same for the same garbage', () => {
    const [one, other] = [abuse(create, 2, 200), abuse(create, 2, 200)];
    expect(one.hash()).toBe(other.hash());
    expect(one.hash()).not.toBe(abuse(create, 3, 200).hash());
  }, 30_000);
});

describe('the peer', () => {
  it('takes any bytes for a frame', () => {
    const random = new Random(4);
    for (let round = 0; round < 20_000; round++) {
      const frame = Uint8Array.from({ length: random.below(100) }, () => random.word());
      // Close to what it would answer.
      if (random.oneIn(2)) frame.set([...PEER.mac, ...PEER.mac, 8, random.pick(0, 6), 0x45].slice(0, frame.length));
      const reply = answer(frame, PEER);
      if (reply !== undefined) expect(reply.length).toBe(frame.length);
    }
  });
});
