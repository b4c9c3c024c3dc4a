import { storyOf } from '../../domain/mention.ts';
import type { Mention } from '../../domain/mention.ts';
import { contentHash, shortHash, starsOf, tagsOf, told } from '../document.ts';
import { placeOf } from './dimensions.ts';
import { UNDATED } from './schema.ts';
import { wordsOf } from './words.ts';

/** What stands in `_source` of a mention's document and is read back. */
export interface StoredMention {
  /** The mention as JSON text. */
  body: string;
  /** Names its content, see `contentHash`. */
  state: string;
  /** Names the whole body, so that new counts of likes are noticed too. */
  rev: string;
}

/** The parts of a document that decide whether it has to be written. */
export function stored(mention: Mention): StoredMention {
  const body = JSON.stringify(mention);
  return { body, state: contentHash(mention), rev: shortHash(body) };
}

/** The whole document: the mention and the flat fields that filters and counts read. */
export function toDocument(mention: Mention, { body, state, rev }: StoredMention): object {
  const { judgements } = mention;
  const [step, touchpoint] = [told(judgements.step), told(judgements.touchpoint)];
  return {
    id: mention.id,
    body,
    state,
    rev,
    at: mention.at,
    collectedAt: mention.collectedAt,
    words: wordsOf(mention),
    stars: starsOf(mention),
    source: mention.source,
    channel: mention.channel,
    author: mention.author?.id ?? null,
    thread: mention.thread ?? null,
    story: storyOf(mention),
    copy: storyOf(mention) !== mention.id,
    language: told(judgements.language),
    sentiment: told(judgements.sentiment),
    step,
    touchpoint,
    place: placeOf(step, touchpoint),
    outcome: told(judgements.outcome),
    gap: told(judgements.gap),
    ...tagsOf(mention),
  };
}

/** How far back months have partitions of their own. */
const MONTHS = 60;
const ELSEWHERE = 'elsewhere';

/**
 * Where a mention that is seen for the first time is put: by the month of `at`, in UTC. What is older than five years,
 * or dated ahead, shares one partition, because a partition costs a shard and dates come from outside.
 */
export function partitionOf({ dated, at }: Mention, now: Date): string {
  if (!dated) return UNDATED;
  const age = monthNumber(now.toISOString()) - monthNumber(at);
  return age >= -1 && age <= MONTHS ? at.slice(0, 7) : ELSEWHERE;
}

const monthNumber = (instant: string) => Number(instant.slice(0, 4)) * 12 + Number(instant.slice(5, 7));
