// What ends a campaign. Each message has two lines: where and what, then the remedy.

/** The folder holds what this command must not touch or mix with its own. */
export class RefusedFolder extends Error {
  override readonly name = 'RefusedFolder';

  constructor(place: string, what: string, remedy: string) {
    super(`${place}  ${what}\n  ${remedy}`);
  }
}

/** The disk does not take what was found out. What was flushed before stays. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed';

  constructor(place: string, what: string) {
    super(
      `${place}  ${what}\n  rows flushed before are safe: make room or give the right to write, then go on with --resume`,
    );
  }
}

/** The same experiment gave two results: one of them, or the machine, is wrong. */
export class DeterminismError extends Error {
  override readonly name = 'DeterminismError';

  constructor(key: string, one: string, other: string) {
    super(
      `DETERMINISM_ERROR  ${key} has one result in ${one} and another in ${other}\n  nothing in this folder may be relied on: keep it, and report it with both files`,
    );
  }
}
