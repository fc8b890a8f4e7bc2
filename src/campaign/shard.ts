// One shard: JSON Lines, each line with the checksum of its own text. The first line is the header. A line is whole when
// its newline is there; bytes after the last newline are what a kill or a full disk cut off.

import { crc32 } from './crc32.ts';

const NEWLINE = 0x0a;
const CRC_DIGITS = 8;
const PREFIX = '{"crc":"';
const MIDDLE = '","of":';
const SUFFIX = '}';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const checksum = (json: string): string => crc32(encoder.encode(json)).toString(16).padStart(CRC_DIGITS, '0');

/** `json` has no newline in it, as JSON.stringify gives it. */
export function encodeLine(json: string): Uint8Array {
  return encoder.encode(`${PREFIX}${checksum(json)}${MIDDLE}${json}${SUFFIX}\n`);
}

/** The text that was encoded; undefined where any byte of the line is not what was written. */
function decodeLine(bytes: Uint8Array): string | undefined {
  const line = decoder.decode(bytes);
  const json = line.slice(PREFIX.length + CRC_DIGITS + MIDDLE.length, -SUFFIX.length);
  return line === `${PREFIX}${checksum(json)}${MIDDLE}${json}${SUFFIX}` ? json : undefined;
}

export interface ShardLine {
  /** From 1, as editors count. */
  readonly number: number;
  /** Undefined where it is damaged. */
  readonly json: string | undefined;
  /** With its newline. */
  readonly bytes: Uint8Array;
}

export interface ShardText {
  readonly lines: readonly ShardLine[];
  /** Bytes of whole lines: what follows is torn. */
  readonly whole: number;
}

export function readShard(bytes: Uint8Array): ShardText {
  const lines: ShardLine[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return { lines, whole: start };
    const json = decodeLine(bytes.subarray(start, end));
    lines.push({ number: lines.length + 1, json, bytes: bytes.subarray(start, end + 1) });
    start = end + 1;
  }
}
