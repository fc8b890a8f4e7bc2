// Intervals for a share k of n. Exact ones (Clopper-Pearson) go into reports; Wilson's stands beside them where a
// published figure was given so. Deterministic acts and sweeps have no interval at all.

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Two-sided 95 % point of the normal distribution. */
const Z95 = 1.959963984540054;
const CONFIDENCE = 0.95;

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln gamma(x) for x > 0.5 (Lanczos, g = 7): about 15 digits, all that the beta function below needs. */
function logGamma(x: number): number {
  const t = x + 6.5;
  const series = LANCZOS.reduce((sum, c, index) => (index === 0 ? c : sum + c / (x - 1 + index)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/** The continued fraction of the incomplete beta function by Lentz's method; converges for x < (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) return fraction;
  }
  return fraction;
}

/** I_x(a, b), the distribution function of Beta(a, b). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const front = Math.exp(logFront);
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaQuantile(share: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  while (high - low > 1e-15 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (incompleteBeta(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function checkCounts(k: number, n: number): void {
  if (!Number.isInteger(k) || !Number.isInteger(n) || n < 1 || k < 0 || k > n) {
    throw new RangeError(`${k} of ${n} is no share`);
  }
}

/** The exact two-sided interval of Clopper and Pearson. */
export function clopperPearson(k: number, n: number, confidence = CONFIDENCE): Interval {
  checkCounts(k, n);
  const tail = (1 - confidence) / 2;
  return {
    lower: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1),
    upper: k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k),
  };
}

/** The exact one-sided bounds, each with the whole error on its side. */
export function oneSided(k: number, n: number, confidence = CONFIDENCE): Interval {
  return clopperPearson(k, n, 2 * confidence - 1);
}

/** Exact one-sided upper bound when no event was seen in n. */
export function zeroEventUpper(n: number, confidence = CONFIDENCE): number {
  checkCounts(0, n);
  return -Math.expm1(Math.log1p(-confidence) / n);
}

/** The 95 % score interval. */
export function wilson(k: number, n: number): Interval {
  checkCounts(k, n);
  const share = k / n;
  const z2 = Z95 * Z95;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

/** What a report prints for k of n: zero events carry their one-sided bound, others the two-sided interval. */
export function reportedInterval(k: number, n: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  return k === 0 ? { lower: 0, upper: zeroEventUpper(n) } : clopperPearson(k, n);
}
