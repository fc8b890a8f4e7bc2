// A mode: one way to arrange the same guests on the same machine. It is data: which images lie in layer RAM, what the
// configuration block says, and how to tell whose instructions run. Nothing else in the project asks which mode it is.

import type { Scenario } from './scenario.ts';

/** `region_config` of config.h: one run of what a guest may reach, by its G-stage or its PMP window. */
export interface Region {
  readonly guest: number;
  readonly base: number;
  readonly size: number;
  readonly permissions: 'rw' | 'rwx';
  /** Where it lies, if that is not at `base`. */
  readonly target?: number;
  /** Largest leaf of a G-stage allowed, in bytes. */
  readonly leaf: number;
}

/** Which image runs where, and whose code it is. */
export interface LayerImage {
  readonly name: string;
  readonly party: 'firmware' | 'layer';
  /** The part of layer RAM that is its own. */
  readonly base: number;
  readonly size: number;
}

/** How the machine tells worlds apart; symbols are those of `image`. */
export interface WorldSource {
  readonly machineMode: 'firmware' | 'layer';
  readonly supervisorMode: 'guest' | 'layer';
  readonly symbols?: { readonly image: string; readonly currentGuest: string; readonly gstageRoots?: string };
}

/** What one boot of a mode needs beyond the scenario. */
export interface Arrangement {
  /** Guests that are there, by number. */
  readonly guests: readonly number[];
  readonly layers: readonly LayerImage[];
  /** Where the firmware goes when it is done; undefined: to the first guest. */
  readonly nextStage: { readonly entry: number; readonly hypervisor: true } | undefined;
  /** PLIC sources any guest may touch through the layer. */
  readonly openSources: bigint;
  readonly regions: readonly Region[];
  /** Has it a layer that knows the scenario's services? */
  readonly services?: true;
  /** Does the nanokernel load the regions as PMP windows? */
  readonly pmpModule?: true;
  readonly worlds: WorldSource;
}

/** What a report says about a layer's size, and where its sources are. */
export interface Component {
  readonly name: string;
  readonly image: string;
  /** The same built for several harts, which stands in its place where each guest has its own. */
  readonly dedicated?: string;
}

export interface Mode {
  readonly name: string;
  readonly title: string;
  /** Everything more privileged than the guests. */
  readonly components: readonly Component[];
  /** Why the mode cannot shift slots; undefined: it can. */
  readonly fixesPlacement: string | undefined;
  /** One arrangement per boot: `native` boots each guest alone. */
  arrange(scenario: Scenario): readonly Arrangement[];
}
