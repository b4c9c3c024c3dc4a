import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFeed } from '../../src/text/feed/feed.ts';
import type { Feed, FeedItem } from '../../src/text/feed/feed.ts';

const read = (body: string, url?: string): Feed => readFeed({ body: Buffer.from(body), url });
const rss = (items: string, head = '') => `<rss version="2.0"><channel>${head}${items}</channel></rss>`;
const atomAt = (base: string) =>
  `<feed xmlns="http://www.w3.org/2005/Atom"${base}><link href="/"/><entry xml:base="sub/"><id>1</id><link href="a"/></entry></feed>`;
const dated = (fields: string) => first(`<item><title>a</title>${fields}</item>`).publishedAt;
const sameId = (title: string) => `<item><guid isPermaLink="false">same</guid><title>${title}</title></item>`;
const first = (items: string): FeedItem => read(rss(items)).items[0]!;

describe('feeds', () => {
  it.each([
    ['RSS 0.91', '<rss version="0.91"><channel><title>T</title><item><title>a</title></item></channel></rss>', 'rss'],
    [
      'RSS 0.90',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel><item><title>a</title></item></rdf:RDF>',
      'rdf',
    ],
    [
      'RSS with a namespace',
      '<rss xmlns="http://backend.userland.com/rss2"><channel><title>T</title><item><title>a</title></item></channel></rss>',
      'rss',
    ],
    [
      'Atom 0.3',
      '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry><title>a</title></entry></feed>',
      'atom',
    ],
    [
      'Atom with a prefix',
      '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title><a:entry><a:title>a</a:title></a:entry></a:feed>',
      'atom',
    ],
    ['Atom without its namespace', '<feed><title>T</title><entry><title>a</title></entry></feed>', 'atom'],
    ['JSON Feed', '{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"id":"1","title":"a"}]}', 'json'],
  ])('%s', (_name, body, format) => {
    const feed = read(body);
    expect(feed).toMatchObject({ format, title: 'T', truncated: false, refused: [] });
    expect(feed.items.map(({ title }) => title)).toEqual(['a']);
  });

  it('an empty feed is empty and not broken', () => {
    expect(read(rss(''))).toMatchObject({ items: [], refused: [], truncated: false });
  });

  it('forgives raw ampersands, unknown entities and undeclared prefixes', () => {
    const item = first(
      '<item><title>R&D & AT&T &eacute; &amp;amp;</title><dc:creator>Z</dc:creator><content:encoded>b & c</content:encoded></item>',
    );
    expect(item).toMatchObject({ title: 'R&D & AT&T é &', author: { name: 'Z' }, html: 'b & c' });
  });

  it('is found behind a warning and before a script', () => {
    const body = `<br /><b>Warning</b>: slow disk<br />${rss('<item><title>a</title></item>')}<script>x()</script>`;
    expect(read(body)).toMatchObject({ format: 'rss', items: [{ title: 'a' }], truncated: false });
  });

  it('hands its language on to items that declare none', () => {
    const items = '<item><title>a</title></item><item><title>b</title><dc:language>ro</dc:language></item>';
    expect(read(rss(items, '<language>pl</language>')).items.map(({ language }) => language)).toEqual(['pl', 'ro']);
  });

  it('takes mark-up that stands unescaped in a text', () => {
    expect(first('<item><description>a <b>b</b> c</description></item>').html).toBe('a <b>b</b> c');
  });

  it('takes plain text as it is, and XHTML with its signs escaped', () => {
    const feed = read(
      '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>a &lt;b&gt;</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x &lt; y</div></content></entry><entry><id>2</id><content type="text">p &lt; q</content></entry><entry><id>3</id><content src="https://a.example/x"/><summary type="html">&lt;p&gt;s</summary></entry></feed>',
    );
    expect(feed.items[0]).toMatchObject({ title: 'a <b>', html: '<div>x &lt; y</div>' });
    expect(feed.items[1]).toMatchObject({ text: 'p < q' });
    expect(feed.items[2]).toMatchObject({ html: '<p>s' });
  });

  it('resolves links against xml:base and the address of the feed', () => {
    expect(read(atomAt(' xml:base="https://b.example/x/"'), 'https://f.example/y/feed').items[0]!.url).toBe(
      'https://b.example/x/sub/a',
    );
    expect(read(atomAt(''), 'https://f.example/y/feed')).toMatchObject({
      link: 'https://f.example/',
      items: [{ url: 'https://f.example/y/sub/a' }],
    });
    expect(read(atomAt('')).items[0]!.url).toBeUndefined();
  });

  it('takes the date of writing before that of changing, and none that is not whole', () => {
    expect(
      dated('<atom:updated>2026-02-02T00:00:00Z</atom:updated><pubDate>Sun, 01 Feb 2026 00:00:00 GMT</pubDate>'),
    ).toBe('2026-02-01T00:00:00.000Z');
    expect(dated('<pubDate>soon</pubDate><dc:date>2026-02-03T00:00:00Z</dc:date>')).toBe('2026-02-03T00:00:00.000Z');
    expect(dated('<pubDate>2026-02-03</pubDate>')).toBeUndefined();
  });

  it('keeps items apart that share one id, and collapses true repetitions', () => {
    const ids = read(rss(sameId('a') + sameId('b') + sameId('a'))).items.map(({ id, title }) => `${title} ${id}`);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    expect(read(rss(sameId('a') + sameId('a'))).items.map(({ id }) => id)).toEqual(['same']);
  });

  it('reads windows-1250 bytes by their declaration', () => {
    const body = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1250"?><rss><channel><item><title>'),
      Buffer.from([0xa3, 0xf3, 0x64, 0x9f]),
      Buffer.from('</title></item></channel></rss>'),
    ]);
    expect(readFeed({ body }).items[0]!.title).toBe('Łódź');
  });
});

describe('feeds that break off', () => {
  const whole = rss('<item><title>a</title></item><item><title>b</title></item>');

  it('keep their whole items and say so', () => {
    const feed = read(whole.slice(0, whole.indexOf('b</title>')));
    expect(feed.items.map(({ title }) => title)).toEqual(['a']);
    expect(feed).toMatchObject({ truncated: true, refused: [{ reason: 'The feed breaks off after item 1.' }] });
  });

  it('say so also where they break off between items', () => {
    expect(read(whole.slice(0, whole.indexOf('</channel>')))).toMatchObject({ truncated: true, items: [{}, {}] });
  });

  it('are no feeds where not one item is whole', () => {
    expect(() => read(whole.slice(0, 40))).toThrow(expect.objectContaining({ code: 'SOURCE_SHAPE' }));
  });
});

describe('hostile feeds of 5 MB', () => {
  it.each([
    ['nesting', `<rss><channel><item><title>a</title></item><item>${'<a>'.repeat(1_600_000)}`, 1],
    ['closing tags that close nothing', rss(`<item><title>a${'</b>'.repeat(1_200_000)}</title></item>`), 1],
    [
      'closing tags that close nothing, deep inside',
      `<rss><channel><item><title>a</title></item>${'<a>'.repeat(250)}${'</b>'.repeat(1_200_000)}`,
      1,
    ],
    ['entities', rss(`<item><title>${'&#65;'.repeat(1_000_000)}</title></item>`), 1],
    ['bare ampersands', rss(`<item><title>${'&'.repeat(5_000_000)}</title></item>`), 1],
    ['items', rss('<item><title>a</title></item>'.repeat(170_000)), 1],
    [
      'namespaces',
      `<rss ${Array.from({ length: 100_000 }, (_, index) => `xmlns:a${index}="b"`).join(' ')}>${'<channel xmlns:x="y">'.repeat(100)}<item><title>a</title></item>`,
      1,
    ],
    ['a comment that never ends', rss(`<item><title>a</title></item><!--${'-'.repeat(5_000_000)}`), 1],
  ])('%s', (_name, body, items) => expect(read(body).items.length).toBe(items));

  it('entities of a document type are not expanded', () => {
    const body = `<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${rss('<item><title>&b;</title></item>')}`;
    expect(read(body).items[0]!.title).toBe('&b;');
  });
});

const SAMPLES = new URL('../../../shared/data/feeds/', import.meta.url);
const there = existsSync(SAMPLES);
describe.skipIf(!there)('sample feeds of the wild (only where ../shared/data/feeds is there)', () => {
  const files = there
    ? readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(rss|atom)$/.test(name))
    : [];

  it.each(files.filter((name) => !name.endsWith('unrecognized.rss')))('%s', (name) => {
    const feed = readFeed({ body: readFileSync(new URL(name, SAMPLES)) });
    expect(feed).toMatchObject({ truncated: false, refused: [] });
    expect(feed.items.length).toBeGreaterThan(0);
    expect(new Set(feed.items.map(({ id }) => id)).size).toBe(feed.items.length);
  });

  it.each(files.filter((name) => name.endsWith('unrecognized.rss')))('%s is an HTML page', (name) => {
    expect(() => readFeed({ body: readFileSync(new URL(name, SAMPLES)) })).toThrow(
      /an HTML page titled "Document Moved"/,
    );
  });
});
