import type { Draft, Enricher } from '../domain/enricher.ts';
import { NONE } from '../domain/journey.ts';
import type { Gap, None, Outcome } from '../domain/journey.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { modifiersOf } from './modifiers.ts';

const VERSION = 2;
const BY = `signals@${VERSION}`;
/** "I have not bought it yet": a negator up to this many words before says that it was not done. */
const NOT_DONE = 2;

/** Tells what the customer did, where a hand-over broke, and whether the view of the brand is changing. */
export function createSignals(analyse: (draft: Draft) => Analysis): Enricher {
  return {
    name: 'signals',
    version: VERSION,
    needs: ['language'],
    gives: ['outcome', 'gap', 'momentOfTruth'],
    enrich: (drafts) =>
      Promise.resolve(
        drafts.map((draft) => {
          const analysis = analyse(draft);
          const { matches, understood: readable } = analysis;
          const moments = matches.moment_of_truth;
          return {
            outcome: strongest<Outcome>(outcomesIn(analysis), readable),
            gap: strongest<Gap>(matches.gap, readable),
            momentOfTruth: readable
              ? {
                  value: moments.length > 0,
                  by: BY,
                  confidence: moments.length > 0 ? 0.7 : 0.8,
                  evidence: evidenceOf(moments),
                }
              : { value: null, by: BY, confidence: 0 },
          };
        }),
      ),
  };
}

/** What was done or declared; what is said not to have been done is no outcome. */
function outcomesIn(analysis: Analysis): CueMatch[] {
  const modifiers = modifiersOf(analysis);
  return analysis.matches.outcome.filter((match) => !modifiers.negated(match, NOT_DONE));
}

const evidenceOf = (matches: readonly CueMatch[]) => [...new Set(matches.map((match) => match.evidence))].slice(0, 5);

/** The label with the most weight, the later one of two equal ones; `none` where a readable text names none. */
function strongest<T extends string>(matches: readonly CueMatch[], readable: boolean) {
  if (!readable) return { value: null, by: BY, confidence: 0 };
  const sums = new Map<string, number>();
  for (const match of matches) sums.set(match.label, (sums.get(match.label) ?? 0) + match.weight);
  const best = [...sums].reduce((a, b) => (b[1] >= a[1] ? b : a), ['', 0.75]);
  if (best[0] === '') return { value: NONE as None, by: BY, confidence: 0.8, evidence: [] };
  const deciding = matches.filter((match) => match.label === best[0]);
  const confidence = Math.min(0.95, 0.5 + 0.2 * best[1]);
  return {
    value: best[0] as T,
    by: BY,
    confidence: Math.round(confidence * 100) / 100,
    evidence: evidenceOf(deciding),
  };
}
