/** Slips that no case can find, each with the reason. */
export const EQUIVALENT: readonly { readonly reason: string; readonly slips: readonly string[] }[] = [];
