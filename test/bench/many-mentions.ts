import { GAPS, NONE, OUTCOMES, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';
import { CHANNELS } from '../../src/domain/mention.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { aMention, judged } from '../contracts/mentions.ts';

const LANGUAGES = ['en', 'en', 'en', 'de', 'it', 'ro', 'pl', 'fa', 'ar'];
const TOPICS =
  'price payment delivery_time packaging returns refund billing waiting_time staff stock speed crash usability login security features quality cleanliness safety communication warranty loyalty cancellation'.split(
    ' ',
  );
const WORDS =
  'the parcel came three days late and nobody answered my calls checkout declined card twice although money was on it new release fixed crash after last update staff branch friendly solved within minutes customer for years price rise too much'.split(
    ' ',
  );

/** The last day of the generated mentions. */
export const LAST_DAY = Date.UTC(2026, 5, 30);
const DAYS = 270;
const AUTHORS = 300_000;
const DAY_MS = 86_400_000;

/** Numbers in 0…1, the same at every run. https://en.wikipedia.org/wiki/Xorshift */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Invented mentions over 270 days, `batch` of them at a time, oldest first; the same at every run. */
export function* manyMentions(count: number, batch: number): Generator<Mention[]> {
  const random = seeded(20_260_630);
  for (let from = 0; from < count; from += batch)
    yield Array.from({ length: Math.min(batch, count - from) }, (_, index) =>
      oneMention(from + index, (from + index) / count, random),
    );
}

function oneMention(index: number, age: number, random: () => number): Mention {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
  const chance = (share: number) => random() < share;
  /** The first values are met more often than the last. */
  const favour = <T>(values: readonly T[]) => values[Math.floor(random() * random() * values.length)]!;
  const channel = favour(CHANNELS);
  const step = chance(0.15) ? NONE : chance(0.1) ? null : pick(STEPS);
  const sentiment = chance(0.4) ? 'negative' : chance(0.5) ? 'positive' : 'neutral';
  const topics = Array.from({ length: Math.floor(random() * 4) }, () => favour(TOPICS));
  const at = LAST_DAY - (1 - age) * DAYS * DAY_MS + random() * DAY_MS;
  return aMention({
    source: `${channel}-${index % 3}`,
    externalId: String(index),
    channel,
    text: Array.from({ length: 20 }, () => pick(WORDS)).join(' '),
    at: new Date(at).toISOString(),
    collectedAt: new Date(at + 3_600_000).toISOString(),
    author: { id: `author-${Math.floor(random() * AUTHORS)}` },
    ...(channel === 'ticket' && { thread: `thread-${Math.floor(random() * AUTHORS)}` }),
    ...(channel === 'review' && { rating: 1 + Math.floor(random() * 5) }),
    brands: chance(0.8) ? [favour(['acme', 'bolt', 'corvo'])] : [],
    judgements: {
      language: judged(pick(LANGUAGES)),
      sentiment: { ...judged(sentiment), score: 0 },
      step: judged(step),
      touchpoint: judged(step === NONE ? NONE : chance(0.1) ? null : favour(TOUCHPOINTS)),
      outcome: judged(chance(0.12) ? pick(OUTCOMES) : NONE),
      gap: judged(chance(0.03) ? pick(GAPS) : NONE),
      momentOfTruth: judged(chance(0.04)),
      topics: topics.map((value) => ({ ...judged(value), sentiment })),
      pains: sentiment === 'negative' ? topics.map((value) => judged(value)) : [],
      opportunities: chance(0.06) ? [judged(favour(TOPICS))] : [],
    },
  });
}
