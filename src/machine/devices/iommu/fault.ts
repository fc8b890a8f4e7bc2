// Why a transaction was refused, and what the fault queue says of it ("Fault/Event-Queue").

/** Causes of fault records: those of exceptions below 256. */
export const CAUSE = {
  READ_ACCESS: 5,
  WRITE_ACCESS: 7,
  READ_GUEST_PAGE: 21,
  WRITE_GUEST_PAGE: 23,
  ALL_DISALLOWED: 256,
  DIRECTORY_ACCESS: 257,
  DIRECTORY_INVALID: 258,
  DIRECTORY_MISCONFIGURED: 259,
  TYPE_DISALLOWED: 260,
} as const;

/** Reported even where the device context asks for silence (DTF). */
const ALWAYS_REPORTED: ReadonlySet<number> = new Set([
  CAUSE.ALL_DISALLOWED,
  CAUSE.DIRECTORY_ACCESS,
  CAUSE.DIRECTORY_INVALID,
  CAUSE.DIRECTORY_MISCONFIGURED,
]);
export const isSilenced = (cause: number, disabled: boolean): boolean => disabled && !ALWAYS_REPORTED.has(cause);

export interface Fault {
  readonly kind: 'fault';
  readonly cause: number;
}

export const fault = (cause: number): Fault => ({ kind: 'fault', cause });

/** One access of a device before it is translated. Devices here fetch nothing and have neither processes nor a cache of
 * translations. */
export interface Transaction {
  readonly device: number;
  readonly iova: number;
  readonly write: boolean;
}

const UNTRANSLATED_READ = 2n;
const UNTRANSLATED_WRITE = 3n;
export const RECORD_DOUBLEWORDS = 4;

/** A fault record: cause, type of transaction and device; IOVA; guest-physical address, where that is what faulted. */
export function faultRecord({ cause }: Fault, { device, iova, write }: Transaction): bigint[] {
  const type = write ? UNTRANSLATED_WRITE : UNTRANSLATED_READ;
  const isGuestPage = cause === CAUSE.READ_GUEST_PAGE || cause === CAUSE.WRITE_GUEST_PAGE;
  const address = BigInt(iova);
  // Without a first stage the IOVA is the guest-physical address; its two lowest bits are flags in iotval2, both zero here.
  return [BigInt(cause) | (type << 34n) | (BigInt(device) << 40n), 0n, address, isGuestPage ? address & ~3n : 0n];
}
