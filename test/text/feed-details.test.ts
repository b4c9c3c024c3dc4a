import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readFeed } from '../../src/text/feed/feed.ts';
import type { Feed, FeedItem } from '../../src/text/feed/feed.ts';

const read = (body: string, url?: string): Feed => readFeed({ body: Buffer.from(body), url });
const rss = (items: string, root = '') => `<rss version="2.0"${root}><channel><title>T</title>${items}</channel></rss>`;
const atom = (entries: string, head = '') => `<feed xmlns="http://www.w3.org/2005/Atom"${head}>${entries}</feed>`;
const first = (body: string): FeedItem => read(body).items[0]!;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const titles = ({ items }: Feed) => items.map(({ title }) => title);
const refusals = ({ refused }: Feed) => refused.map(({ where, reason }) => `${where}: ${reason}`);

describe('what an item says', () => {
  it('reads texts in base64, and no pictures', () => {
    const item = first(
      atom(
        `<entry><title mode="base64">${base64('Café <b>Mira</b>')}</title><content type="application/octet-stream">${base64('<p>Good</p>')}</content></entry>`,
      ),
    );
    expect(item).toMatchObject({ title: 'Café Mira', html: '<p>Good</p>' });
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0xff]).toString('base64');
    const other = first(
      atom(`<entry><id>1</id><content type="image/png">${picture}</content><summary>s</summary></entry>`),
    );
    expect(other).toMatchObject({ text: 's' });
  });

  it('finds titles, texts and views of films, under any prefix', () => {
    const group =
      '<x:group><x:title>Setup</x:title><x:description>How I did it</x:description><x:community><x:statistics views="1204"/></x:community></x:group>';
    const body = atom(`<entry><id>1</id>${group}</entry>`, ' xmlns:x="http://search.yahoo.com/mrss/"');
    expect(first(body)).toMatchObject({ title: 'Setup', html: 'How I did it', views: 1204 });
  });

  it.each([
    [
      'slash',
      rss(
        '<item><title>a</title><s:comments>7</s:comments></item>',
        ' xmlns:s="http://purl.org/rss/1.0/modules/slash/"',
      ),
      7,
    ],
    [
      'thr:total',
      atom('<entry><id>1</id><t:total>3</t:total></entry>', ' xmlns:t="http://purl.org/syndication/thread/1.0"'),
      3,
    ],
    ['thr:count', atom('<entry><id>1</id><link rel="replies" href="/r" thr:count="12"/></entry>'), 12],
    ['words', rss('<item><title>a</title><slash:comments>many</slash:comments></item>'), undefined],
    ['comments of RSS, which are an address', rss('<item><title>a</title><comments>9</comments></item>'), undefined],
  ])('counts replies by %s', (_name, body, replies) => expect(first(body).replies).toBe(replies));

  it('prefers the address that a click counter stands for', () => {
    const fields =
      '<link>https://click.example/1</link><feedburner:origLink>https://shop.example/a</feedburner:origLink>';
    expect(first(rss(`<item>${fields}</item>`)).url).toBe('https://shop.example/a');
  });

  it('knows the language by xml:lang, the nearest first, wherever the feed tells its own', () => {
    const entries = '<entry><id>1</id></entry><entry xml:lang="pl"><id>2</id></entry>';
    expect(read(atom(entries, ' xml:lang="ro"')).items.map(({ language }) => language)).toEqual(['ro', 'pl']);
    expect(first(rss('<item><title>a</title></item><language>es</language>')).language).toBe('es');
  });

  it('takes the last of several dates of one name, and none that is none', () => {
    const dates = ['Sun, 01 Feb 2026 00:00:00 GMT', 'Mon, 02 Feb 2026 00:00:00 GMT', 'later'];
    const body = rss(`<item>${dates.map((date) => `<pubDate>${date}</pubDate>`).join('')}</item>`);
    expect(first(body).publishedAt).toBe('2026-02-02T00:00:00.000Z');
  });

  it('reads the Channel Definition Format', () => {
    const body =
      '<CHANNEL HREF="https://a.example/"><TITLE>T</TITLE><ITEM HREF="https://a.example/1" LASTMOD="2026-02-01T10:00:00Z"><TITLE>a</TITLE><ABSTRACT>b</ABSTRACT></ITEM></CHANNEL>';
    expect(read(body)).toMatchObject({
      link: 'https://a.example/',
      items: [{ url: 'https://a.example/1', title: 'a', html: 'b', publishedAt: '2026-02-01T10:00:00.000Z' }],
    });
  });

  it('passes over what is empty, and takes the next of the same name', () => {
    const fields = '<title/><title>b</title><link> </link><link>https://a.example/</link><guid/><guid>7</guid>';
    expect(first(rss(`<item>${fields}<title>c</title></item>`))).toMatchObject({
      title: 'b',
      url: 'https://a.example/',
      id: '7',
    });
  });

  it('knows the author of an entry by name and address', () => {
    const author = '<author><email>m@a.example</email><name>Mira</name><uri>https://a.example/mira</uri></author>';
    expect(first(atom(`<entry><id>1</id>${author}</entry>`)).author).toEqual({
      name: 'Mira',
      id: 'https://a.example/mira',
    });
  });

  it('keeps values of foreign elements only, the first that is filled', () => {
    const fields = '<im:rating/><im:rating>4</im:rating><im:rating>5</im:rating><dc:subject>s</dc:subject>';
    expect(first(rss(`<item><title>a</title><category>c</category>${fields}</item>`)).extensions).toEqual({
      'im:rating': '4',
    });
    expect(first(rss('<item><title>a</title><dc:subject>s</dc:subject></item>')).extensions).toBeUndefined();
  });

  it('gives what has no id the same one as ever', () => {
    const words = JSON.stringify(['a', undefined, undefined, undefined]);
    expect(first(rss('<item><title>a</title></item>')).id).toBe(
      createHash('sha256').update(words).digest('hex').slice(0, 32),
    );
  });
});

describe('characters', () => {
  it.each([
    ['&#146;&#x93;', '’“'],
    ['&#0;&#xd800;&#x110000;', '\ufffd\ufffd\ufffd'],
    ['&hellip;&notit;&nosuch;&;', '…&notit;&nosuch;&;'],
    ['Tom & Jerry; &amp;c; R&D', 'Tom & Jerry; &c; R&D'],
    ['1 < 2 <3 > &lt;b>', '1 < 2 <3 > <b>'],
    ['a <![CDATA[&amp; <b>]]> c', 'a &amp; <b> c'],
    ['don\u0092t', 'don’t'],
  ])('%s is %s', (written, said) => {
    expect(first(atom(`<entry><title>${written}</title><id>1</id></entry>`)).title).toBe(said);
  });

  it.each([
    ['Strings  &amp; picks', 'Strings & picks'],
    ['Strings\n&amp; picks', 'Strings & picks'],
    ['Strings&#8201;and picks', 'Strings and picks'],
    ['Strings&nbsp;and picks', 'Strings and picks'],
    ['Mira&#8217;s &lt;3', 'Mira’s <3'],
    ['&copy 2026 <b>Mira</b>', '© 2026 Mira'],
  ])('a title in HTML, %j, is read as a browser shows it', (written, said) => {
    const title = `<title type="html"><![CDATA[${written}]]></title>`;
    expect(first(atom(`<entry><id>1</id>${title}</entry>`)).title).toBe(said);
  });

  it('leaves the parameters of an address alone', () => {
    const item = first(rss('<item><link>https://a.example/?a=1&copy=2&amp;lang=ro&reg=3</link></item>'));
    expect(item.url).toBe('https://a.example/?a=1&copy=2&lang=ro&reg=3');
  });

  it('replaces short entities that the document declares, up to a bound', () => {
    const value = 'x'.repeat(250);
    const doctype = `<!DOCTYPE rss [<!ENTITY id "tag:a.example,"><!ENTITY long "${value}"><!ENTITY huge "${'y'.repeat(300)}">]>`;
    expect(first(`${doctype}${rss('<item><guid>&id;1&huge;</guid></item>')}`).id).toBe('tag:a.example,1&huge;');
    const bomb = `${doctype}${rss(`<item><guid>1</guid><description>${'&long;'.repeat(100_000)}</description></item>`)}`;
    expect(first(bomb).html!.length).toBeLessThan(bomb.length + 70_000);
  });

  it('reads attributes with signs, quotes of both kinds and none, and hostile names', () => {
    const link = `<link title="a > b" rel='alternate' __proto__="x" constructor=y href=https://a.example/?x=1&amp;y=2 />`;
    const feed = read(atom(`<entry><id>1</id>${link}</entry>`));
    expect(feed.items[0]!.url).toBe('https://a.example/?x=1&y=2');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('tags that are missing', () => {
  it('a bare apostrophe in an attribute hides nothing', () => {
    const entry = (id: string) => `<entry><id>${id}</id><link title=Mira's href="https://a.example/${id}"/></entry>`;
    expect(read(atom(entry('1') + entry('2'))).items.map(({ url }) => url)).toEqual([
      'https://a.example/1',
      'https://a.example/2',
    ]);
  });

  it('a closing tag that closed nothing closes what is opened later', () => {
    const body = rss('</b></b><item><description><b>x<i>y</b> z</description></item>');
    expect(first(body).html).toBe('<b>x<i>y</i></b> z');
  });

  it('an item whose end is missing is whole', () => {
    const feed = read(rss('<item><title>a</title><link>https://a.example/</link><item><title>b</title></item>'));
    expect(titles(feed)).toEqual(['a', 'b']);
    expect(feed).toMatchObject({ truncated: false, refused: [] });
  });

  it('an item that breaks off inside a field is named and left out', () => {
    const feed = read(rss('<item><title>a</title></item><item><description>b <item><title>c</title></item>'));
    expect(titles(feed)).toEqual(['a', 'c']);
    expect(refusals(feed)).toEqual(['item 2: It breaks off in its description, before the next one begins.']);
  });

  it('a field that is never closed ends where the next begins', () => {
    const feed = read(rss('<item><title>a</titel><link>https://a.example/</link><guid>1</guid></item>'));
    expect(feed.items).toMatchObject([{ title: 'a', url: 'https://a.example/', id: '1' }]);
    expect(refusals(feed)).toEqual(['item 1: Its title is never closed; it was taken to end where link begins.']);
  });

  it('a longer name closes no shorter one', () => {
    const feed = read(rss('<item><title>a</titles><guid>1</guid></item>'));
    expect(feed.items).toMatchObject([{ title: 'a', id: '1' }]);
    expect(refusals(feed)).toEqual(['item 1: Its title is never closed; it was taken to end where guid begins.']);
  });

  it('nor does one in the head of the feed swallow the items', () => {
    const feed = read('<rss><channel><description>About <item><title>a</title></item></channel></rss>');
    expect(titles(feed)).toEqual(['a']);
    expect(refusals(feed)).toEqual([
      'head of the feed: Its description is never closed; it was taken to end where item begins.',
    ]);
  });

  it('lists inside foreign elements are no items', () => {
    const feed = read(rss('<item><title>a</title><tags><item>x</item><item>y</item></tags></item>'));
    expect(titles(feed)).toEqual(['a']);
    expect(feed.refused).toEqual([]);
  });

  it('the last bracket of all may be missing', () => {
    const whole = rss('<item><title>a</title></item>');
    expect(read(whole.slice(0, -1))).toMatchObject({ truncated: false, items: [{ title: 'a' }] });
    expect(read(whole.slice(0, -3))).toMatchObject({ truncated: true, items: [{ title: 'a' }] });
  });

  it.each(['<item><title>b', '<item><!-- b', '<item><title><![CDATA[b', '<item><link href="b', '<ite'])(
    'a feed that ends with %s is cut',
    (rest) => {
      const feed = read(`<rss><channel><item><title>a</title></item>${rest}`);
      expect(titles(feed)).toEqual(['a']);
      expect(feed.truncated).toBe(true);
    },
  );
});

describe('what is no feed', () => {
  it('a page that names its feed is told with the address', () => {
    const page =
      '<!doctype html><title>Fretboard</title><link rel="stylesheet" href="/a.css"><link rel="search" type="application/rss+xml" href="/search"><link rel="alternate" type="application/rss+xml" href="/feed.xml">';
    expect(() => read(page, 'https://fretboard.example/blog/')).toThrow(
      expect.objectContaining({
        code: 'SOURCE_SHAPE',
        message: expect.stringContaining('an HTML page titled "Fretboard"'),
        fix: expect.stringContaining('https://fretboard.example/feed.xml'),
      }),
    );
  });

  it('a page that names none has the usual advice', () => {
    expect(() => read('<html><title>x</title><link rel="alternate" hreflang="ro" href="/ro">')).toThrow(
      expect.objectContaining({ fix: expect.stringContaining('Open the address in a browser') }),
    );
  });
});

describe('large feeds', () => {
  it('of 22,000 tiny items are read whole', () => {
    const items = Array.from({ length: 22_000 }, (_, index) => `<item><title>a</title><guid>${index}</guid></item>`);
    const body = Buffer.from(rss(items.join('')));
    expect(readFeed({ body }).items).toHaveLength(22_000);
  });
});
