import type { DebugStop } from './debugger.ts';
import type { Finish } from './devices/finisher.ts';

/** Why a run ended. */
export type Stop =
  | { readonly kind: 'limit' }
  /** Waiting for an interrupt that nothing will ever raise. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'finished'; readonly finish: Finish; readonly by: number | 'layer' }
  /** Before the watched execution of an instruction. */
  | { readonly kind: 'watch' }
  /** A world has retired as many instructions as asked. */
  | { readonly kind: 'instret' }
  /** A foreign effect, where `stopOnForeign` asks for it. */
  | { readonly kind: 'foreign' }
  /** For a debugger. */
  | { readonly kind: 'debug'; readonly stop: DebugStop };
