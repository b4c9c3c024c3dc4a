import { AppError } from '../domain/errors.ts';
import { MAX_ATTRIBUTES, MAX_TEXT, rawMention } from '../domain/mention.ts';
import type { RawMention } from '../domain/mention.ts';
import type { Parsed, Refusal } from '../domain/source.ts';

const MAX_TITLE = 2_000;
const MAX_NAME = 512;
const UNPRINTABLE = /[^\P{Cc}\n\t]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/** A mention as read from a platform; fields that the platform left out are undefined or blank. */
export type Draft = {
  [Field in keyof RawMention]: Field extends 'author'
    ? { id: string | undefined; name: string | undefined } | undefined
    : RawMention[Field] | undefined;
};

/** Of an answer that holds no words of customers. */
export const NOTHING: Readonly<Parsed> = { items: [], refused: [] };

/** Reads one entry; undefined = not a customer's words and left out on purpose; throws `ROW_INVALID` with the reason. */
export type ReadEntry<Entry> = (entry: Entry, index: number) => Draft | undefined;

/** The reason why an entry cannot become a mention. */
export function rowInvalid(reason: string): AppError {
  return new AppError('ROW_INVALID', reason, { fix: 'Correct the row where it comes from and pull again.' });
}

/**
 * Turns entries into mentions. One that does not fit is named and the others go on; one that stands twice in the
 * answer is taken once, the later spelling winning; where its words differ, that is named.
 */
export function gather<Entry>(
  entries: readonly Entry[],
  where: (entry: Entry, index: number) => string,
  read: ReadEntry<Entry>,
): Parsed {
  const items = new Map<string, RawMention>();
  const refused: Refusal[] = [];
  entries.forEach((entry, index) => {
    try {
      const draft = read(entry, index);
      const item = draft && complete(draft);
      const before = item && items.get(item.externalId);
      if (before && before.text !== item.text) refused.push({ where: where(entry, index), reason: replaced(item) });
      if (item) items.set(item.externalId, item);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'ROW_INVALID') throw thrown;
      refused.push({ where: where(entry, index), reason: thrown.message });
    }
  });
  return { items: [...items.values()], refused };
}

function replaced({ externalId }: RawMention): string {
  return `It has the id "${externalId}" of an earlier one with other words, and takes its place.`;
}

/** Cuts what is too long, leaves out what is blank, and checks the rest against the model. */
function complete(draft: Draft): RawMention {
  const text = cut(draft.text, MAX_TEXT);
  const title = cut(draft.title, MAX_TITLE);
  if (text === undefined && title === undefined) throw rowInvalid('It has no words.');
  const candidate = {
    ...draft,
    text: text ?? title,
    title: text === undefined ? undefined : title,
    url: webAddress(draft.url),
    author: authorOf(draft.author),
    declaredLanguage: cut(draft.declaredLanguage, 35),
    engagement: present(draft.engagement ?? {}),
    scores: present(draft.scores ?? {}),
    attributes: attributesOf(draft.attributes ?? {}),
  };
  const checked = rawMention.safeParse(present(candidate));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw rowInvalid(`${issue?.path.join('.')}: ${issue?.message}.`);
}

/** Without the fields that are undefined; undefined itself where nothing is left. */
function present<T extends object>(object: T): T | undefined {
  const pairs = Object.entries(object).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? undefined : (Object.fromEntries(pairs) as T);
}

function authorOf(author: Draft['author']): RawMention['author'] {
  const name = cut(author?.name, MAX_NAME);
  const id = cut(author?.id, MAX_NAME) ?? name;
  if (id === undefined) return undefined;
  return name === undefined ? { id } : { id, name };
}

/** Blank ones are left out, and so is what exceeds the number that is kept. */
function attributesOf(attributes: Record<string, string>): RawMention['attributes'] {
  const pairs = Object.entries(attributes).map(([name, value]) => [cut(name, 60), cut(value, 300)] as const);
  const told = pairs.filter(([name, value]) => name !== undefined && value !== undefined);
  return present(Object.fromEntries(told.slice(0, MAX_ATTRIBUTES)) as Record<string, string>);
}

/** Only what a browser can open; anything else (mailto, javascript, a bare id) is no link. */
function webAddress(url: string | undefined): string | undefined {
  const trimmed = url?.trim() ?? '';
  if (trimmed.length > 4_000 || !URL.canParse(trimmed)) return undefined;
  const { protocol, href } = new URL(trimmed);
  return (protocol === 'https:' || protocol === 'http:') && href.length <= 4_000 ? href : undefined;
}

/** Trimmed, without control characters, cut between characters; undefined where nothing is left. */
function cut(text: string | undefined, length: number): string | undefined {
  const clean = text?.replace(UNPRINTABLE, '').replace(LONE_SURROGATE, '\ufffd').trim() ?? '';
  if (clean.length <= length) return clean === '' ? undefined : clean;
  return clean
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();
}
