import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { groupBy } from './group.ts';

export interface Modifiers {
  beginsAt(token: number): boolean;
  /** Whether one of this label stands in the match's clause right behind it or up to two words before. */
  beside(match: CueMatch, label: string): boolean;
  /** Whether a negator of its clause ends up to `reach` words before it. */
  negated(match: CueMatch, reach: number): boolean;
}

/** How far before a feeling word a booster or softener may stand. */
const BESIDE = 2;
const NONE: Modifiers = { beginsAt: () => false, beside: () => false, negated: () => false };

/** Looks up negators, boosters and softeners around a match. */
export function modifiersOf({ matches, clauses }: Pick<Analysis, 'matches' | 'clauses'>): Modifiers {
  if (matches.modifier.length === 0) return NONE;
  const ending = groupBy(matches.modifier, ({ to }) => to);
  const starting = groupBy(matches.modifier, ({ from }) => from);
  const has = (found: readonly CueMatch[] | undefined, label: string, { from }: CueMatch) =>
    found !== undefined && found.some((one) => one.label === label && clauses[one.to] === clauses[from]);
  const before = (match: CueMatch, label: string, reach: number) => {
    for (let distance = 1; distance <= reach; distance++)
      if (has(ending.get(match.from - distance), label, match)) return true;
    return false;
  };
  return {
    beginsAt: (token) => starting.has(token),
    beside: (match, label) => before(match, label, BESIDE) || has(starting.get(match.to + 1), label, match),
    negated: (match, reach) => before(match, 'negators', reach),
  };
}
