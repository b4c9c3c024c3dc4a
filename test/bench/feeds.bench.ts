import { describe, expect, it } from 'vitest';
import type { WireAnswer } from '../../src/domain/source.ts';
import { casesOf, corpusFolder, FIELDS, isRight } from '../text/feedparser-corpus.ts';
import type { Case } from '../text/feedparser-corpus.ts';
import { feedParsers } from './feed-parsers.ts';
import type { FeedParser } from './feed-parsers.ts';

const ROUNDS = 12;
const ITEMS = 200;
/** How often each feed is read in one turn: long enough that what the parser before left to be tidied up weighs little. */
const COPIES = 15;
/** What is promised. */
const TIMES_FEEDSMITH = 3;
const say = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const number = (value: number) => Math.round(value).toLocaleString('en-GB').padStart(18);

const PARAGRAPH =
  '<p>The fretboard was <b>level</b> after a week &amp; the strings don&#8217;t buzz any more &ndash; thanks!</p>';
const BODY = `${PARAGRAPH.repeat(8)}<p><a href="/shop/strings?a=1&amp;b=2">Strings</a> &lt;3</p>`;
const escaped = (html: string) => html.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const numbered = (write: (index: number) => string) =>
  Array.from({ length: ITEMS }, (_, index) => write(index)).join('\n');

const rss = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Fretboard</title><link>https://fretboard.example/</link>${numbered(
  (index) =>
    `<item><title>Guitars &amp; strings ${index}</title><link>https://fretboard.example/${index}</link><guid isPermaLink="false">f-${index}</guid><pubDate>Sun, 01 Feb 2026 10:00:00 +0100</pubDate><dc:creator>Mira</dc:creator><category>repair</category><description>${escaped(PARAGRAPH)}</description><content:encoded><![CDATA[${BODY}]]></content:encoded></item>`,
)}</channel></rss>`;
const atom = `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Fretboard</title><link href="https://fretboard.example/"/>${numbered(
  (index) =>
    `<entry><id>tag:fretboard.example,2026:${index}</id><title type="html">Guitars &amp;amp; strings ${index}</title><link rel="alternate" href="https://fretboard.example/${index}"/><published>2026-02-01T10:00:00+01:00</published><updated>2026-02-01T11:00:00+01:00</updated><author><name>Mira</name></author><content type="html">${escaped(BODY)}</content></entry>`,
)}</feed>`;
const tiny = `<rss version="2.0"><channel><title>T</title>${numbered(
  (index) => `<item><title>a ${index}</title><guid>g${index}</guid></item>`,
)}</channel></rss>`;
const FEEDS = Object.entries({ 'RSS with bodies': rss, 'Atom with bodies': atom, 'RSS, titles only': tiny });

/** One parser's right answers by field; what throws has none. */
async function rightOf(parser: FeedParser, cases: Case[]): Promise<string[]> {
  const right = new Map(FIELDS.map((field) => [field, 0]));
  let crashes = 0;
  for (const { answer, expectations } of cases) {
    try {
      const reading = parser.read(await parser.parse(answer));
      for (const expectation of expectations) {
        if (isRight(expectation, reading)) right.set(expectation.field, right.get(expectation.field)! + 1);
      }
    } catch {
      crashes++;
    }
  }
  const all = [...right.values()].reduce((sum, count) => sum + count, 0);
  return [...[...right.values(), all].map((count) => String(count).padStart(8)), String(crashes).padStart(9)];
}

/** What is parsed in one turn, and how many items that is. */
interface Work {
  name: string;
  answers: WireAnswer[];
  items: number;
}

const corpus = corpusFolder();
const cases = corpus === undefined ? [] : casesOf(corpus, 'wellformed');

function works(): Work[] {
  const generated = FEEDS.map(([name, text]) => {
    const answer = { body: Buffer.from(text), contentType: 'application/xml; charset=utf-8' };
    return { name, answers: Array.from({ length: COPIES }, () => answer), items: COPIES * ITEMS };
  });
  const answers = cases.map(({ answer }) => answer);
  // As many small files as feeds: each parser gets the same ones, also those that it then refuses.
  return answers.length === 0
    ? generated
    : [...generated, { name: 'corpus (files/s)', answers, items: answers.length }];
}

/** By time of the processor, all threads counted, so that what else runs on the machine does not decide. */
async function perSecond(parser: FeedParser, { answers, items }: Work): Promise<number> {
  const start = process.cpuUsage();
  for (const answer of answers) {
    try {
      await parser.parse(answer);
    } catch {
      // Counted as refused in the other table.
    }
  }
  const { user, system } = process.cpuUsage(start);
  return items / ((user + system) / 1_000_000);
}

/** Another one begins in each round, so that none always comes behind the same other. */
const inTurn = <T>(list: T[], round: number): T[] => list.map((_, index) => list[(index + round) % list.length]!);

describe('parsers of feeds', () => {
  it.skipIf(corpus === undefined)('right on the well-formed files of feedparser', async () => {
    const all = cases.flatMap(({ expectations }) => expectations);
    const totals = FIELDS.map((field) => all.filter((expectation) => expectation.field === field).length);
    say(`\n${'right'.padEnd(22)}${[...FIELDS, 'all'].map((field) => field.padStart(8)).join('')}  refused`);
    say(`${'expected'.padEnd(22)}${[...totals, all.length].map((count) => String(count).padStart(8)).join('')}`);
    for (const parser of await feedParsers())
      say(`${parser.name.padEnd(22)}${(await rightOf(parser, cases)).join('')}`);
  });

  it('items per second, the same work in turns', async () => {
    const parsers = await feedParsers();
    const asked = works();
    const rates = new Map(parsers.map(({ name }) => [name, asked.map(() => [] as number[])]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, work] of asked.entries()) {
        for (const parser of inTurn(parsers, round))
          rates.get(parser.name)![index]!.push(await perSecond(parser, work));
      }
    }
    const rows = new Map([...rates].map(([name, found]) => [name, found.map(median)]));
    say(`\n${'items/s of processor'.padEnd(22)}${asked.map(({ name }) => name.padStart(18)).join('')}`);
    for (const [name, values] of rows) say(`${name.padEnd(22)}${values.map(number).join('')}`);
    const ours = rows.get('ours')!;
    const times = (rows.get('feedsmith') ?? []).map((value, index) => ours[index]! / value);
    say(
      times.length === 0
        ? 'feedsmith is not installed: nothing to compare with.'
        : `${'times feedsmith'.padEnd(22)}${times.map((value) => value.toFixed(1).padStart(18)).join('')}`,
    );
    expect(times.every((value) => value > TIMES_FEEDSMITH)).toBe(true);
  });
});
