import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { groupBy } from './group.ts';

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
  const ending = groupBy(matches.modifier, ({ to }) => to);
  const starting = groupBy(matches.modifier, ({ from }) => from);
  const inClause = (found: CueMatch[] | undefined, match: CueMatch) =>
    found ? found.filter((modifier) => clauses[modifier.to] === clauses[match.from]) : NONE;
  const before = (match: CueMatch, distance: number) => inClause(ending.get(match.from - distance), match);
  return {
    beginsAt: (token) => starting.has(token),
    before,
    behind: (match) => inClause(starting.get(match.to + 1), match),
    negated(match, reach) {
      for (let distance = 1; distance <= reach; distance++) if (before(match, distance).some(isNegator)) return true;
      return false;
    },
  };
}

const NONE: CueMatch[] = [];
const isNegator = ({ label }: CueMatch): boolean => label === 'negators';
