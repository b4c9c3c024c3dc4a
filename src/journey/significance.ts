/** How often something was met among how many. */
export interface Proportion {
  count: number;
  total: number;
}

/**
 * How surprising it would be that two shares differ as they do if nothing had changed: the log-likelihood ratio of
 * a table of two by two, which holds for small counts too.
 * https://aclanthology.org/J93-1003/
 * @returns The statistic G² (0 = the same share) and its probability, 0…1. Both totals must be above 0.
 */
export function compareShares(before: Proportion, now: Proportion): { surprise: number; p: number } {
  const share = (before.count + now.count) / (before.total + now.total);
  const surprise = Math.max(
    0,
    [before, now].reduce(
      (sum, { count, total }) => sum + part(count, total * share) + part(total - count, total * (1 - share)),
      0,
    ),
  );
  return { surprise, p: tailOfNormal(Math.sqrt(surprise)) };
}

const part = (seen: number, expected: number) => (seen === 0 ? 0 : 2 * seen * Math.log(seen / expected));

/** Probability that a normal variable lies at least so many standard deviations from its mean, on either side. */
export const tailOfNormal = (deviations: number) => complementaryError(Math.abs(deviations) / Math.SQRT2);

/** Coefficients of a fraction that is right to 1.2 × 10⁻⁷ of the value everywhere (Numerical Recipes, § 6.2). */
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

function complementaryError(x: number): number {
  const t = 1 / (1 + x / 2);
  const sum = ERFC.reduceRight((above, coefficient) => coefficient + t * above, 0);
  return Math.min(1, t * Math.exp(-x * x + sum));
}

/**
 * Probabilities adjusted for having looked at many figures: those up to 0.05 hold at most one false alarm in twenty.
 * Benjamini and Hochberg: https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
 * @returns In the order of the input.
 */
export function adjustForMany(probabilities: readonly number[]): number[] {
  const order = probabilities.map((p, index) => ({ p, index })).toSorted((a, b) => b.p - a.p);
  const adjusted: number[] = [];
  let least = 1;
  for (const [place, { p, index }] of order.entries()) {
    least = Math.min(least, p * (probabilities.length / (probabilities.length - place)));
    adjusted[index] = least;
  }
  return adjusted;
}
