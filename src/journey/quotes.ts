import { storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import { UNKNOWN } from '../domain/query.ts';
import { terms } from '../text/fold.ts';
import type { JourneyMap, PlaceTally } from './map.ts';
import type { StageModel } from './stage-model.ts';
import { stageOf } from './stages.ts';

export interface Quote {
  mentionId: string;
  /** At most `MAX_QUOTE` UTF-16 units, cut between words. */
  text: string;
}

const MAX_QUOTE = 160;
const PER_PLACE = 3;
/** Shorter ones say too little, longer ones have to be cut. */
const GOOD_LENGTH = { least: 25, most: MAX_QUOTE };
/** Share of words in common above which two quotes say the same. */
const TOO_ALIKE = 0.5;

interface Candidate {
  mention: Mention;
  words: Set<string>;
  worth: number;
}

/**
 * `stage id / touchpoint id` → up to three short quotes that stand for the place: surely about it, telling what leads
 * there in the mood that rules there, of a length to be read; and different from each other in words, author and story.
 * @param mentions Of each place as many as there is a choice.
 */
export function quotesByPlace(model: StageModel, map: JourneyMap, mentions: readonly Mention[]): Map<string, Quote[]> {
  const places = new Map(
    map.stages.flatMap((stage) => stage.touchpoints.map((place) => [placeKey(stage.id, place.id), place])),
  );
  const candidates = new Map<string, Candidate[]>();
  for (const mention of mentions) {
    const touchpoint = mention.judgements.touchpoint?.value ?? null;
    const stage = stageOf(model, mention.judgements.step?.value ?? null, touchpoint);
    const key = stage === null ? undefined : placeKey(stage, touchpoint ?? UNKNOWN);
    const place = key === undefined ? undefined : places.get(key);
    if (!place) continue;
    const here = candidates.get(key!) ?? [];
    here.push({ mention, words: new Set(terms(mention.text)), worth: worthOf(mention, place) });
    candidates.set(key!, here);
  }
  return new Map([...candidates].map(([key, here]) => [key, choose(here).map(({ mention }) => quoteOf(mention))]));
}

export const placeKey = (stage: string, touchpoint: string) => `${stage}/${touchpoint}`;

const quoteOf = ({ id, text }: Mention): Quote => ({ mentionId: id, text: shorten(text, MAX_QUOTE) });

/** Certainty of the place, and a point each for the leading topic, the ruling mood and a good length. */
function worthOf({ judgements, text }: Mention, place: PlaceTally): number {
  const { step, touchpoint, pains = [], opportunities = [], sentiment } = judgements;
  const leads = new Set([...place.pains, ...place.opportunities].slice(0, 2).map(({ topic }) => topic));
  const tells = [...pains, ...opportunities].some(({ value }) => leads.has(value));
  const { length } = text.trim();
  const fits = length >= GOOD_LENGTH.least && length <= GOOD_LENGTH.most;
  return (
    (step?.confidence ?? 0) * (touchpoint?.confidence ?? 0) +
    Number(tells) +
    Number(sentiment?.value === ruling(place)) +
    Number(fits)
  );
}

function ruling({ negative, neutral, positive }: PlaceTally): string {
  if (negative >= neutral && negative >= positive) return 'negative';
  return positive >= neutral ? 'positive' : 'neutral';
}

/** The worthiest, each unlike those before it. At the same worth the order of the mentions counts. */
function choose(candidates: readonly Candidate[]): Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => b.worth - a.worth)) {
    if (chosen.length === PER_PLACE) break;
    if (!chosen.some((other) => saysTheSame(candidate, other))) chosen.push(candidate);
  }
  return chosen;
}

function saysTheSame(one: Candidate, other: Candidate): boolean {
  const [a, b] = [one.mention, other.mention];
  if (a.author !== undefined && a.author.id === b.author?.id) return true;
  if (storyOf(a) === storyOf(b)) return true;
  const common = [...one.words].filter((word) => other.words.has(word)).length;
  const all = one.words.size + other.words.size - common;
  return all > 0 && common / all > TOO_ALIKE;
}

/** Cuts between words and marks the cut; white space becomes single spaces. */
export function shorten(text: string, max: number): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  if (plain.length <= max) return plain;
  const cut = plain.slice(0, max - 1);
  const space = cut.lastIndexOf(' ');
  const kept = space > max / 2 ? cut.slice(0, space) : cut.replace(/[\ud800-\udbff]$/, '');
  return `${kept}…`;
}
