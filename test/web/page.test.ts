import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { highlight } from '../../src/web/highlight.ts';
import { styles } from '../../src/web/styles.ts';
import { told } from '../api/world.ts';
import { hrefs, openPage, voices } from './open-page.ts';

const table = (html: string) => /<table.*<\/table>/s.exec(html)![0];

const HOSTILE = '<script>alert(1)</script> & "quoted" <img src=x onerror=alert(2)>';

describe('the page', () => {
  let world: Awaited<ReturnType<typeof openPage>>;
  beforeAll(async () => {
    world = await openPage([
      told('till', {
        step: 'purchase',
        touchpoint: 'point_of_sale',
        sentiment: 'negative',
        pains: ['payment'],
        text: 'Card declined twice, chocolate was late too.',
        title: 'Declined!',
        evidence: ['declined', 'late'],
        rating: 1,
        url: 'https://example.org/1',
      }),
      told('hostile', { step: 'use', touchpoint: 'product', sentiment: 'positive', text: HOSTILE, title: HOSTILE }),
      told('persian', {
        step: 'fulfilment',
        touchpoint: 'delivery',
        sentiment: 'negative',
        text: 'خیلی دیر رسید',
        language: 'fa',
      }),
      told('news', { step: 'none', touchpoint: 'none', text: 'Shares rose.' }),
      told('unsure', { step: null, touchpoint: null, sentiment: null, text: 'Hm.' }),
      told('old', { step: 'use', touchpoint: 'store', sentiment: 'neutral', daysAgo: 100, text: 'Long ago.' }),
    ]);
  });
  afterAll(() => world.close());

  it('says whose journey it is, how much of it, and from when to when', async () => {
    const { response, html } = await world.page('/');
    expect(response.status).toBe(200);
    expect(html.startsWith('<!doctype html><html lang="en">')).toBe(true);
    expect(html).toContain('<h1>Northwind · Südwind</h1>');
    expect(html).toContain('5 mentions, 29 Jun 2026 to 29 Jun 2026');
    expect((await world.page('/?period=all')).html).toContain('6 mentions, 22 Mar 2026');
  });

  it('shows every cell with count, feeling in a word and leading pain, and leads to its voices', async () => {
    const { html } = await world.page('/');
    const cell = /<a class="place mood-0" href="\/\?stage=purchase&amp;touchpoint=point_of_sale#voices".*?<\/a>/s.exec(
      table(html),
    )![0];
    expect(cell.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')).toContain('1 mention, −1.00 frustrated Payment');
    const behind = await world.page('/?stage=purchase&touchpoint=point_of_sale');
    expect(voices(behind.html)).toEqual(['Card declined twice, chocolate was late too.']);
    expect(behind.html).toContain('Voices: Purchase · Point of sale');
    expect(table(behind.html)).toContain('aria-current="true"');
    expect(table(behind.html)).toContain('Delivery');
  });

  it('marks the words that decided, whole words only', async () => {
    const { html } = await world.page('/?stage=purchase');
    expect(html).toContain('Card <mark>declined</mark> twice, chocolate was <mark>late</mark> too.');
    expect(html).toContain('<mark>Declined</mark>!');
  });

  it('counts and links what stands on no stage', async () => {
    const { html } = await world.page('/');
    expect(html).toContain('1 about no experience');
    expect(html).toContain('1 whose step could not be told');
    expect(hrefs(html)).toEqual(expect.arrayContaining(['/?step=none#voices', '/?step=unknown#voices']));
    expect(voices((await world.page('/?step=none')).html)).toEqual(['Shares rose.']);
    expect(voices((await world.page('/?step=unknown')).html)).toEqual(['Hm.']);
  });

  it('escapes whatever strangers wrote, also in the address', async () => {
    const { html } = await world.page(`/?q=${encodeURIComponent('"><script>alert(3)</script>')}&period=all`);
    expect(html).not.toMatch(/<script|<img/i);
    const all = (await world.page('/')).html;
    expect(all).not.toMatch(/<script|<img/i);
    expect(all).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;');
    expect((await world.page('/?model=%3Cscript%3E')).html).not.toMatch(/<script/i);
  });

  it('lets every text take its own direction and says its language', async () => {
    const { html } = await world.page('/?step=fulfilment');
    expect(html).toContain('<div lang="fa" dir="auto"><blockquote dir="auto">خیلی دیر رسید</blockquote></div>');
  });

  it('needs no script, style or picture from anywhere, and no inline style', async () => {
    const { response, html } = await world.page('/');
    expect(html).not.toMatch(/<style|<script|<[^>]+\s(style|on[a-z]+)=/i);
    expect(hrefs(html).filter((href) => !/^[/#]/.test(href))).toEqual(['https://example.org/1']);
    expect(response.headers.get('content-security-policy')).toContain("style-src 'self'");
    const sheet = await world.page('/styles.css');
    expect(sheet.response.headers.get('content-type')).toContain('text/css');
    expect(sheet.html).not.toContain('url(');
  });

  it('links to the original without lending it our name', async () => {
    const { html } = await world.page('/?stage=purchase');
    expect(html).toContain('<a href="https://example.org/1" rel="nofollow noopener noreferrer">');
  });

  it('keeps filters, model and period in every link and offers what there is', async () => {
    const { html } = await world.page('/?model=sale&period=30&source=shop');
    const cell = hrefs(html).find((href) => href.includes('touchpoint=point_of_sale') && href.includes('stage='))!;
    expect(Object.fromEntries(new URL(cell, 'http://localhost').searchParams)).toEqual({
      model: 'sale',
      period: '30',
      source: 'shop',
      stage: 'engagement',
      touchpoint: 'point_of_sale',
    });
    expect(html).toContain('<option value="fa">Persian</option>');
    expect(html).toMatch(/<option value="shop" selected="[^"]*">shop<\/option>/);
    expect(html).toMatch(/<a href="[^"]*" aria-current="page">Sale<\/a>/);
  });

  it('explains a wrong address in words', async () => {
    const { response, html } = await world.page('/?modle=sale');
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('Did you mean &quot;model&quot;?');
    expect((await world.page('/?stage=nowhere')).html).toContain('Known: awareness, consideration');
  });

  it('takes a form sent with empty fields', async () => {
    const { response, html } = await world.page('/?model=funnel&period=all&source=&language=&sentiment=&q=');
    expect(response.status).toBe(200);
    expect(html).toContain('6 mentions');
  });

  it('shows troubled sources and failed notices with their reasons', async () => {
    const { html } = await world.page('/');
    expect(html).toContain('No entry. Renew it.');
    expect(html).toContain('2 items could not be taken');
    expect(html).toContain('That channel is gone.');
  });

  it('gives tables scoped headers, a caption, and a link past the head', async () => {
    const { html } = await world.page('/');
    expect(table(html)).not.toMatch(/<th(?! scope="(col|row|rowgroup)")[ >]/);
    expect(table(html)).toContain('<caption');
    expect(html).toMatch(/<body><a class="skip" href="#content">/);
    expect(html).toContain('<main id="content">');
    const label = /<svg class="wide-only"[^>]*role="img" aria-label="([^"]*)"/.exec(html)![1];
    expect(label).toContain('Purchase: −1.00 frustrated, 1 mention');
  });
});

describe('a page of an empty store', () => {
  it('says that nothing has been collected yet and what to do', async () => {
    const world = await openPage([]);
    const { response, html } = await world.page('/');
    expect(response.status).toBe(200);
    expect(html).toContain('Nothing has been collected yet');
    expect(html).toContain('npx earshot check --live');
    expect(html).not.toContain('<table');
    world.close();
  });
});

describe('voices', () => {
  it('are paged with next, each once, newest first', async () => {
    const world = await openPage(
      Array.from({ length: 45 }, (_, index) =>
        told(`m${index}`, { step: 'use', daysAgo: index / 2, text: `T${index}` }),
      ),
    );
    const seen: string[] = [];
    let path: string | undefined = '/?step=use';
    for (let pages = 0; path !== undefined && pages < 5; pages++) {
      const { html } = await world.page(path);
      seen.push(...voices(html));
      path = hrefs(html).find((href) => href.includes('cursor='));
    }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, index) => `T${index}`));
    world.close();
  });

  it('never link to an address that is not of the web', async () => {
    const urls = ['javascript:alert(1)', 'data:text/html,x', 'https://example.org/fine'];
    const world = await openPage(urls.map((url, index) => told(`u${index}`, { url, text: `U${index}` })));
    const { html } = await world.page('/');
    expect(voices(html)).toHaveLength(3);
    expect(hrefs(html).filter((href) => !/^[/#]/.test(href))).toEqual(['https://example.org/fine']);
    world.close();
  });
});

const feeling = (count: number, daysAgo: number, sentiment: 'negative' | 'positive', step: 'purchase' | 'use') =>
  Array.from({ length: count }, (_, index) =>
    told(`${step}-${sentiment}-${daysAgo}-${index}`, { step, touchpoint: 'website', sentiment, daysAgo }),
  );

describe('what changed', () => {
  it('names a stage that got worse of late before anything else, and stays quiet about noise', async () => {
    const world = await openPage([
      ...feeling(30, 60, 'positive', 'purchase'),
      ...feeling(30, 60, 'negative', 'purchase'),
      ...feeling(30, 3, 'negative', 'purchase'),
      ...feeling(30, 60, 'positive', 'use'),
      ...feeling(10, 3, 'positive', 'use'),
    ]);
    const { html } = await world.page('/');
    const troubles = /<p class="troubles">.*?<\/p>/s.exec(html)![0].replace(/<[^>]+>/g, '');
    expect(troubles).toBe('Worse in the last 21 days: Purchase −1.00');
    expect(html).toMatch(/card card-worse.*?Purchase/s);
    expect(html).toContain('last 21 days: 1.4 a day, before 1.5 a day');
    expect((await world.page('/?sentiment=positive')).html).not.toContain('class="troubles"');
    world.close();
  });
});

describe('highlight', () => {
  it('loses no character and marks longest first without overlap', () => {
    const pieces = highlight('Never again! NEVER, nevertheless.', ['never', 'never again', '', ' ']);
    expect(pieces.map(({ text }) => text).join('')).toBe('Never again! NEVER, nevertheless.');
    expect(pieces.filter(({ marked }) => marked).map(({ text }) => text)).toEqual(['Never again', 'NEVER']);
  });

  it('finds words of scripts without case, and stays right where lower case changes length', () => {
    expect(highlight('خیلی دیر رسید', ['دیر'])[1]).toEqual({ text: 'دیر', marked: true });
    const turkish = highlight('İyi değil', ['değil']);
    expect(turkish.map(({ text }) => text).join('')).toBe('İyi değil');
    expect(turkish.at(-1)).toEqual({ text: 'değil', marked: true });
  });
});

describe('the colours', () => {
  const [light, dark] = styles.split('@media (prefers-color-scheme: dark)') as [string, string];
  const pairs = [
    ...[0, 1, 2, 3, 4].map((mood) => [`on-${mood}`, `mood-${mood}`]),
    ...['ink', 'quiet', 'accent', 'bad', 'good'].flatMap((name) => [
      [name, 'sheet'],
      [name, 'ground'],
    ]),
    ['ground', 'accent'],
    ['ink', 'mark'],
  ] as [string, string][];

  it.each([
    ['light', light],
    ['dark', dark],
  ])('of the %s scheme have a contrast of at least 4.5', (_, sheet) => {
    const colour = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(sheet)![1]!;
    const weak = pairs.filter(([text, ground]) => contrast(colour(text), colour(ground)) < 4.5);
    expect(weak).toEqual([]);
  });
});

/** WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [dark, bright] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
