// Hexadecimal numbers and bytes as the protocol writes them. What is malformed is undefined, never an exception.

/** A number of up to 64 bits, most significant digit first. */
export function parseNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[0-9a-fA-F]{1,16}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}

/** A number below `limit`. */
export function parseBelow(text: string | undefined, limit: number): number | undefined {
  const value = parseNumber(text);
  return value !== undefined && value < BigInt(limit) ? Number(value) : undefined;
}

export function parseBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function formatBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** Eight bytes, least significant first: the target's order. */
export function formatWord(value: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return formatBytes(bytes);
}

export function parseWord(text: string): bigint | undefined {
  const bytes = parseBytes(text);
  return bytes?.length === 8 ? new DataView(bytes.buffer).getBigUint64(0, true) : undefined;
}
