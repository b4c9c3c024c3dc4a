import type { Mention } from '../domain/mention.ts';
import { searchText, storyOf } from '../domain/mention.ts';
import type { MentionStore } from '../domain/store.ts';
import { fold } from '../text/fold.ts';
import type { Terminal } from './command.ts';
import { allMentions } from './search.ts';

/** Of stored mentions, those that people labelled, and some others for comparison; the newest of both. */
export interface Corrections {
  labelled: Mention[];
  others: Mention[];
}

/** More say hardly anything else, and take long. */
const MOST = { labelled: 3_000, others: 100 };
const TELL_EVERY = 10_000;

/** Looks through everything stored: what people labelled stands in no index. */
export async function readCorrections(
  mentions: Pick<MentionStore, 'search'>,
  { tell }: Pick<Terminal, 'tell'>,
): Promise<Corrections> {
  const [labelled, others]: Mention[][] = [[], []];
  let seen = 0;
  for await (const mention of allMentions(mentions, {})) {
    if (mention.labels) labelled!.push(mention);
    else if (others!.length < MOST.others) others!.push(mention);
    if (labelled!.length === MOST.labelled) break;
    if (++seen % TELL_EVERY === 0) tell(`${seen} mentions looked through …`);
  }
  const known = new Set(labelled!.flatMap(keysOf));
  return { labelled: labelled!, others: others!.filter((mention) => !keysOf(mention).some((key) => known.has(key))) };
}

/** What copies of one text have in common: their story, and their words. */
const keysOf = (mention: Mention): string[] => [storyOf(mention), textKey(mention)];

/** The same for texts that differ in nothing but case, accents and spaces. */
export const textKey = (mention: Mention): string => fold(searchText(mention)).replace(/\s+/gu, ' ').trim();

/** Each text once, as it comes first. */
export function withoutCopies(mentions: readonly Mention[]): Mention[] {
  const seen = new Set<string>();
  return mentions.filter((mention) => {
    const keys = keysOf(mention);
    const isCopy = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return !isCopy;
  });
}
