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

/** What of an entry is the same for like effects, but for the address within its place. */
export type Deed = Pick<LedgerEntry, 'kind' | 'from' | 'onBehalf' | 'owner' | 'address' | 'changed'>;
/** When and where an effect happened. */
export type Occasion = Pick<LedgerEntry, 'pc' | 'cycle' | 'instret'>;

interface Kept {
  readonly entry: Omit<LedgerEntry, 'count'>;
  count: number;
}

export interface LedgerState {
  readonly entries: readonly LedgerEntry[];
  readonly tainted: boolean;
  readonly dropped: number;
}

/** More distinct effects than this are counted, not kept. An exhaustive sweep of 128 MiB makes three per page. */
const ENTRY_LIMIT = 1 << 17;
/** A storm of effects is mostly a few of them by turns. */
const RECENT = 4;

/** The oracle: what a world did outside what is its own. It changes nothing in the run. */
export class Ledger {
  private kept = new Map<string, Kept>();
  /** The last ones to be added to, by turns. */
  private recent: Kept[] = [];
  private turn = 0;
  private taint = false;
  dropped = 0;

  /** @param occasion asked only where the effect is the first of its like */
  note(deed: Deed, occasion: () => Occasion): void {
    for (const like of this.recent) {
      if (isLike(like.entry, deed)) {
        like.count++;
        return;
      }
    }
    const key = keyOf(deed);
    const known = this.kept.get(key);
    if (known !== undefined) {
      known.count++;
      this.remember(known);
      return;
    }
    if (this.kept.size >= ENTRY_LIMIT) {
      this.dropped++;
      return;
    }
    const first = { entry: { ...deed, ...occasion(), tainted: this.taint }, count: 1 };
    this.kept.set(key, first);
    this.remember(first);
    const onLayer = deed.owner === 'layer' || deed.owner === 'firmware';
    if (deed.from !== 'layer' && onLayer && deed.changed) this.taint = true;
  }

  private remember(kept: Kept): void {
    this.recent[this.turn] = kept;
    this.turn = (this.turn + 1) % RECENT;
  }

  /** In the order of their first occurrence. */
  get entries(): readonly LedgerEntry[] {
    return Array.from(this.kept.values(), ({ entry, count }) => ({ ...entry, count }));
  }

  get size(): number {
    return this.kept.size;
  }

  get tainted(): boolean {
    return this.taint;
  }

  clear(): void {
    if (this.kept.size > 0) this.kept = new Map();
    this.recent = [];
    this.turn = 0;
    this.taint = false;
    this.dropped = 0;
  }

  save(): LedgerState {
    return { entries: this.entries, tainted: this.taint, dropped: this.dropped };
  }

  restore(state: LedgerState): void {
    this.clear();
    for (const { count, ...entry } of state.entries) this.kept.set(keyOf(entry), { entry, count });
    this.taint = state.tainted;
    this.dropped = state.dropped;
  }
}

/** Device registers are places one by one, RAM by the page. */
function placeOf({ kind, address }: Pick<Deed, 'kind' | 'address'>): number {
  return kind.startsWith('mmio') ? address : Math.floor(address / 4096);
}

/** Like effects share an entry. */
function isLike(a: Deed, b: Deed): boolean {
  return (
    a.kind === b.kind &&
    a.from === b.from &&
    a.onBehalf === b.onBehalf &&
    a.owner === b.owner &&
    a.changed === b.changed &&
    placeOf(a) === placeOf(b)
  );
}

function keyOf(deed: Deed): string {
  return `${deed.kind} ${deed.from} ${deed.onBehalf} ${deed.owner} ${placeOf(deed)} ${deed.changed}`;
}
