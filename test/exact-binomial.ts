// The binomial distribution in whole numbers: nothing is rounded before the end.

/** A double as the fraction it is. */
function fractionOf(value: number): { readonly top: bigint; readonly bottom: bigint } {
  let bottom = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    bottom *= 2n;
  }
  return { top: BigInt(scaled), bottom };
}

/** top / bottom to the last bits of a double, however small. */
function quotient(top: bigint, bottom: bigint): number {
  if (top === 0n) return 0;
  const shift = bottom.toString(2).length - top.toString(2).length + 64;
  const scaled = shift >= 0 ? (top << BigInt(shift)) / bottom : top / (bottom << BigInt(-shift));
  return Number(scaled) * 2 ** -shift;
}

/** Sum of P(X = i) for i from `first` to `last`, X ~ Binomial(n, p). */
export function exactSum(first: number, last: number, n: number, p: number): number {
  const { top, bottom } = fractionOf(p);
  const other = bottom - top;
  let sum = 0n;
  let choose = 1n;
  for (let i = 0; i <= last; i++) {
    if (i >= first) sum += choose * top ** BigInt(i) * other ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  return quotient(sum, bottom ** BigInt(n));
}

/** Bits kept of each number below; q^n may be 2^-300. */
const BITS = 800;

/** P(X <= k) for large n and few events, from q^n by the ratio of neighbours. */
export function longLowerTail(k: number, n: number, p: number): number {
  const one = 1n << BigInt(BITS);
  const { top, bottom } = fractionOf(p);
  let power = one;
  let square = ((bottom - top) * one) / bottom;
  for (let exponent = n; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) power = (power * square) / one;
    square = (square * square) / one;
  }
  let term = power;
  let sum = power;
  for (let i = 0; i < k; i++) {
    term = (term * BigInt(n - i) * top) / (BigInt(i + 1) * (bottom - top));
    sum += term;
  }
  return quotient(sum, one);
}
