import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgements, TaggedJudgement, TopicJudgement } from '../domain/enrichment.ts';
import type { Sentiment } from '../domain/journey.ts';
import type { Analysis } from './analysis.ts';
import { labelOf, scoreOf } from './feelings.ts';
import type { Feeling } from './feelings.ts';
import { groupBy } from './group.ts';

const VERSION = 3;
const BY = `topics@${VERSION}`;
/** The topic of a wish that names none. */
const WISH = 'feature_request';
const MOST_EVIDENCE = 5;

/** Tells what a text is about, how it speaks of each topic, what hurt and what is wished for. */
export function createTopics(analyse: (draft: Draft) => Analysis): Enricher {
  return {
    name: 'topics',
    version: VERSION,
    needs: ['language'],
    gives: ['topics', 'pains', 'opportunities'],
    enrich: (drafts) => Promise.resolve(drafts.map((draft) => judge(analyse(draft)))),
  };
}

interface Named {
  id: string;
  weight: number;
  clause: number;
  evidence: string;
  sentiment: Sentiment;
}

function judge(analysis: Analysis): Judgements {
  const feel = sentimentAt(analysis);
  const named = analysis.matches.topic.map((match): Named => {
    const clause = analysis.clauses[match.from]!;
    return { id: match.label, weight: match.weight, clause, evidence: match.evidence, sentiment: feel(match.from) };
  });
  return {
    topics: byTopic(named).map((group): TopicJudgement => Object.assign(tag(group), { sentiment: commonest(group) })),
    pains: byTopic(named.filter((topic) => topic.sentiment === 'negative')).map(tag),
    opportunities: wishesOf(analysis, named),
  };
}

/** The feeling of the clause, or, where it has none, of the sentence. */
function sentimentAt(analysis: Analysis): (index: number) => Sentiment {
  const { feelings } = analysis;
  const byClause = groupBy(feelings, (feeling) => feeling.clause);
  const bySentence = groupBy(feelings, (feeling) => feeling.sentence);
  const scores = new Map<Feeling[], number | undefined>();
  const score = (group: Feeling[] | undefined) => {
    if (!group) return undefined;
    if (!scores.has(group)) scores.set(group, scoreOf(group));
    return scores.get(group);
  };
  return (index) => {
    const own = score(byClause.get(analysis.clauses[index]!));
    return labelOf(own ?? score(bySentence.get(analysis.sentences[index]!)) ?? 0);
  };
}

const byTopic = (named: readonly Named[]): Named[][] => [...groupBy(named, (topic) => topic.id).values()];

function tag(group: readonly Named[]): TaggedJudgement {
  const weight = group.reduce((sum, topic) => sum + topic.weight, 0);
  const evidence = [...new Set(group.map((topic) => topic.evidence))].slice(0, MOST_EVIDENCE);
  return { value: group[0]!.id, by: BY, confidence: certainty(weight), evidence };
}

const certainty = (weight: number) => Math.round(Math.min(0.95, 0.5 + 0.2 * weight) * 100) / 100;

/** The feeling named most often; negative before positive before neutral where they are as frequent. */
function commonest(group: readonly Named[]): Sentiment {
  const count = (sentiment: Sentiment) => group.filter((topic) => topic.sentiment === sentiment).length;
  return (['negative', 'positive', 'neutral'] as const).toSorted((a, b) => count(b) - count(a))[0]!;
}

function wishesOf({ matches, clauses }: Analysis, named: readonly Named[]): TaggedJudgement[] {
  const byClause = groupBy(named, (topic) => topic.clause);
  const wishes = matches.opportunity.flatMap(({ from, evidence, weight }): Named[] => {
    const clause = clauses[from]!;
    const about = new Set((byClause.get(clause) ?? []).map((topic) => topic.id));
    const ids = about.size > 0 ? [...about] : [WISH];
    return ids.map((id) => ({ id, weight, clause, evidence, sentiment: 'neutral' }));
  });
  return byTopic(wishes).map(tag);
}
