import { setImmediate } from 'node:timers/promises';
import { NONE } from '../domain/journey.ts';
import { searchText, storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import type { Similar, SimilarMentions } from '../domain/similar.ts';
import type { MentionStore } from '../domain/store.ts';
import { ownTerms } from '../text/near.ts';

export interface SimilarPorts {
  mentions: Pick<MentionStore, 'get' | 'search' | 'newestWith' | 'newestByPlace'>;
}

/** So many words of a mention are looked for, its longest: they are rare, and it is them that tell what it is about. */
const WORDS = 8;
/** Longer ones are no words. */
const MAX_LETTERS = 60;
/** Of each word so many of the newest mentions are compared. */
const PER_WORD = 40;
/** By topic so many of the newest at each touchpoint. */
const PER_TOUCHPOINT = 5;
/** So many are compared, then others get their turn. */
const AT_ONCE = 20;
/** Longer texts are compared by their beginning, in UTF-16 units. */
const MAX_COMPARED = 10_000;

/**
 * Mentions like this one: its copies, then the nearest of other stories. Those are looked for by the mention's longest
 * words and by its topics at the same step, among the newest that have them, so the work is bounded, however many are
 * stored, and what is older may be missed. Undefined where there is none of that id.
 * @param limit Most in the answer, 1…50.
 */
export async function similar(
  id: string,
  limit: number,
  { mentions }: SimilarPorts,
): Promise<SimilarMentions | undefined> {
  const mention = await mentions.get(id);
  if (mention === undefined) return undefined;
  const page = await mentions.search({ story: [storyOf(mention)] }, { limit: limit + 1 });
  const copies = page.mentions
    .filter((one) => one.id !== id)
    .map((copy): Similar => ({ kind: 'copy', nearness: 1, words: [], labels: [], mention: copy }));
  const near = copies.length < limit ? await nearest(mention, mentions) : [];
  return { copies: Math.max(0, page.total - 1), similar: [...copies, ...near].slice(0, limit) };
}

/** The nearest first, of the same nearness the newest; of each story one. */
async function nearest(mention: Mention, mentions: SimilarPorts['mentions']): Promise<Similar[]> {
  const { weights, candidates } = await lookFor(mention, mentions);
  const compare = comparing(mention, weights);
  const byId = new Map(candidates.map((one) => [one.id, one]));
  const found: Similar[] = [];
  for (const one of byId.values()) {
    found.push(compare(one));
    if (found.length % AT_ONCE === 0) await setImmediate();
  }
  const stories = new Set([storyOf(mention)]);
  return found.toSorted(nearestFirst).filter(({ nearness, mention: one }) => {
    const isNew = !stories.has(storyOf(one));
    stories.add(storyOf(one));
    // Whoever has a word only in a link has nothing in common.
    return isNew && nearness > 0;
  });
}

const rank = ({ at, id }: Mention) => `${at} ${id}`;

function nearestFirst(one: Similar, other: Similar): number {
  return other.nearness - one.nearness || (rank(one.mention) < rank(other.mention) ? 1 : -1);
}

/** What has a word or a topic of the mention, and what each word weighs: the rarer, the more. */
async function lookFor(mention: Mention, { search, newestWith, newestByPlace }: SimilarPorts['mentions']) {
  const all = await search({}, { limit: 1 });
  const pages = [];
  for (const word of searchedWords(mention)) {
    pages.push({ word, ...(await newestWith(word, PER_WORD)) });
    // Others get their turn.
    await setImmediate();
  }
  // A word that nobody else has tells nothing of how near others are.
  const shared = pages.filter(({ total }) => total > 1);
  return {
    weights: new Map(shared.map(({ word, total }) => [word, Math.log(1 + all.total / total)])),
    candidates: [...shared.flatMap((page) => page.mentions), ...(await byTopic(mention, newestByPlace))],
  };
}

async function byTopic({ judgements }: Mention, newestByPlace: MentionStore['newestByPlace']): Promise<Mention[]> {
  const topic = topicsOf(judgements);
  const step = judgements.step?.value;
  if (topic.length === 0) return [];
  return newestByPlace({ topic, ...(step && { step: [step] }) }, PER_TOUCHPOINT);
}

const topicsOf = ({ topics = [] }: Mention['judgements']) => [...new Set(topics.map(({ value }) => value))];

const wordsOf = (mention: Mention) => new Set(ownTerms(searchText(mention).slice(0, MAX_COMPARED)));

function searchedWords(mention: Mention): string[] {
  return [...wordsOf(mention)]
    .filter(({ length }) => length <= MAX_LETTERS)
    .toSorted((one, other) => other.length - one.length)
    .slice(0, WORDS);
}

const LABELLED = ['step', 'touchpoint', 'sentiment', 'outcome'] as const;

function labelsOf({ judgements }: Mention): string[] {
  const told = LABELLED.map((name) => [name, judgements[name]?.value] as const);
  const topics = topicsOf(judgements).map((value) => ['topic', value] as const);
  return [...told, ...topics].filter(([, value]) => value && value !== NONE).map((label) => label.join(':'));
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Compares others with this mention, by the weights of its words and by its labels. */
function comparing(mention: Mention, weights: ReadonlyMap<string, number>): (other: Mention) => Similar {
  const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weights.get(word)!, 0);
  const all = sum(weights.keys());
  const own = labelsOf(mention);
  return (other) => {
    const has = wordsOf(other);
    const told = new Set(labelsOf(other));
    const words = [...weights.keys()].filter((word) => has.has(word));
    const labels = own.filter((label) => told.has(label));
    const nearness = (2 * share(sum(words), all) + share(labels.length, own.length)) / 3;
    return { kind: 'near', nearness: Number(nearness.toFixed(3)), words, labels, mention: other };
  };
}
