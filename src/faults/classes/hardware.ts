// HWF: bits that flip by themselves.

import { awaiting, type FaultClass, random } from './fault-class.ts';

const CORRUPTION = 'corruption of content';
const FLOW = 'incorrect execution flow';
const NO_MEMORY = 'needs injection into memory';
const NO_STUCK = 'needs faults that last';

export const hardware: readonly FaultClass[] = [
  random('HWF-1', 'bit of a general register flips', CORRUPTION),
  awaiting('random', 'HWF-2', 'bit of the program counter flips', FLOW, 'next classes of the random campaign'),
  awaiting('random', 'HWF-3', 'bit of a control register flips', FLOW, 'next classes of the random campaign'),
  awaiting('random', 'HWF-4', 'bit of memory flips', CORRUPTION, NO_MEMORY),
  awaiting('random', 'HWF-5', 'several bits of one word flip', CORRUPTION, NO_MEMORY),
  awaiting('random', 'HWF-6', 'burst over several words', CORRUPTION, NO_MEMORY),
  awaiting('random', 'HWF-7', 'bit stuck at 0 or 1', CORRUPTION, NO_STUCK),
  awaiting('random', 'HWF-8', 'bit of a TLB entry flips', CORRUPTION, 'needs injection into the modelled TLB'),
  awaiting('random', 'HWF-9', 'instruction word flips at decode', FLOW, 'needs injection at decode'),
  awaiting('random', 'HWF-10', 'instruction skipped', FLOW, 'next classes of the random campaign'),
  awaiting('random', 'HWF-11', 'address decoder picks a wrong cell', CORRUPTION, NO_STUCK),
  awaiting('random', 'HWF-12', 'coupled cells', CORRUPTION, NO_STUCK),
  awaiting('random', 'HWF-13', 'intermittent fault', CORRUPTION, NO_STUCK),
  awaiting('random', 'HWF-14', 'pending bit of an interrupt flips', 'insertion of information', NO_STUCK),
  awaiting('random', 'HWF-15', 'bit of a timer compare flips', 'delay of information', NO_STUCK),
  awaiting('random', 'HWF-16', 'neighbouring cell flips', CORRUPTION, NO_MEMORY),
];
