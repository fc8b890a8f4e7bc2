// What each directed act does where the resource that it strikes lets it through: the one thing that predictions are told
// about faults, written before their first run.

import { type Endpoints, NO_ENDPOINT } from './outcome.ts';

export interface Expectation {
  readonly resource: string;
  /** What is there instead in a mode that lacks it. */
  readonly orElse?: string;
  /** Does the act go through the guest's own address translation? A guest that maps only its own stops itself there. */
  readonly translated: boolean;
  /** What it does where the resource lets it through. */
  readonly effect: Endpoints;
}

const reaching = (effect: Partial<Endpoints>): Endpoints => ({ ...NO_ENDPOINT, reached: true, ...effect });

/** Time taken from a neighbour leaves no foreign effect behind. */
const TIME: Expectation = {
  resource: 'processor-time',
  translated: false,
  effect: { ...NO_ENDPOINT, failed: true },
};
const CALL: Expectation = { resource: 'layer-calls', translated: false, effect: reaching({ failed: true }) };
/** What comes over a declared channel is no foreign effect. */
const CHANNEL: Expectation = { resource: 'channel', translated: false, effect: NO_ENDPOINT };

/** Where one of them is let through to what is shared, everybody has it. */
function each(names: readonly string[], fault: string, resource: string): Record<string, Expectation> {
  const expectation = { resource, translated: false, effect: reaching({ corrupted: true, failed: true }) };
  return Object.fromEntries(names.map((name) => [`${fault}-${name}`, expectation]));
}

export const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  'MEM-1': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  // An instruction, a return address and a mapping that the neighbour cannot do without.
  'MEM-1-text': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'MEM-1-stack': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'MEM-1-table': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'MEM-2': { resource: 'foreign-ram', translated: true, effect: reaching({ leaked: true }) },
  'MEM-14': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'MEM-15': { resource: 'layer-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'TIM-2': TIME,
  'TIM-8': { resource: 'clint', translated: true, effect: reaching({ corrupted: true }) },
  // A guest that waits for its device waits for ever. The pages of the PLIC are its own to map.
  'PRV-4': { resource: 'plic', translated: false, effect: reaching({ corrupted: true, failed: true }) },
  'PRV-5a': { resource: 'reset-call', translated: false, effect: reaching({ failed: true }) },
  'PRV-5b': { resource: 'finisher', translated: true, effect: reaching({ failed: true }) },
  'DMA-1': { resource: 'dma-memory', translated: false, effect: reaching({ corrupted: true, failed: true }) },

  // Nobody's own affair reaches a neighbour, whatever becomes of the guest itself.
  'MEM-3': { resource: 'own-ram', translated: false, effect: NO_ENDPOINT },
  // The end of a slot holds what a guest reads as it boots, and free memory.
  'MEM-6': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true }) },
  'MEM-7': { resource: 'foreign-ram', translated: true, effect: reaching({ corrupted: true, failed: true }) },
  'MEM-9': { resource: 'nothing', translated: true, effect: NO_ENDPOINT },
  // It makes the mapping that it needs.
  'MEM-11': { resource: 'foreign-ram', translated: false, effect: reaching({ corrupted: true, failed: true }) },
  // Hardware walks the table of another, finds no way to the next instruction there, and the guest is lost.
  'MEM-12': { resource: 'foreign-ram', translated: false, effect: reaching({}) },
  'TIM-1': TIME,
  'TIM-6': TIME,
  // A process takes the time of its own kernel's others, and its memory.
  'TIM-1-fifo': TIME,
  'TIM-2-panic': TIME,
  'TIM-6-fork': TIME,
  'MEM-10-own': { resource: 'own-ram', translated: false, effect: NO_ENDPOINT },
  // Every deadline is long past at once.
  'TIM-9': { resource: 'clint', translated: true, effect: reaching({ corrupted: true, late: true }) },
  // To wait for ever takes no time.
  'TIM-10': { ...TIME, effect: NO_ENDPOINT },
  'TIM-11': { resource: 'foreign-ram', translated: true, effect: reaching({}) },
  'TIM-13': TIME,
  'TIM-13-storm': TIME,
  ...each(['sstatus', 'sie', 'satp', 'stimecmp', 'scounteren', 'senvcfg'], 'PRV-1', 'supervisor-csrs'),
  ...each(['hstatus', 'hgatp', 'hvip', 'vsatp'], 'PRV-1', 'hypervisor-csrs'),
  ...each(['mstatus', 'mtvec', 'pmpaddr0'], 'PRV-1', 'machine-csrs'),
  ...each(['mret'], 'PRV-2', 'machine-csrs'),
  ...each(['sfence-vma'], 'PRV-2', 'tlb-tags'),
  ...each(['hfence-gvma', 'hfence-vvma', 'hlv'], 'PRV-2', 'hypervisor-csrs'),
  'PRV-3': { resource: 'supervisor-csrs', translated: false, effect: reaching({ failed: true }) },
  // Where it starts it does not come again.
  'PRV-6': { resource: 'firmware-ram', orElse: 'layer-ram', translated: true, effect: reaching({ corrupted: true }) },
  ...each(['csr', 'word'], 'PRV-7', 'nothing'),
  'DMA-2': { resource: 'dma-memory', translated: false, effect: reaching({ corrupted: true, failed: true }) },
  // Its owner writes it anew before each transfer.
  'DMA-5': { resource: 'foreign-dma', translated: true, effect: reaching({ corrupted: true }) },
  'DMA-8': { resource: 'doorbell', translated: true, effect: reaching({ corrupted: true }) },
  'IRQ-3': CHANNEL,
  'IRQ-5': { resource: 'plic', translated: false, effect: reaching({ corrupted: true }) },
  'IRQ-6': TIME,
  'HCL-1': CALL,
  'HCL-1-function': CALL,
  ...each(['foreign', 'layer', 'device', 'length', 'end', 'wrap'], 'HCL-2', 'layer-calls'),
  'HCL-3': CALL,
  'HCL-4': CALL,
  'HCL-6': TIME,
  'XCH-4': CHANNEL,
  'XCH-5': CHANNEL,
  'XCH-10': TIME,
  'XCH-11': CHANNEL,
  'XCH-12': TIME,
};
