/** What one part of the tool found. `record` is plain data, which --record writes under `key`. */
export interface Part {
  readonly key: string;
  readonly holds: boolean;
  readonly record: object;
  /** Counts, for people. */
  readonly text: string;
}

/** The file that --record writes: the parts that ran, by their keys. */
export const recordOf = (parts: readonly Part[]): object => ({
  schema: 'taco.conform/1',
  ...Object.fromEntries(parts.map(({ key, holds, record }) => [key, { holds, ...record }])),
});
