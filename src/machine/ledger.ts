/** Whose something is: a guest by its number, the firmware, the layer, or nobody. */
export type Party = 'firmware' | 'layer' | 'free' | number;

export type EffectKind =
  | 'read'
  | 'write'
  | 'fetch'
  | 'walk'
  | 'mmio-read'
  | 'mmio-write'
  | 'dma'
  /** The layer ended or reset the whole machine on behalf of a guest. */
  | 'reset'
  /** The first fetch after the layer was left is from another's page. */
  | 'foreign-resume'
  /** The layer was left for one world with the page table of another. */
  | 'world-confusion';

/** One foreign effect, or a run of like ones: same kind, same parties, same page (or register). */
export interface LedgerEntry {
  readonly kind: EffectKind;
  /** Who made it; the layer may have made it on behalf of a guest. */
  readonly from: number | 'layer';
  readonly onBehalf: number | undefined;
  readonly owner: Party;
  /** Of the first effect. */
  readonly address: number;
  readonly pc: bigint;
  readonly cycle: number;
  readonly instret: number;
  /** Some byte got another value. */
  readonly changed: boolean;
  readonly count: number;
  /** Recorded after a first effect on the layer: attribution is no longer sure. */
  readonly tainted: boolean;
}

export interface LedgerState {
  readonly entries: readonly LedgerEntry[];
  readonly tainted: boolean;
  readonly dropped: number;
}

/** More distinct effects than this are counted, not kept. An exhaustive sweep of 128 MiB makes three per page. */
const ENTRY_LIMIT = 1 << 17;

/** The oracle: what a world did outside what is its own. It changes nothing in the run. */
export class Ledger {
  private kept = new Map<string, LedgerEntry>();
  private taint = false;
  dropped = 0;

  note(effect: Omit<LedgerEntry, 'count' | 'tainted'>): void {
    const key = keyOf(effect);
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.kept.set(key, { ...known, count: known.count + 1 });
      return;
    }
    if (this.kept.size >= ENTRY_LIMIT) {
      this.dropped++;
      return;
    }
    this.kept.set(key, { ...effect, count: 1, tainted: this.taint });
    const onLayer = effect.owner === 'layer' || effect.owner === 'firmware';
    if (effect.from !== 'layer' && onLayer && effect.changed) this.taint = true;
  }

  /** In the order of their first occurrence. */
  get entries(): readonly LedgerEntry[] {
    return [...this.kept.values()];
  }

  get size(): number {
    return this.kept.size;
  }

  get tainted(): boolean {
    return this.taint;
  }

  clear(): void {
    if (this.kept.size > 0) this.kept = new Map();
    this.taint = false;
    this.dropped = 0;
  }

  save(): LedgerState {
    return { entries: this.entries, tainted: this.taint, dropped: this.dropped };
  }

  restore(state: LedgerState): void {
    this.clear();
    for (const entry of state.entries) this.kept.set(keyOf(entry), entry);
    this.taint = state.tainted;
    this.dropped = state.dropped;
  }
}

/** Like effects share an entry: device registers one by one, RAM by the page. */
function keyOf(effect: Omit<LedgerEntry, 'count' | 'tainted'>): string {
  const place = effect.kind.startsWith('mmio') ? effect.address : Math.floor(effect.address / 4096);
  return `${effect.kind} ${effect.from} ${effect.onBehalf} ${effect.owner} ${place} ${effect.changed}`;
}
