// The files of a campaign as this layer sees them. The command line hands in a real folder; tests hand in one that is
// full, read-only or torn.

export interface Folder {
  /** What messages call the folder. */
  readonly name: string;
  /** Of the files in it. */
  names(): readonly string[];
  read(name: string): Uint8Array;
  /** Puts some of the bytes at the end of the file, which it makes if it is not there: at least one, not always all, as
   * systems do. Answers how many. */
  append(name: string, bytes: Uint8Array): number;
  truncate(name: string, size: number): void;
  /** The new contents or the old ones, never a part: whatever happens meanwhile. */
  replace(name: string, bytes: Uint8Array): void;
}
