import type { Device } from '../device.ts';
import { VIRTIO, VIRTIO_MAGIC, VIRTIO_VERSION, virtioRegisterName } from './registers.ts';

/** A slot with nothing in it: device 0, which a driver passes over (VIRTIO 1.2, 4.2.2). It has no state. */
export class EmptySlot implements Device {
  readonly name: string;
  readonly size = 0x1000;

  constructor(name: string) {
    this.name = name;
  }

  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4) return 0;
    if (offset === VIRTIO.MAGIC) return VIRTIO_MAGIC;
    return offset === VIRTIO.VERSION ? VIRTIO_VERSION : 0;
  }

  write(): boolean {
    return true;
  }

  registerName(offset: number): string {
    return virtioRegisterName(offset);
  }

  save(): Record<string, never> {
    return {};
  }

  restore(): void {}
}
