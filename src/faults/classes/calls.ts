// HCL: what a guest may say to the layer.

import { awaiting, type FaultClass } from './fault-class.ts';

const NO_FUZZER = 'needs the sweep of SBI calls';
const FLOW = 'incorrect execution flow';
const BLOCKING = 'blocking of execution';

export const calls: readonly FaultClass[] = [
  awaiting('sweep', 'HCL-1', 'unknown function', FLOW, NO_FUZZER),
  awaiting('sweep', 'HCL-2', 'argument of the wrong kind', 'corruption of information', NO_FUZZER),
  awaiting('sweep', 'HCL-3', 'valid call in a wrong state', 'incorrect sequence of information', NO_FUZZER),
  awaiting('sweep', 'HCL-4', 'handle of another guest', 'masquerade or incorrect addressing', NO_FUZZER),
  awaiting('directed', 'HCL-5', 'argument changed while it is read', 'inconsistent data', 'needs a second hart'),
  awaiting('directed', 'HCL-6', 'flood of calls', BLOCKING, NO_FUZZER),
  awaiting('directed', 'HCL-7', 'call from a wrong mode', FLOW, NO_FUZZER),
  awaiting('directed', 'HCL-8', 'long call without pre-emption', BLOCKING, 'no call is long'),
  awaiting('directed', 'HCL-9', 'huge list of regions', BLOCKING, 'no call takes a list'),
  awaiting('random', 'HCL-10', 'mutated exits replayed', FLOW, 'needs a recorder of exits'),
];
