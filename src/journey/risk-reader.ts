import { setImmediate } from 'node:timers/promises';
import type { Mention } from '../domain/mention.ts';
import type { MentionQuery } from '../domain/query.ts';
import type { MentionStore } from '../domain/store.ts';
import { MAX_WEIGHED, riskOf } from './risk.ts';
import type { Risk } from './risk.ts';
import { RISK_BEARING } from './risk-signs.ts';
import type { RiskLabels, Said } from './risk-signs.ts';

type Mentions = Pick<MentionStore, 'search'>;

/** Which of an author's mentions are weighed: all, or those of some brands, or up to a time. */
export type Scope = Pick<MentionQuery, 'brand' | 'to'>;

export interface AuthorRisk extends Risk {
  author: string;
  /** As their newest mention names them. */
  name?: string | undefined;
  /** How many there are in the scope. */
  total: number;
  /** The newest of them, which were weighed. */
  mentions: Said[];
}

const PAGE = 200;
/** Most mentions that are read for each kind of risk-bearing label. */
export const MAX_READ = 400;
/** Most authors of whom everything is read. */
export const MAX_AUTHORS = 200;
/** So many are read at once, then others get their turn. */
const AT_ONCE = 10;

/** What one author said and what it means; undefined where there is nothing. */
export async function readAuthorRisk(
  author: string,
  scope: Scope,
  at: Date,
  mentions: Mentions,
): Promise<AuthorRisk | undefined> {
  const page = await mentions.search({ ...scope, author: [author] }, { limit: MAX_WEIGHED });
  if (page.mentions.length === 0) return undefined;
  const said = page.mentions.map(withoutWords);
  return { author, name: said[0]!.author?.name, total: page.total, mentions: said, ...riskOf(said, at) };
}

/** Words may be long, and many mentions are held at once. */
const withoutWords = ({ text: _text, title: _title, ...said }: Mention): Said => said;

export interface RiskReport {
  /** Risk-bearing mentions that were read, and how many of them name no author. */
  read: number;
  withoutAuthor: number;
  /** Authors of the others, and of how many of them everything was read. */
  authors: number;
  weighed: number;
  /** False where there are more such mentions or authors than were read. */
  complete: boolean;
  /** The most at risk first; without those who are at none. */
  risks: AuthorRisk[];
}

/** Whom to tell first. */
export type RiskOrder = (one: Risk, other: Risk) => number;

export const mostAtRisk: RiskOrder = (one, other) => other.risk - one.risk;

/** Those who have left behind all who can still be kept. */
export const stayingFirst: RiskOrder = (one, other) =>
  Number(one.level === 'churned') - Number(other.level === 'churned') || mostAtRisk(one, other);

interface RiskReading {
  /** Most authors of whom everything is read; 200 unless said otherwise. */
  authors?: number;
  order?: RiskOrder;
}

/**
 * Who is most at risk among those who said something risk-bearing that the query finds. The work is bounded: of each
 * kind the newest mentions are read, and everything only of the authors who look most at risk by these.
 */
export async function readRisks(
  query: MentionQuery,
  scope: Scope,
  at: Date,
  mentions: Mentions,
  { authors = MAX_AUTHORS, order = mostAtRisk }: RiskReading = {},
): Promise<RiskReport> {
  const { read, all } = await readRiskBearing(query, mentions);
  const byAuthor = groupByAuthor(read);
  const likeliest = [...byAuthor]
    .map(([author, said]) => ({ author, ...riskOf(said, at) }))
    .toSorted((a, b) => order(a, b) || (a.author < b.author ? -1 : 1))
    .slice(0, authors)
    .map(({ author }) => author);
  const risks = await readAuthors(likeliest, scope, at, mentions);
  return {
    read: read.length,
    withoutAuthor: read.filter(({ author }) => author === undefined).length,
    authors: byAuthor.size,
    weighed: likeliest.length,
    complete: all && likeliest.length === byAuthor.size,
    risks: risks.filter(({ risk }) => risk > 0).toSorted((a, b) => order(a, b) || (a.author < b.author ? -1 : 1)),
  };
}

/** The newest of each kind, each mention once; `all` = there are no more. One search after the other: others get their turn. */
async function readRiskBearing(query: MentionQuery, mentions: Mentions): Promise<{ read: Said[]; all: boolean }> {
  const read = new Map<string, Said>();
  let all = true;
  for (const labels of RISK_BEARING) {
    const wanted = { ...query, also: narrowed(query.also ?? {}, labels) };
    let cursor: string | undefined;
    for (let seen = 0; seen < MAX_READ; seen += PAGE) {
      const page = await mentions.search(wanted, { limit: PAGE, cursor });
      for (const mention of page.mentions) read.set(mention.id, withoutWords(mention));
      cursor = page.next;
      await setImmediate();
      if (cursor === undefined) break;
    }
    if (cursor !== undefined) all = false;
  }
  return { read: [...read.values()], all };
}

/** A persona's query that must hold too is narrowed to the labels: to what both ask for, down to nothing. */
function narrowed(persona: NonNullable<MentionQuery['also']>, labels: RiskLabels): NonNullable<MentionQuery['also']> {
  const both = Object.entries(labels).map(([field, wanted]) => {
    const asked = persona[field as keyof RiskLabels] as string[] | undefined;
    return [field, asked ? (wanted as string[]).filter((value) => asked.includes(value)) : wanted];
  });
  return { ...persona, ...Object.fromEntries(both) };
}

function groupByAuthor(read: readonly Said[]): Map<string, Said[]> {
  const byAuthor = new Map<string, Said[]>();
  for (const mention of read) {
    if (mention.author === undefined) continue;
    const said = byAuthor.get(mention.author.id);
    if (said) said.push(mention);
    else byAuthor.set(mention.author.id, [mention]);
  }
  return byAuthor;
}

async function readAuthors(authors: readonly string[], scope: Scope, at: Date, mentions: Mentions) {
  const found: AuthorRisk[] = [];
  for (let from = 0; from < authors.length; from += AT_ONCE) {
    const some = authors.slice(from, from + AT_ONCE).map((author) => readAuthorRisk(author, scope, at, mentions));
    found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
    await setImmediate();
  }
  return found;
}
