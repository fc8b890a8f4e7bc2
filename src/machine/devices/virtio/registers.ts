/** Registers of virtio over MMIO, version 2 (VIRTIO 1.2, 4.2.2): of 32 bits, but for the configuration space. */
export const VIRTIO = {
  MAGIC: 0x000,
  VERSION: 0x004,
  DEVICE_ID: 0x008,
  VENDOR_ID: 0x00c,
  DEVICE_FEATURES: 0x010,
  DEVICE_FEATURES_SELECT: 0x014,
  DRIVER_FEATURES: 0x020,
  DRIVER_FEATURES_SELECT: 0x024,
  QUEUE_SELECT: 0x030,
  QUEUE_SIZE_MAX: 0x034,
  QUEUE_SIZE: 0x038,
  QUEUE_READY: 0x044,
  QUEUE_NOTIFY: 0x050,
  INTERRUPT_STATUS: 0x060,
  INTERRUPT_ACK: 0x064,
  STATUS: 0x070,
  QUEUE_DESCRIPTORS_LOW: 0x080,
  QUEUE_DESCRIPTORS_HIGH: 0x084,
  QUEUE_AVAILABLE_LOW: 0x090,
  QUEUE_AVAILABLE_HIGH: 0x094,
  QUEUE_USED_LOW: 0x0a0,
  QUEUE_USED_HIGH: 0x0a4,
  SHARED_LENGTH_LOW: 0x0b0,
  SHARED_LENGTH_HIGH: 0x0b4,
  SHARED_BASE_LOW: 0x0b8,
  SHARED_BASE_HIGH: 0x0bc,
  CONFIG_GENERATION: 0x0fc,
  CONFIG: 0x100,
} as const;

/** "virt" in ASCII, and "taco" for the vendor. */
export const VIRTIO_MAGIC = 0x7472_6976;
export const VIRTIO_VERSION = 2;
export const VIRTIO_VENDOR = 0x6f63_6174;

/** Bits of STATUS; the driver sets all but NEEDS_RESET (2.1). */
export const STATUS = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  NEEDS_RESET: 64,
  FAILED: 128,
} as const;

/** Bits of INTERRUPT_STATUS. */
export const INTERRUPT = { USED: 1, CONFIG: 2 } as const;

const REGISTER_NAMES = new Map<number, string>(Object.entries(VIRTIO).map(([name, offset]) => [offset, name]));

export function virtioRegisterName(offset: number): string {
  return offset >= VIRTIO.CONFIG ? 'CONFIG' : (REGISTER_NAMES.get(offset) ?? 'unimplemented');
}
