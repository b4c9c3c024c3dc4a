import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mention, RawMention } from '../../src/domain/mention.ts';
import type { StateStore } from '../../src/domain/store.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { withStories } from '../../src/pipeline/stories.ts';
import { subscribe } from '../../src/pipeline/subscribe.ts';
import { elasticsearchState } from '../../src/stores/elasticsearch/state.ts';
import { aMention } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import { inNewIndices } from '../stores/elasticsearch-indices.ts';
import { openHouse, raw } from './house.ts';
import { COPIES, GENERIC, OTHERS, STORIES } from './story-texts.ts';

const serverAddress = serverUrl('ELASTICSEARCH_URL');
let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

const entries = Object.entries;
let count = 0;
const said = (text: string, more: Partial<Mention> = {}) =>
  aMention({ channel: 'social', text, externalId: `n${count++}`, author: { id: `author ${count}` }, ...more });
const storyOf = ({ story, id }: Mention) => story ?? id;
/** Under a key of its own, so that the figures are the same at every run. */
const personKey = Buffer.alloc(32, 7);
const tell = async (...mentions: Mention[]) => (await withStories(mentions, { ...house, personKey })).map(storyOf);

/** Every text of every language with all that becomes of it. */
function generated(kinds: typeof COPIES) {
  return entries(STORIES).flatMap(([language, texts]) =>
    texts.flatMap((text, number) =>
      entries(kinds).map(([kind, change]) => ({ kind, language, number, text: change(text, language) })),
    ),
  );
}

describe('stories', () => {
  it('find copies whatever was done to them, and keep apart what is another story', async () => {
    const originals = entries(STORIES).flatMap(([language, texts]) =>
      texts.map((text, number) => ({ language, number, mention: said(text) })),
    );
    const own = new Set(await tell(...originals.map(({ mention }) => mention)));
    expect(own.size).toBe(originals.length);
    const idOf = (language: string, number: number) =>
      originals.find((one) => one.language === language && one.number === number)!.mention.id;
    const tally = async (kinds: typeof COPIES) => {
      const all = generated(kinds);
      const found = await tell(...all.map(({ text }) => said(text)));
      return all.map((one, index) => ({
        ...one,
        right: found[index] === idOf(one.language, one.number),
        folded: own.has(found[index]!),
      }));
    };
    const others = await tally(OTHERS);
    const copies = await tally(COPIES);
    const found = copies.filter(({ right }) => right).length;
    const wrong = [...copies.filter(({ right, folded }) => folded && !right), ...others.filter(({ folded }) => folded)];
    const recall = found / copies.length;
    const precision = found / (found + wrong.length);
    const missed = copies.filter(({ right }) => !right).map(({ kind, language }) => `${kind} (${language})`);
    process.stdout.write(
      `stories: ${copies.length} copies and ${others.length} other texts: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}; missed: ${missed.join(', ') || 'none'}\n`,
    );
    expect(copies.length).toBeGreaterThanOrEqual(300);
    expect(recall).toBeGreaterThanOrEqual(0.97);
    expect(precision).toBeGreaterThanOrEqual(0.99);
  });

  it('never fold what many people say in the same few words', async () => {
    for (const text of GENERIC) {
      const stories = await tell(...[1, 2, 3].map(() => said(text)), said(text, { channel: 'review' }));
      expect([text, new Set(stories).size]).toEqual([text, 4]);
    }
  });

  it('fold few words of the same author, or at the same address where addresses are of one post', async () => {
    const [first, ...others] = await tell(
      said('Great!', { author: { id: 'ana' }, url: 'https://www.example.com/p/1/?utm_source=x#top' }),
      said('great', { author: { id: 'ana' } }),
      said('GREAT', { url: 'http://example.com/p/1' }),
    );
    expect(others).toEqual([first, first]);
    const url = 'https://shop.example.com/app/7';
    const reviews = await tell(...[1, 2].map(() => said('Great!', { channel: 'review', url })));
    expect(new Set(reviews).size).toBe(2);
  });

  it('take every case that customers bring to the brand as its own, unless one author sends it twice', async () => {
    const text = STORIES.en![3]!;
    const [first, second, again] = await tell(
      said(text, { channel: 'ticket', author: { id: 'bo' } }),
      said(text, { channel: 'ticket', author: { id: 'cy' } }),
      said(text, { channel: 'ticket', author: { id: 'bo' } }),
    );
    expect(second).not.toBe(first);
    expect(again).toBe(first);
  });

  it('are the same however often, in whatever batches and in whatever order the mentions come again', async () => {
    const all = [...generated(COPIES), ...generated(OTHERS)].map(({ text }) => said(text));
    const first = new Map<string, string>();
    for (let start = 0; start < all.length; start += 100) {
      const batch = all.slice(start, start + 100);
      for (const [index, story] of (await tell(...batch)).entries()) first.set(batch[index]!.id, story);
    }
    const again = all.toReversed();
    for (let start = 0; start < again.length; start += 37) {
      const batch = again.slice(start, start + 37);
      expect(await tell(...batch)).toEqual(batch.map(({ id }) => first.get(id)));
    }
  });

  it('agree on one where several processes hear of it at the same moment', async () => {
    const texts = Object.values(STORIES).flat();
    const tellings = Array.from({ length: 4 }, () => texts.map((text) => said(text)));
    const first = await Promise.all(tellings.map((mentions) => tell(...mentions)));
    const told = await Promise.all(tellings.map((mentions) => tell(...mentions)));
    for (const stories of [...first, ...told]) expect(stories).toEqual(told[0]);
  });

  it('keep nothing of the words, and nothing that can be tried out without the key', async () => {
    await tell(said(STORIES.en![0]!));
    const stories = house.stories as StateStore;
    const kept = [...(await stories.list('story/')), ...(await stories.list('sketch/'))];
    expect(kept).toHaveLength(8);
    expect(JSON.stringify(kept)).not.toMatch(/courier|velmora|rain/i);
    const other = { ...house, personKey: Buffer.alloc(32, 1) };
    await withStories([said(STORIES.en![0]!)], other);
    expect(await stories.list('story/')).toHaveLength(14);
  });
});

describe.skipIf(serverAddress === undefined)('stories in Elasticsearch (skipped without ELASTICSEARCH_URL)', () => {
  it('are the same as in the embedded file, also where several hear of them at the same moment', async () => {
    const all = [...generated(COPIES), ...generated(OTHERS)].map(({ text }) => said(text));
    const opened = await inNewIndices(serverAddress!, (client, prefix) => elasticsearchState(client, { prefix }))();
    const there = { stories: opened.store, personKey };
    for (let start = 0; start < all.length; start += 100) {
      const batch = all.slice(start, start + 100);
      expect((await withStories(batch, there)).map(storyOf)).toEqual(await tell(...batch));
    }
    const once = Object.values(STORIES).flatMap((texts) => texts.map((text) => text.replaceAll('e', 'o')));
    const tellings = await Promise.all(
      [0, 1, 2, 3].map(() =>
        withStories(
          once.map((text) => said(text)),
          there,
        ),
      ),
    );
    for (const told of tellings) expect(told.map(storyOf)).toEqual(tellings[0]!.map(storyOf));
    await opened.close();
  }, 60_000);
});

describe('ingest', () => {
  const job = (source: string, items: RawMention[]) => ({ source, collectedAt: new Date().toISOString(), items });
  const bad = 'My card was declined three times at the checkout of the Larkspur page, terrible, and nobody answers me.';

  it('stores the story, keeps it when the mention comes again, and tells nobody twice', async () => {
    await subscribe({ query: {}, notify: [{ type: 'webhook', url: 'https://example.com/hook' }] }, house);
    const copy = job('b', [raw('2', { text: `RT @x: ${bad}` })]);
    const [first] = await ingest(job('a', [raw('1', { text: bad })]), house);
    const [second] = await ingest(copy, house);
    expect((await ingest(copy, house))[0]).toMatchObject({ outcome: 'same' });
    expect(await house.mentions.get(first!.id)).not.toHaveProperty('story');
    expect(await house.mentions.get(second!.id)).toMatchObject({ story: first!.id });
    expect((await house.mentions.search({ story: [first!.id] }, { limit: 5 })).total).toBe(2);
    expect(await house.state.list('notice/')).toHaveLength(1);
  });

  it('tells of a copy where the original was no news to the subscriber', async () => {
    await ingest(job('a', [raw('1', { text: bad })]), house);
    const wanted = { source: ['b', 'c'] };
    await subscribe({ query: wanted, notify: [{ type: 'webhook', url: 'https://example.com/hook' }] }, house);
    const [copy] = await ingest(job('b', [raw('2', { text: `${bad} #fail` })]), house);
    await ingest(job('c', [raw('3', { text: bad })]), house);
    const notices = await house.state.list('notice/');
    expect(notices.map(({ value }) => (value as { mentionId: string }).mentionId)).toEqual([copy!.id]);
  });
});
