import { tailOfNormal } from '../journey/significance.ts';

/**
 * How likely it is that of the texts of which only one of two judges is right so many or more fall to the first, if
 * both are as good: the exact test of McNemar, one-sided. https://doi.org/10.1007/BF02295996
 * @returns 0…1; 1 where they never differ.
 */
export function chanceOfWins(wins: number, losses: number): number {
  const all = wins + losses;
  // Binomial probabilities from all of them downwards, as logarithms: of a thousand texts none could be written plainly.
  let [tail, log] = [0, all * Math.log(0.5)];
  for (let count = all; count >= wins; count--) {
    tail += Math.exp(log);
    log += Math.log(count) - Math.log(all - count + 1);
  }
  return Math.min(1, tail);
}

/**
 * How likely a mean of at least this size is where the differences are 0 on the whole, one-sided; holds for some 30
 * of them and more. @returns 0…1; 1 where their mean is not above 0.
 */
export function chanceOfMean(differences: readonly number[]): number {
  const count = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  if (!(mean > 0)) return 1;
  const spread = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(count - 1, 1);
  return tailOfNormal(mean / Math.sqrt(spread / count)) / 2;
}
