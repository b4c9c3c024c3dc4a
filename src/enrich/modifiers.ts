import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';

export interface Modifiers {
  beginsAt(token: number): boolean;
  /** Modifiers of the match's clause that end `distance` words before it. */
  before(match: CueMatch, distance: number): CueMatch[];
  /** Modifiers of the match's clause that begin right behind it. */
  behind(match: CueMatch): CueMatch[];
  /** Whether a negator of its clause ends up to `reach` words before it. */
  negated(match: CueMatch, reach: number): boolean;
}

/** Looks up negators, boosters and softeners around a match. */
export function modifiersOf({ matches, clauses }: Pick<Analysis, 'matches' | 'clauses'>): Modifiers {
  const ending = new Map<number, CueMatch[]>();
  const starting = new Map<number, CueMatch[]>();
  for (const modifier of matches.modifier) {
    ending.set(modifier.to, [...(ending.get(modifier.to) ?? []), modifier]);
    starting.set(modifier.from, [...(starting.get(modifier.from) ?? []), modifier]);
  }
  const inClause = (found: CueMatch[] | undefined, match: CueMatch) =>
    (found ?? []).filter((modifier) => clauses[modifier.to] === clauses[match.from]);
  const before = (match: CueMatch, distance: number) => inClause(ending.get(match.from - distance), match);
  return {
    beginsAt: (token) => starting.has(token),
    before,
    behind: (match) => inClause(starting.get(match.to + 1), match),
    negated: (match, reach) =>
      Array.from({ length: reach }, (_, index) => before(match, index + 1))
        .flat()
        .some((modifier) => modifier.label === 'negators'),
  };
}
