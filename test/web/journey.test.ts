import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/journey.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { told } from '../api/world.ts';
import { hrefs, openPage, voices } from './open-page.ts';

type Page = Awaited<ReturnType<typeof openPage>>;
const by = { by: 'test@1', confidence: 1 };

/** As many mentions, with what their authors did. */
function many(count: number, name: string, facts: Parameters<typeof told>[1], outcome?: Outcome): Mention[] {
  return Array.from({ length: count }, (_, index) => {
    const mention = told(`${name}-${index}`, facts);
    const more = outcome === undefined ? {} : { outcome: { value: outcome, ...by } };
    return { ...mention, judgements: { ...mention.judgements, ...more } };
  });
}

/** What people read. */
const text = (html: string) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
const card = (html: string, stage: string) =>
  [...html.matchAll(/<li class="card card.*?(?=<li class="card card|<\/ol>)/gs)].find(([found]) =>
    found.includes(`>${stage}</a></h3>`),
  )![0];
const leaving = (html: string) => /<section aria-labelledby="leaving-title">.*?<\/section>/s.exec(html)![0];
const place = (html: string, touchpoint: string) =>
  new RegExp(`<a class="place[^>]*touchpoint=${touchpoint}[^>]*>.*?</a>`, 's').exec(html)![0];

/** Follows the links whose words match, and gives how many voices each leads to. */
async function behind(world: Page, html: string, words: RegExp) {
  const links = [...html.matchAll(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/gs)].filter(([, , link]) =>
    words.test(text(link!)),
  );
  return Promise.all(
    links.map(async ([, href]) => {
      const { html: page } = await world.page(href!.replaceAll('&amp;', '&'));
      return Number(/<h2 id="voices-title">.*?<span class="quiet">([\d,]+)</s.exec(page)![1]);
    }),
  );
}

describe('a stage', () => {
  let world: Page;
  beforeAll(async () => {
    world = await openPage([
      ...many(3, 'stays', { step: 'loyalty', sentiment: 'positive' }, 'renewed'),
      ...many(2, 'goes', { step: 'loyalty', sentiment: 'negative' }, 'churned'),
      ...many(5, 'tells', { step: 'use' }),
      ...many(1, 'other', { step: 'advocacy' }, 'renewed'),
    ]);
  });
  afterAll(() => world.close());

  it('tells its goal, and what is desired there beside what was done: how often, in which share', async () => {
    const shown = text(card((await world.page('/')).html, 'Retention'));
    expect(shown).toContain('Goal Customers get what they were promised, are helped, and stay.');
    expect(shown).toContain('Desired and done Renewed 3 (30.0 %) Purchased: nobody told of it');
    expect(shown).toContain('Also done Churned 2 (20.0 %)');
  });

  it('leads from every outcome to just the voices that were counted', async () => {
    const { html } = await world.page('/');
    expect(await behind(world, card(html, 'Retention'), /^Renewed 3/)).toEqual([3]);
    expect(await behind(world, card(html, 'Retention'), /^Churned 2/)).toEqual([2]);
    expect(text((await world.page('/?stage=retention&outcome=renewed')).html)).toContain(
      'Voices: Retention · Renewed 3',
    );
    expect(text(card((await world.page('/?stage=retention&outcome=renewed')).html, 'Retention'))).toContain(
      'Churned 2',
    );
  });

  it('without a goal and without outcomes says nothing of them', async () => {
    expect(card((await world.page('/?model=funnel')).html, 'Top of the funnel')).not.toContain('<dl');
  });
});

describe('a comparison', () => {
  let world: Page;
  beforeAll(async () => {
    world = await openPage([
      ...many(40, 'sold', { step: 'purchase', touchpoint: 'store', sentiment: 'positive', daysAgo: 40 }),
      ...many(60, 'used', { step: 'use', touchpoint: 'product', sentiment: 'positive', daysAgo: 40 }),
      ...many(20, 'asked', { step: 'awareness', touchpoint: 'press', daysAgo: 40 }),
      ...many(40, 'sold-now', { step: 'purchase', touchpoint: 'store', sentiment: 'negative', daysAgo: 3 }),
      ...many(20, 'used-now', { step: 'use', touchpoint: 'product', sentiment: 'positive', daysAgo: 3 }),
      ...many(1, 'weighed', { step: 'consideration', daysAgo: 3 }),
      ...many(7, 'long-ago', { step: 'use', touchpoint: 'product', daysAgo: 190 }),
    ]);
  });
  afterAll(() => world.close());

  it('tells in words and by a sign what rose, fell and feels worse, with the numbers of both periods', async () => {
    const { html } = await world.page('/?period=30&against=before');
    const purchase = text(card(html, 'Purchase'));
    expect(purchase).toContain('▲ Share rose +32.2 points , from 33.3 % to 65.6 %');
    expect(purchase).toContain('↘ Feels worse −2.00 , from +1.00 to −1.00');
    expect(card(html, 'Purchase')).toContain('card-worse');
    const retention = text(card(html, 'Retention'));
    expect(retention).toContain('▼ Share fell −17.2 points');
    expect(retention).toContain('→ Feels the same 0.00');
  });

  it('marks nothing that chance alone may have made, and says where too little was said', async () => {
    const { html } = await world.page('/?period=30&against=before');
    expect(card(html, 'Retention').match(/class="moved/g)).toHaveLength(1);
    expect(card(html, 'Consideration')).not.toContain('class="moved');
    expect(text(card(html, 'Consideration'))).toContain('· Share: too few to tell');
    expect(text(card(html, 'Advocacy'))).toContain('Nothing said in either period');
  });

  it('leads to the voices of either period, and from each to the other', async () => {
    const { html } = await world.page('/?period=30&against=before');
    expect(await behind(world, card(html, 'Purchase'), /^40 before$/)).toEqual([40]);
    expect(await behind(world, card(html, 'Retention'), /^60 before$/)).toEqual([60]);
    expect(await behind(world, card(html, 'Retention'), /^20 now$/)).toEqual([20]);
    expect(await behind(world, html, /^(120|61) mentions$/)).toEqual([61, 120]);
    const then = (await world.page('/?period=30&against=before&stage=retention&when=before')).html;
    expect(text(then)).toContain('Voices: Retention · 2 May 2026 to 31 May 2026 60');
    expect(await behind(world, then, /^The same in 1 Jun 2026 to 30 Jun 2026$/)).toEqual([20]);
  });

  it('marks on the map what moved, also what nobody speaks of any more', async () => {
    const { html } = await world.page('/?period=30&against=before');
    expect(text(place(html, 'store'))).toContain('▲ Share rose +32.2 points ↘ Feels worse −2.00');
    const gone = place(html, 'press');
    expect(text(gone)).toContain('▼ Not heard any more −16.7 points');
    expect(gone).toContain('when=before');
    expect(place((await world.page('/?period=30')).html, 'store')).not.toContain('moved');
    expect(/<h3>Awareness.*?<\/section>/s.exec(html)![0]).not.toContain('Nothing said here');
  });

  it('is with the same days six months ago where that is asked for', async () => {
    const { html } = await world.page('/?period=30&against=half-year');
    expect(text(html)).toContain(
      '1 Jun 2026 to 30 Jun 2026 ( 61 mentions ) against 1 Dec 2025 to 30 Dec 2025 ( 7 mentions )',
    );
    expect(html).toMatch(/<option value="half-year" selected="[^"]*">Six months ago/);
  });

  it('agrees with the API', async () => {
    const { body } = await world.get('/v1/journey?from=2026-06-01&against=before');
    const { change } = body.stages.find(({ id }: { id: string }) => id === 'purchase');
    const shares = [change.before.share, change.now.share].map((share) => `${(share * 100).toFixed(1)} %`);
    const { html } = await world.page('/?period=30&against=before');
    expect(text(card(html, 'Purchase'))).toContain(`from ${shares.join(' to ')}`);
    expect(change).toMatchObject({ change: 'rose', mood: { trend: 'worse' } });
  });

  it('says why there is none: of all time, or with an empty period', async () => {
    const all = (await world.page('/?period=all&against=before')).html;
    expect(text(all)).toContain('All time has no time before it');
    expect(text(card(all, 'Purchase'))).toContain('last 21 days');
    const empty = (await world.page('/?period=30&against=before&q=nothing')).html;
    expect(text(empty)).toContain('Where nothing was said, nothing can be compared.');
    expect(empty).not.toContain('class="moved');
  });
});

describe('personas', () => {
  const mentions = [
    ...many(2, 'app', { step: 'use', touchpoint: 'mobile_app', text: 'App.' }),
    ...many(1, 'shop', { step: 'use', touchpoint: 'store', text: 'Shop.' }),
  ];

  it('narrow the whole page, and stay chosen in its links', async () => {
    const world = await openPage(mentions, [
      { id: 'app-users', name: 'کاربران <app>', query: { touchpoint: ['mobile_app'] } },
    ]);
    const { html } = await world.page('/?persona=app-users');
    expect(html).toContain('2 mentions, ');
    expect(voices(html)).toEqual(['App.', 'App.']);
    expect(html).toMatch(/<option value="app-users" selected="[^"]*">کاربران &lt;app&gt;<\/option>/);
    expect(hrefs(html).filter((href) => href.includes('stage=') && !href.includes('persona=app-users'))).toEqual([]);
    expect((await world.page('/')).html).toContain('3 mentions, ');
    expect((await world.page('/?persona=app-user')).html).toContain('Did you mean &quot;app-users&quot;?');
    world.close();
  });

  it('are not offered where there are none', async () => {
    const world = await openPage(mentions);
    expect((await world.page('/')).html).not.toContain('name="persona"');
    world.close();
  });
});

describe('who is likely to leave', () => {
  const unhappy = { sentiment: 'negative', step: 'loyalty' } as const;
  const by7 = Array.from({ length: 7 }, (_, index) =>
    many(1, `gone-${index}`, { ...unhappy, daysAgo: index + 1, author: { id: `anon_g${index}` } }, 'churned'),
  ).flat();

  it('is told with level, time and reasons, each leading to all that they said', async () => {
    const author = { id: 'a,b/ü?', name: 'مریم <b>' };
    const world = await openPage([
      ...many(1, 'leaves', { ...unhappy, author, source: 'desk', text: 'میرم' }, 'churned'),
      ...many(1, 'liked', { step: 'use', sentiment: 'positive', daysAgo: 200, author, text: 'خوب بود' }),
      ...many(1, 'warns', { ...unhappy, author: { id: 'anon_0123456789' } }),
      ...many(1, 'fine', { sentiment: 'positive', step: 'use', author: { id: 'happy' } }),
    ]);
    const shown = leaving((await world.page('/')).html);
    expect(text(shown)).toContain(
      'مریم &lt;b&gt; Has left since 29 Jun 2026, 2 mentions, last in desk Told of leaving, or of never coming back.',
    );
    expect(text(shown)).toContain('Author 01234567 May leave');
    expect(shown).toContain('<bdi>مریم');
    expect(shown.match(/<h3>/g)).toHaveLength(2);
    // Whom one can still keep comes first.
    expect(text(shown)).toMatch(/May leave.*Has left/su);
    const href = hrefs(shown)[1]!;
    const { html } = await world.page(href);
    expect(voices(html)).toEqual(['میرم', 'خوب بود']);
    expect(html).toContain('Voices: <bdi>مریم &lt;b&gt;</bdi> <span class="quiet">2</span>');
    expect(html).toContain('3 mentions, ');
    expect(hrefs(html)).toContain('/#voices');
    world.close();
  });

  it('names the five most at risk of whom the filter finds something', async () => {
    const world = await openPage(by7);
    const named = (html: string) => [...leaving(html).matchAll(/<bdi>Author (g\d)/g)].map(([, id]) => id);
    const { body } = await world.get('/v1/risks?limit=5');
    const first = body.risks.map(({ author }: { author: string }) => author.replace('anon_', ''));
    expect(named((await world.page('/')).html)).toEqual(first);
    expect(named((await world.page('/?stage=purchase')).html)).toEqual(first);
    expect(named((await world.page('/?q=gone-6')).html)).toEqual(['g6']);
    world.close();
  });

  it('is nobody where nobody is at risk, in words', async () => {
    const world = await openPage([
      ...many(1, 'pleased', { step: 'use', sentiment: 'positive', author: { id: 'happy' } }),
      ...many(1, 'low', { step: 'use', sentiment: 'negative', author: { id: 'calm' }, pains: ['price'] }),
      ...many(1, 'unnamed', unhappy, 'churned'),
    ]);
    const shown = leaving((await world.page('/')).html);
    expect(text(shown)).toContain('Nobody is likely to leave, as far as what was found here tells.');
    expect(text(shown)).toContain('Words that name no author are left out here.');
    expect(shown).not.toContain('<li');
    world.close();
  });
});
