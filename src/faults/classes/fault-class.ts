import type { Act } from '../fault.ts';
import type { Random } from '../random.ts';
import type { Mailbox } from '../saboteur.ts';
import type { Space } from '../space.ts';
import type { Prunable } from '../uses.ts';

export type Group = 'MEM' | 'TIM' | 'XCH' | 'PRV' | 'DMA' | 'IRQ' | 'HCL' | 'HWF' | 'SWF';
export type Kind = 'directed' | 'random' | 'sweep';

/** A guest as an act sees it: physical addresses of its symbols and of its own devices. */
export interface AimGuest {
  readonly index: number;
  readonly memory: { readonly base: number; readonly size: number };
  symbol(name: string): number;
  /** PLIC source of its DMA channel. */
  readonly dmaSource: number;
}

/** Everything a directed act may be aimed with: addresses of the scenario and the board, never numbers of its own. */
export interface Aim {
  readonly from: AimGuest;
  readonly to: AimGuest;
  /** First instruction of the layer's trap handler: nanokernel or hypervisor. */
  readonly layerTrapHandler: number;
  /** First instruction of the most privileged code: of the firmware, or of the layer that is its own. */
  readonly firmware: number;
  readonly board: {
    readonly finisher: number;
    readonly finisherPass: number;
    readonly mtimecmp: number;
    readonly mtime: number;
    readonly doorbell: number;
    /** Enable bits of the machine's own context of the PLIC. */
    readonly plicMachineEnable: number;
    /** Registers of a guest's DMA channel. */
    dma(guest: number): number;
    plicPriority(source: number): number;
  };
}

export type Arm = (aim: Aim) => Omit<Mailbox, 'work'>;

/** How a random fault is drawn, the same in every mode: from what the guest's image is, and never from where it runs. */
export type Draw = (space: Space, random: Random) => Act;

export interface FaultClass {
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  /** The word of ISO 26262-6 Annex D (or of S-CORE's list) for it. */
  readonly word: string;
  readonly kind: Kind;
  /** How a directed act is armed. */
  readonly arm?: Arm;
  readonly draw?: Draw;
  /** Of a class drawn by def-use pruning: what the guest's own run must be traced for. */
  readonly uses?: Prunable;
  /** The place that a guest must have for this to strike it: the neighbour that an act is aimed at, or the guest that a
   * random fault lies in. Undefined where any will do. */
  readonly needs?: string;
  /** The place that a guest must have to do this act. */
  readonly by?: string;
  readonly expressible: boolean;
  /** What is missing where it is not expressible. */
  readonly why: string;
}

/** A directed act that the saboteur can do today. */
export function directed(id: string, name: string, word: string, arm: Arm): FaultClass {
  return { id, group: groupOf(id), name, word, kind: 'directed', arm, expressible: true, why: '' };
}

/** One whose target not every guest has. */
export function directedAt(needs: string, id: string, name: string, word: string, arm: Arm): FaultClass {
  return { ...directed(id, name, word, arm), needs };
}

/** One that not every guest can do. */
export function directedBy(by: string, id: string, name: string, word: string, arm: Arm): FaultClass {
  return { ...directed(id, name, word, arm), by };
}

export function random(id: string, name: string, word: string, draw: Draw): FaultClass {
  return { id, group: groupOf(id), name, word, kind: 'random', draw, expressible: true, why: '' };
}

/** One that not every guest has a place for. */
export function randomAt(needs: string, id: string, name: string, word: string, draw: Draw): FaultClass {
  return { ...random(id, name, word, draw), needs };
}

/** The same faults as another class's, of which those that cannot do anything are left out and the others drawn by classes of
 * equivalent ones: their number is no rate before it is weighed. */
export function prunedClass(like: FaultClass, uses: Prunable): FaultClass {
  const { draw: _, ...rest } = like;
  return { ...rest, id: `${like.id}-pruned`, name: `${like.name}, pruned`, uses };
}

/** A class of the catalogue that cannot be run yet, and what it waits for. */
export function awaiting(kind: Kind, id: string, name: string, word: string, why: string): FaultClass {
  return { id, group: groupOf(id), name, word, kind, expressible: false, why };
}

const GROUPS: readonly Group[] = ['MEM', 'TIM', 'XCH', 'PRV', 'DMA', 'IRQ', 'HCL', 'HWF', 'SWF'];

function groupOf(id: string): Group {
  const group = GROUPS.find((candidate) => id === candidate || id.startsWith(`${candidate}-`));
  if (group === undefined) throw new RangeError(`fault ${id} belongs to no group`);
  return group;
}
