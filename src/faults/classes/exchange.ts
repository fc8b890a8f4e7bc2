// XCH: information exchanged between guests over the message channel of the layer's services.

import { constants } from '../../../images/index.ts';
import { BUG } from '../saboteur.ts';
import { type Aim, awaiting, directed, type FaultClass } from './fault-class.ts';

const CORRUPTION = 'corruption of information';
const MASQUERADE = 'masquerade or incorrect addressing';
const BLOCKED = 'blocking access to a channel';

const ORDERED = 'the channel keeps every word and its order';
const TWO = 'needs a third guest';
const NO_MESSAGE = 0x7ac07ac07ac07ac1n;
const NOBODY = 99n;
const ONES = 0xffff_ffff_ffff_ffffn;

type Parts = { readonly of: number; readonly args: readonly bigint[]; readonly forEver?: true };

const service = (id: string, name: string, word: string, parts: (aim: Aim) => Parts): FaultClass =>
  directed(id, name, word, (aim) => {
    const { of, args, forEver } = parts(aim);
    const bug = forEver === true ? BUG.CALL_FOR_EVER : BUG.CALL;
    return { bug, target: BigInt(constants.SERVICE_EID), value: BigInt(of), args };
  });

const { SERVICE_SEND, SERVICE_WRITE } = constants;
const peer = ({ to }: Aim): bigint => BigInt(to.index);

export const exchange: readonly FaultClass[] = [
  awaiting('directed', 'XCH-1', 'message repeated', 'repetition of information', 'no guest sends anything to repeat'),
  awaiting('directed', 'XCH-2', 'message lost', 'loss of information', ORDERED),
  awaiting('directed', 'XCH-3', 'message delayed', 'delay of information', ORDERED),
  service('XCH-4', 'message nobody sent', 'insertion of information', (aim) => ({
    of: SERVICE_SEND,
    args: [peer(aim), NO_MESSAGE],
  })),
  service('XCH-5', 'destination that is not there', MASQUERADE, () => ({
    of: SERVICE_SEND,
    args: [NOBODY, NO_MESSAGE],
  })),
  awaiting('directed', 'XCH-6', 'messages reordered', 'incorrect sequence of information', ORDERED),
  awaiting('directed', 'XCH-7', 'payload corrupted', CORRUPTION, 'no guest sends anything to corrupt'),
  awaiting('directed', 'XCH-8', 'different content to different receivers', 'asymmetric information', TWO),
  awaiting('directed', 'XCH-9', 'only some receivers served', 'information received by only a subset', TWO),
  service('XCH-10', 'channel blocked', BLOCKED, (aim) => ({
    of: SERVICE_SEND,
    args: [peer(aim), NO_MESSAGE],
    forEver: true,
  })),
  service('XCH-11', 'bytes of another guest offered as own', CORRUPTION, (aim) => ({
    of: SERVICE_WRITE,
    args: [peer(aim), ONES, BigInt(aim.to.symbol('canary')), 0n],
  })),
  service('XCH-12', 'storm of bytes', BLOCKED, (aim) => ({
    of: SERVICE_WRITE,
    args: [peer(aim), ONES, BigInt(aim.from.symbol('canary')), 0n],
    forEver: true,
  })),
  awaiting('directed', 'XCH-13', 'back end dies', 'loss of information', 'no guest is the back end of another'),
];
