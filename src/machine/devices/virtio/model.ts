import type { Chain } from './chain.ts';

/** What a model made of a chain. */
export type Served =
  /** Done with; so many bytes from the start of its writable part were filled. */
  | { readonly kind: 'done'; readonly written: number }
  /** It stays where it is until the model asks for service again. */
  | { readonly kind: 'waiting' }
  /** The driver broke the protocol: the device needs a reset. */
  | { readonly kind: 'fault'; readonly reason: string };

export const done = (written: number): Served => ({ kind: 'done', written });
export const broken = (reason: string): Served => ({ kind: 'fault', reason });
export const WAITING: Served = { kind: 'waiting' };

/** Asks the transport to serve a queue: there is something to tell the driver. */
export type RequestService = (queue: number) => void;

/** One kind of virtio device behind its transport: it sees chains, and neither registers nor rings. */
export interface VirtioModel {
  readonly deviceId: number;
  /** Feature bits 0..31, all of the device's own; those of ring and transport are not its business. */
  readonly features: number;
  readonly queues: number;
  /** Configuration space; none of ours has a part that the driver may write. */
  readonly config: Uint8Array;
  /** Cycles from a notification to the first chain served. */
  readonly latencyCycles: number;
  /** Once, when the device is composed. */
  connect(request: RequestService): void;
  /** The next chain of a queue. Work is bounded by the bytes of the chain. */
  serve(queue: number, chain: Chain): Served;
  /** The driver reset the device: what it had offered is gone. */
  reset(): void;
  save(): unknown;
  restore(state: unknown): void;
}
