import type { Draft, Enricher } from '../domain/enricher.ts';
import { NONE } from '../domain/journey.ts';
import type { Gap, None, Outcome } from '../domain/journey.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { outcomesIn } from './journey-cues.ts';
import type { Understanding } from './reading.ts';

/** Raised with the rules and with the version of the trained model. */
const VERSION = 7;
const BY = `signals@${VERSION}`;

/** Tells what the customer did, where a hand-over broke, and whether the view of the brand is changing. */
export function createSignals(analyse: (draft: Draft) => Analysis, understanding?: Understanding): Enricher {
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
            outcome:
              understanding && readable
                ? outcomeByModel(draft, understanding)
                : strongest<Outcome>(outcomesIn(analysis), readable),
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

function outcomeByModel(draft: Draft, understanding: Understanding) {
  const reading = understanding.read(draft);
  const { label, share } = understanding.best(reading, 'outcome');
  const value = label as Outcome | None;
  const evidence = value === NONE ? [] : understanding.evidence(reading, 'outcome', label);
  return { value, by: BY, confidence: Math.round(share * 100) / 100, evidence };
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
