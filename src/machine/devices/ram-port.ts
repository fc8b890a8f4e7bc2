/** RAM as a bus master reaches it: by physical addresses, or by those that an IOMMU translates for it. Accesses are those of a
 * world: the ledger hears of pages that are another's. */
export interface RamPort {
  /** Is every byte of it RAM that may be touched in this way? Any numbers may be asked for. */
  covers(paddr: number, length: number, write: boolean): boolean;
  /** A copy; undefined where a byte is not RAM. */
  read(paddr: number, length: number, world: number): Uint8Array | undefined;
  /** False, and nothing stored, where a byte is not RAM. */
  write(paddr: number, bytes: Uint8Array, world: number): boolean;
  /** Cycles that all this took beside the transfer itself, since they were last asked for: ask before the event is over. */
  takeCycles(): number;
}
