/** One event of a timeline. Times are cycles of the machine, which has a thousand in a microsecond. */
export interface TimelineEvent {
  readonly track: Track;
  readonly name: string;
  readonly start: number;
  /** Undefined for what takes no time. */
  readonly end: number | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** A line of the picture, in a group of lines. */
export interface Track {
  readonly group: number;
  readonly line: number;
}
