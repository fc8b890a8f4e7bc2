import { describe, expect, it } from 'vitest';
import { BLOCK_REQUEST, BLOCK_STATUS, Block, type BlockState } from './block.ts';
import { Disk } from './disk.ts';
import { STATUS, VIRTIO } from './registers.ts';
import { ToyDriver } from './toy-driver.ts';

const SECTORS = 20;
/** Byte i of sector s is s + i. */
const image = Uint8Array.from({ length: SECTORS * 512 }, (_, index) => Math.floor(index / 512) + index);
const sectorOf = (sector: number): Uint8Array => image.slice(512 * sector, 512 * (sector + 1));

class DiskDriver extends ToyDriver {
  readonly block: Block;

  constructor(options: { readonly readOnly?: boolean; readonly image?: Uint8Array } = {}) {
    const block = new Block({ image, readOnly: false, identity: 'a-disk', ...options });
    super(block);
    this.block = block;
    this.start();
  }

  header(type: number, sector: number): Uint8Array {
    const header = new DataView(new ArrayBuffer(16));
    header.setUint32(0, type, true);
    header.setBigUint64(8, BigInt(sector), true);
    return new Uint8Array(header.buffer);
  }

  /** Data and status of a request with this much room for data. */
  request(
    type: number,
    sector: number,
    data: readonly Uint8Array[],
    room: number,
  ): { data: Uint8Array; status: number } {
    const answer = this.ask(0, [this.header(type, sector), ...data], room > 0 ? [room, 1] : [1]);
    expect(this.used(0).at(-1)?.written).toBe(room + 1);
    return { data: answer.slice(0, room), status: answer[room] ?? -1 };
  }

  read(sector: number, sectors = 1): Uint8Array {
    const { data, status } = this.request(BLOCK_REQUEST.READ, sector, [], 512 * sectors);
    expect(status).toBe(BLOCK_STATUS.OK);
    return data;
  }

  write(sector: number, ...data: Uint8Array[]): number {
    return this.request(BLOCK_REQUEST.WRITE, sector, data, 0).status;
  }
}

describe('a virtio disk', () => {
  it('says how large it is', () => {
    const driver = new DiskDriver();
    expect(driver.get(VIRTIO.DEVICE_ID)).toBe(2);
    expect([0, 4, 8, 12, 20].map((offset) => driver.get(VIRTIO.CONFIG + offset))).toEqual([
      SECTORS,
      0,
      0x8000,
      254,
      512,
    ]);
    driver.put(VIRTIO.DEVICE_FEATURES_SELECT, 0);
    expect(driver.get(VIRTIO.DEVICE_FEATURES)).toBe(0x1000_0246);
    const readOnly = new DiskDriver({ readOnly: true });
    readOnly.put(VIRTIO.DEVICE_FEATURES_SELECT, 0);
    expect(readOnly.get(VIRTIO.DEVICE_FEATURES)).toBe(0x1000_0266);
  });

  it('reads and writes sectors, and leaves the image alone', () => {
    const driver = new DiskDriver();
    const before = image.slice();
    expect(driver.read(3)).toEqual(sectorOf(3));
    expect(driver.read(5, 12)).toEqual(image.slice(5 * 512, 17 * 512));
    const news = Uint8Array.from({ length: 3 * 512 }, (_, index) => 7 * index);
    // Across a cluster, in pieces that are no sectors.
    expect(driver.write(7, news.slice(0, 100), news.slice(100, 1000), news.slice(1000))).toBe(BLOCK_STATUS.OK);
    expect(driver.read(6, 5)).toEqual(Uint8Array.from([...sectorOf(6), ...news, ...sectorOf(10)]));
    expect(driver.write(SECTORS - 1, news.slice(0, 512))).toBe(BLOCK_STATUS.OK);
    expect(driver.read(SECTORS - 1)).toEqual(news.slice(0, 512));
    expect(image).toEqual(before);
  });

  it('takes header and status in whatever pieces they come', () => {
    const driver = new DiskDriver();
    const header = driver.header(BLOCK_REQUEST.READ, 2);
    const answer = driver.ask(0, [header.slice(0, 3), header.slice(3)], [500, 13]);
    expect(answer).toEqual(Uint8Array.from([...sectorOf(2), 0]));
  });

  it('moves what is too long for one piece', () => {
    const long = Uint8Array.from({ length: 400 * 512 }, (_, index) => (index * 7) >>> 9);
    const driver = new DiskDriver({ image: long });
    const answer = driver.ask(0, [driver.header(BLOCK_REQUEST.READ, 1)], [70_001, 399 * 512 - 70_001, 1]);
    expect(Buffer.compare(answer.subarray(0, -1), long.subarray(512))).toBe(0);
    const data = long.map((byte) => byte ^ 0x55);
    driver.offer(0, [driver.header(BLOCK_REQUEST.WRITE, 0), data.slice(0, 65_000), data.slice(65_000)], [1]);
    driver.notify(0);
    driver.advance(1_000_000);
    expect(
      Buffer.compare(driver.ask(0, [driver.header(BLOCK_REQUEST.READ, 0)], [400 * 512, 1]).subarray(0, -1), data),
    ).toBe(0);
  });

  it('answers what cannot be with an error, and with nothing else', () => {
    const driver = new DiskDriver();
    const none = (room: number): Uint8Array => new Uint8Array(room);
    const failed = { data: none(512), status: BLOCK_STATUS.ERROR };
    expect(driver.request(BLOCK_REQUEST.READ, SECTORS, [], 512)).toEqual(failed);
    expect(driver.request(BLOCK_REQUEST.READ, 2 ** 52, [], 512)).toEqual(failed);
    expect(driver.request(BLOCK_REQUEST.READ, 1, [], 511)).toEqual({ data: none(511), status: BLOCK_STATUS.ERROR });
    expect(driver.request(BLOCK_REQUEST.READ, SECTORS - 1, [], 1024)).toEqual({ ...failed, data: none(1024) });
    expect(driver.write(SECTORS - 1, new Uint8Array(1024))).toBe(BLOCK_STATUS.ERROR);
    expect(driver.write(0, new Uint8Array(100))).toBe(BLOCK_STATUS.ERROR);
    expect(driver.request(11, 0, [new Uint8Array(512)], 0).status).toBe(BLOCK_STATUS.UNSUPPORTED);
    expect(driver.request(0xffff_ffff, 0, [], 512)).toEqual({ data: none(512), status: BLOCK_STATUS.UNSUPPORTED });
    expect(new DiskDriver({ readOnly: true }).write(0, new Uint8Array(512))).toBe(BLOCK_STATUS.ERROR);
    expect([driver.read(0), driver.device.fault]).toEqual([sectorOf(0), undefined]);
  });

  it('flushes, and tells its name', () => {
    const driver = new DiskDriver();
    expect(driver.request(BLOCK_REQUEST.FLUSH, 0, [], 0).status).toBe(BLOCK_STATUS.OK);
    const { data, status } = driver.request(BLOCK_REQUEST.IDENTIFY, 0, [], 20);
    expect([new TextDecoder().decode(data).replaceAll('\0', ''), status]).toEqual(['a-disk', BLOCK_STATUS.OK]);
    expect(driver.request(BLOCK_REQUEST.IDENTIFY, 0, [], 19).status).toBe(BLOCK_STATUS.ERROR);
  });

  it.each([
    ['a header cut short', [new Uint8Array(15)], [1]],
    ['no room for the status', [new Uint8Array(16)], []],
  ] as const)('is broken by %s', (_name, readable, room) => {
    const driver = new DiskDriver();
    driver.ask(0, readable, room);
    expect(driver.device.fault).toBe('a block request without room for header and status');
    expect(driver.get(VIRTIO.STATUS) & STATUS.NEEDS_RESET).not.toBe(0);
  });

  it('makes do with any image', () => {
    const odd = new DiskDriver({ image: Uint8Array.of(1, 2, 3) });
    expect(odd.get(VIRTIO.CONFIG)).toBe(1);
    expect(odd.read(0)).toEqual(Uint8Array.from([1, 2, 3, ...new Uint8Array(509)]));
    odd.write(0, new Uint8Array(512).fill(5));
    expect(odd.read(0)).toEqual(new Uint8Array(512).fill(5));
    const empty = new DiskDriver({ image: new Uint8Array(0) });
    expect(empty.request(BLOCK_REQUEST.READ, 0, [], 512).status).toBe(BLOCK_STATUS.ERROR);
    expect(empty.request(BLOCK_REQUEST.READ, 0, [], 0).status).toBe(BLOCK_STATUS.OK);
  });
});

describe('the state of a disk', () => {
  const ones = new Uint8Array(512).fill(1);
  const twos = new Uint8Array(512).fill(2);

  it('holds what was written, and nothing else', () => {
    const disk = new Disk(image);
    expect(disk.save()).toEqual({ clusters: [] });
    disk.write(17, ones);
    disk.write(2, ones);
    expect(disk.save().clusters.map(({ index, bytes }) => [index, bytes.length])).toEqual([
      [0, 4096],
      [2, 4096],
    ]);
    const other = new Disk(image);
    other.write(2, ones);
    other.write(17, ones);
    expect(other.save(), 'whatever the order').toEqual(disk.save());
  });

  it('does not change when the disk does', () => {
    const disk = new Disk(image);
    const read = (sector: number): Uint8Array => {
      const bytes = new Uint8Array(512);
      disk.read(sector, bytes);
      return bytes;
    };
    const pristine = disk.save();
    disk.write(2, ones);
    const first = disk.save();
    expect(disk.save(), 'nothing was written since').toBe(first);
    const copy = structuredClone(first);
    disk.write(2, twos);
    disk.write(3, twos);
    const second = disk.save();
    expect(first).toEqual(copy);
    disk.restore(first);
    expect([read(2), read(3)]).toEqual([ones, sectorOf(3)]);
    disk.restore(second);
    expect([read(2), read(3)]).toEqual([twos, twos]);
    disk.restore(pristine);
    expect([read(2), read(3)]).toEqual([sectorOf(2), sectorOf(3)]);
    disk.restore(copy);
    expect(read(2)).toEqual(ones);
  });

  it('goes through the device', () => {
    const driver = new DiskDriver();
    driver.write(4, ones);
    const state: BlockState = driver.block.save();
    const other = new DiskDriver();
    other.block.restore(structuredClone(state));
    expect(other.read(4)).toEqual(ones);
  });
});
