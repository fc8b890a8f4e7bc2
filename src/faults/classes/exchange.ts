// XCH: information exchanged between guests. None can be run before there is a channel between two guests.

import { awaiting, type FaultClass } from './fault-class.ts';

const NO_CHANNEL = 'needs a channel between guests';

const exchanged: readonly (readonly [id: string, name: string, word: string])[] = [
  ['XCH-1', 'message repeated', 'repetition of information'],
  ['XCH-2', 'message lost', 'loss of information'],
  ['XCH-3', 'message delayed', 'delay of information'],
  ['XCH-4', 'message nobody sent', 'insertion of information'],
  ['XCH-5', 'sender or destination forged', 'masquerade or incorrect addressing'],
  ['XCH-6', 'messages reordered', 'incorrect sequence of information'],
  ['XCH-7', 'payload or descriptor corrupted', 'corruption of information'],
  ['XCH-8', 'different content to different receivers', 'asymmetric information'],
  ['XCH-9', 'only some receivers served', 'information received by only a subset'],
  ['XCH-10', 'channel blocked', 'blocking access to a channel'],
  ['XCH-11', 'descriptor out of range or in a loop', 'corruption of information'],
  ['XCH-12', 'packet storm', 'blocking access to a channel'],
  ['XCH-13', 'back end dies', 'loss of information'],
];

export const exchange: readonly FaultClass[] = exchanged.map(([id, name, word]) =>
  awaiting('directed', id, name, word, NO_CHANNEL),
);
