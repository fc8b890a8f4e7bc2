// One text for one value: JSON with sorted keys, so that equal results are equal bytes wherever and by whom they were
// made.

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, sorted);
}
