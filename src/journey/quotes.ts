import type { Mention } from '../domain/mention.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { StageModel } from './stage-model.ts';
import { stageOf } from './stages.ts';

export interface Quote {
  mentionId: string;
  /** At most `MAX_QUOTE` UTF-16 units, cut between words. */
  text: string;
}

const MAX_QUOTE = 160;
const PER_PLACE = 2;

/** `stage id / touchpoint id` → up to two short quotes, those whose place is surest first. */
export function quotesByPlace(model: StageModel, mentions: readonly Mention[]): Map<string, Quote[]> {
  const quotes = new Map<string, Quote[]>();
  const surest = mentions.toSorted((a, b) => certainty(b) - certainty(a));
  for (const { id, text, judgements } of surest) {
    const touchpoint = judgements.touchpoint?.value ?? null;
    const stage = stageOf(model, judgements.step?.value ?? null, touchpoint);
    if (stage === null) continue;
    const key = placeKey(stage, touchpoint ?? UNKNOWN);
    const here = quotes.get(key) ?? [];
    if (here.length < PER_PLACE) quotes.set(key, [...here, { mentionId: id, text: shorten(text, MAX_QUOTE) }]);
  }
  return quotes;
}

export const placeKey = (stage: string, touchpoint: string) => `${stage}/${touchpoint}`;

const certainty = ({ judgements: { step, touchpoint } }: Mention) =>
  (step?.confidence ?? 0) * (touchpoint?.confidence ?? 0);

/** Cuts between words and marks the cut; white space becomes single spaces. */
export function shorten(text: string, max: number): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  if (plain.length <= max) return plain;
  const cut = plain.slice(0, max - 1);
  const space = cut.lastIndexOf(' ');
  const kept = space > max / 2 ? cut.slice(0, space) : cut.replace(/[\ud800-\udbff]$/, '');
  return `${kept}…`;
}
