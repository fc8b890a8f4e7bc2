import type { DataWatch } from '../machine/index.ts';
import type { Target } from './target.ts';

/** More than anybody sets by hand; a bound on what a debugger can make us remember. */
const MOST_STOPS = 1024;
/** Kinds of Z packets. Software and hardware breakpoints are the same here: no instruction is replaced. */
const BREAKPOINTS: readonly string[] = ['0', '1'];
const WATCHES: Readonly<Record<string, DataWatch['on']>> = { '2': 'write', '3': 'read', '4': 'access' };

/** What a debugger asked to stop for. Setting or removing the same stop twice is the same as once. */
export class StopList {
  private readonly target: Target;
  private readonly breakpoints = new Map<string, bigint>();
  private readonly watches = new Map<string, DataWatch>();

  constructor(target: Target) {
    this.target = target;
  }

  /** Undefined for a kind that there is not, false where there is no more room. */
  change(kind: string, address: bigint, length: number, on: boolean): boolean | undefined {
    const watch = WATCHES[kind];
    if (!BREAKPOINTS.includes(kind) && watch === undefined) return undefined;
    if (on && this.breakpoints.size + this.watches.size >= MOST_STOPS) return false;
    const name = `${kind},${address}`;
    if (watch !== undefined) {
      const key = `${name},${length}`;
      if (on) this.watches.set(key, { address, length, on: watch });
      else this.watches.delete(key);
      this.target.watchData([...this.watches.values()]);
      return true;
    }
    if (on) this.breakpoints.set(name, address);
    else this.breakpoints.delete(name);
    this.target.setBreakpoint(address, [...this.breakpoints.values()].includes(address));
    return true;
  }

  clear(): void {
    for (const address of this.breakpoints.values()) this.target.setBreakpoint(address, false);
    this.breakpoints.clear();
    this.watches.clear();
    this.target.watchData([]);
  }
}
