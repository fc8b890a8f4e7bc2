import type { LedgerEntry } from './ledger.ts';

/** What can be observed from outside; each event carries the cycle at which it happened. */
export interface Events {
  /** A guest marked a phase of its work on its monitor page. */
  phase: { readonly guest: number; readonly id: number; readonly cycle: number };
  /** A guest declared its work done. */
  end: { readonly guest: number; readonly cycle: number };
  /** A foreign effect, before it is folded into the ledger. */
  foreign: Omit<LedgerEntry, 'count' | 'tainted'>;
  /** A byte left a UART: a guest's number, or 'layer'. */
  console: { readonly from: number | 'layer'; readonly byte: number; readonly cycle: number };
  /** A byte left the virtio console in that slot. */
  terminal: { readonly slot: number; readonly byte: number; readonly cycle: number };
  /** A trap is taken, by M, HS or VS. */
  trap: {
    readonly hart: number;
    readonly to: 'M' | 'HS' | 'VS';
    /** Whose code it was: a guest's own, or that of a layer. */
    readonly from: PartyName;
    readonly interrupt: boolean;
    readonly cause: number;
    /** Where the trapped code was, and what of an exception stands in tval. */
    readonly pc: bigint;
    readonly value: bigint;
    readonly cycle: number;
  };
  /** Other code runs from here on, or for another world. */
  party: {
    readonly hart: number;
    readonly party: PartyName;
    readonly world: number | undefined;
    readonly cycle: number;
  };
  /** A device reads or writes RAM by itself; told before it does. */
  transfer: { readonly address: number; readonly length: number; readonly write: boolean };
  /** The IOMMU refused an access of a device that is a guest's; `cause` is that of its fault record. */
  refused: {
    readonly guest: number;
    readonly address: number;
    readonly write: boolean;
    readonly cause: number;
    readonly cycle: number;
  };
  /** No more code is compiled, for want of room: what else is hot is interpreted. Told once; it changes no result. */
  uncompiled: { readonly why: string; readonly cycle: number };
  /** A hart begins or ends to wait for an interrupt. */
  wait: { readonly hart: number; readonly begins: boolean; readonly cycle: number };
}

/** Whose code runs: a guest's own, or that of a layer. */
export type PartyName = 'guest' | 'layer' | 'firmware';

type Listener<T> = (event: T) => void;

/** The one door for injector, tracer, profiler and debugger. Nothing here changes the run. */
export class Probe {
  private readonly listeners: { [K in keyof Events]: Listener<Events[K]>[] } = {
    phase: [],
    end: [],
    foreign: [],
    console: [],
    terminal: [],
    trap: [],
    party: [],
    wait: [],
    transfer: [],
    refused: [],
    uncompiled: [],
  };

  /** Returns the function that ends the subscription, which a listener may call, too. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    const list = this.listeners[event];
    list.push(listener);
    return () => {
      const at = list.indexOf(listener);
      if (at >= 0) list.splice(at, 1);
    };
  }

  /** The same, for the first events of a kind alone: whoever listens to a storm to its end pays for it. */
  onFirst<K extends keyof Events>(count: number, event: K, listener: Listener<Events[K]>): () => void {
    let left = count;
    const stop = this.on(event, (told) => {
      if (--left <= 0) stop();
      listener(told);
    });
    return stop;
  }

  tell<K extends keyof Events>(event: K, value: Events[K]): void {
    const list = this.listeners[event];
    for (let i = 0; i < list.length; ) {
      const listener = list[i];
      listener?.(value);
      // One that is gone has left its place to the next.
      if (list[i] === listener) i++;
    }
  }

  hears(event: keyof Events): boolean {
    return this.listeners[event].length > 0;
  }

  /** Whether anybody wants what the core tells only when asked to; settled when a run begins. */
  get hearsCore(): boolean {
    return this.hears('trap') || this.hears('party') || this.hears('wait');
  }
}
