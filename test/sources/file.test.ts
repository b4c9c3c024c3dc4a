import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = sourceOf('file');

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const http = () => Promise.reject(new Error('a file needs no network'));

async function pull(options: object, cursor?: unknown, signal = new AbortController().signal) {
  const pages: Page<unknown>[] = [];
  const context = { options: file.options.parse(options), cursor, http, now: () => new Date(0), signal };
  for await (const page of file.pull(context)) pages.push(page);
  return pages;
}

const only = async (options: object) => (await pull(options))[0]!;
const texts = ({ items }: Page<unknown>) => items.map(({ text }) => text);

describe('pulling a file', () => {
  it('an unchanged file is not read again, a changed one is', async () => {
    const path = write('a.csv', 'text\none\n');
    const [first] = await pull({ path });
    expect(texts(first!)).toEqual(['one']);
    const [again] = await pull({ path }, first!.cursor);
    expect(again).toEqual({ items: [], refused: [], cursor: first!.cursor });
    appendFileSync(path, 'two\n');
    const [changed] = await pull({ path }, first!.cursor);
    expect(texts(changed!)).toEqual(['one', 'two']);
    expect(changed!.items[0]!.externalId).toBe(first!.items[0]!.externalId);
  });

  it.each(['csv', 'jsonl'])('comes in pages of 500, and only the last one moves the cursor (%s)', async (ending) => {
    const rows = Array.from({ length: 1_201 }, (_, index) => (ending === 'csv' ? `w${index}` : `{"text":"w${index}"}`));
    const path = write(`pages.${ending}`, [...(ending === 'csv' ? ['text'] : []), ...rows].join('\n'));
    const pages = await pull({ path });
    expect(pages.map(({ items }) => items.length)).toEqual([500, 500, 201]);
    expect(pages.map(({ cursor }) => Object.keys(cursor as object).length)).toEqual([0, 0, 2]);
    const resumed = await pull({ path }, pages[0]!.cursor);
    expect(new Set(resumed.flatMap(texts)).size).toBe(1_201);
  });

  it('reads workbooks, by their first sheet that is shown or a named one', async () => {
    const workbook = readFileSync(new URL('../fixtures/sources/file/answers.xlsx', import.meta.url));
    const path = write('answers.xlsx', workbook);
    const [page] = await pull({ path });
    expect(page!.items.map(({ externalId, publishedAt }) => [externalId, publishedAt])).toEqual([
      ['1', '2026-01-31T00:00:00.000Z'],
      ['2', '2026-02-01T00:00:00.000Z'],
      ['4', undefined],
    ]);
    expect(page!.refused).toMatchObject([{ where: 'line 5', reason: expect.stringContaining('"soon"') }]);
    const [again] = await pull({ path }, page!.cursor);
    expect(again!.items).toEqual([]);
    expect(texts(await only({ path, sheet: 'Notes' }))).toEqual(['Hidden.']);
    expect(texts(await only({ path: write('answers.dat', workbook), format: 'xlsx' }))).toHaveLength(3);
    await expect(pull({ path: write('none.xlsx', 'text\none\n') })).rejects.toMatchObject({ code: 'SOURCE_SHAPE' });
    await expect(pull({ path: join(folder, 'nowhere.xlsx') })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('a missing file and a folder cannot be read', async () => {
    await expect(pull({ path: join(folder, 'nowhere.csv') })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('ENOENT'),
    });
    await expect(pull({ path: folder })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('an empty file, and one with a header only, are empty', async () => {
    expect((await only({ path: write('empty.csv', '') })).items).toEqual([]);
    expect((await only({ path: write('header.csv', 'text,date\n') })).items).toEqual([]);
  });

  it('stops when asked', async () => {
    const path = write('stop.csv', 'text\none\n');
    await expect(pull({ path }, undefined, AbortSignal.abort())).rejects.toMatchObject({ name: 'AppError' });
    const stop = new AbortController();
    const rows = write('long.csv', `text\n${'word\n'.repeat(2_000)}`);
    const context = { options: file.options.parse({ path: rows }), cursor: undefined, now: () => new Date(0) };
    const pages = file.pull({ ...context, http, signal: stop.signal });
    const iterator = pages[Symbol.asyncIterator]();
    await iterator.next();
    stop.abort();
    await expect(iterator.next()).rejects.toMatchObject({ name: 'AppError' });
  });
});

describe('what a file may look like', () => {
  it('columns of other names, in any case', async () => {
    const path = write('map.csv', 'Comment;Stars;When;Who\nfine;4;2026-02-01;m1\n');
    const map = { text: 'comment', rating: 'STARS', date: 'When', author: 'who' };
    const [item] = (await only({ path, delimiter: ';', map, channel: 'review' })).items;
    expect(item).toMatchObject({
      text: 'fine',
      rating: 4,
      publishedAt: '2026-02-01T00:00:00.000Z',
      author: { id: 'm1' },
      channel: 'review',
    });
  });

  it('a mapped column that is not there is said at once', async () => {
    const path = write('missing.csv', 'text\nfine\n');
    await expect(pull({ path, map: { rating: 'stars' } })).rejects.toMatchObject({
      code: 'SOURCE_SHAPE',
      message: 'There is no column "stars"; the columns are: text.',
    });
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufefftext\ncafé Łódź\n'), 'café Łódź'],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('text\ncafé Łódź\n', 'utf16le')]), 'café Łódź'],
    ['windows-1252', Buffer.from('text\ncafé\n', 'latin1'), 'café'],
  ])('%s', async (name, bytes, text) => {
    expect(texts(await only({ path: write(`${name}.csv`, bytes) }))).toEqual([text]);
  });

  it('characters that lie across two chunks of the stream', async () => {
    const path = write('chunks.csv', `text\n${'é'.repeat(99_999)}\n`);
    expect(texts(await only({ path }))).toEqual(['é'.repeat(99_999)]);
  });

  it('tabs, quotes inside words, line breaks inside quotes, short rows', async () => {
    const path = write('rows.tsv', 'id\ttext\trating\n1\ta 5" neck\t3\n2\t"two\nlines"\n');
    expect((await only({ path })).items).toMatchObject([{ text: 'a 5" neck', rating: 3 }, { text: 'two\nlines' }]);
  });

  it('a quote that is never closed costs only what stands behind it, and says so', async () => {
    const path = write('quote.csv', 'text\none\n"two\nthree\n');
    const { items, refused } = await only({ path });
    expect(items.map(({ text }) => text)).toEqual(['one']);
    expect(refused).toEqual([{ where: 'line 4', reason: expect.stringContaining('never closed') }]);
  });

  it.each(['0', '6', '4/5', '80%', '4,5', '5.1', 'good', '-1', '1e0'])(
    'a rating of %s is not guessed',
    async (rating) => {
      const path = write('rating.jsonl', JSON.stringify({ text: 'a', rating }));
      expect(await only({ path })).toMatchObject({
        items: [],
        refused: [{ where: 'line 1', reason: expect.stringContaining(rating) }],
      });
    },
  );

  it.each([
    ['4', 4],
    ['4.0', 4],
    ['4.5', 4.5],
    [3, 3],
  ])('a rating of %s is one', async (rating, stars) => {
    const path = write('stars.jsonl', JSON.stringify({ text: 'a', rating }));
    expect((await only({ path })).items[0]!.rating).toBe(stars);
  });

  it('the same row twice is one mention', async () => {
    expect((await only({ path: write('twice.csv', 'text,author\na,b\na,b\na,c\n') })).items).toHaveLength(2);
  });

  it('lines that are no objects are named and the rest is taken', async () => {
    const path = write('lines.jsonl', '{"text":"a"}\r\n\n[1]\n"x"\n{"text":"b"}');
    const page = await only({ path });
    expect(texts(page)).toEqual(['a', 'b']);
    expect(page.refused.map(({ where }) => where)).toEqual(['line 3', 'line 4']);
  });
});
