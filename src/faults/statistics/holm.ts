/** Holm's step-down adjustment inside one declared family, in the order of the input: the chance that any true null
 * hypothesis of the family is rejected stays below the level, whatever depends on what. */
export function holm(ps: readonly number[]): number[] {
  const ranked = [...ps.entries()].sort(([, a], [, b]) => a - b);
  const adjusted = ps.map(() => 1);
  let greatest = 0;
  for (const [rank, [index, p]] of ranked.entries()) {
    greatest = Math.max(greatest, Math.min(1, (ps.length - rank) * p));
    adjusted[index] = greatest;
  }
  return adjusted;
}
