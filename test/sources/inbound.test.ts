import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/sources/index.ts';
import { sourceContract } from '../contracts/source.ts';

const inbound = sourceOf('inbound');
sourceContract(inbound, {
  wire: [{ file: 'one.json' }, { file: 'list.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'a number', body: '7', says: /JSON of another kind/ },
  ],
  undated: [
    { name: 'words', body: '[{"text":"a","date":"soon"},{"text":"b"},{"text":"c","date":"2026-02-31T10:00:00Z"}]' },
  ],
});

describe('inbound', () => {
  it('needs a secret that is long enough', () => {
    expect(inbound.options.safeParse({ secret: 'short' }).success).toBe(false);
    expect(inbound.options.safeParse({}).success).toBe(false);
  });

  it('finds the facts where the map says', () => {
    const options = inbound.options.parse({
      secret: 'x'.repeat(16),
      items: 'data.answers',
      map: { text: 'said[0].value', author: "who['the id']", attributes: { plan: 'meta.plan', none: 'meta.none' } },
      html: true,
      ratingRange: { from: 0, to: 10 },
      channel: 'survey',
    });
    const body = Buffer.from(
      JSON.stringify({
        data: {
          answers: [
            {
              id: 1,
              said: [{ value: '<p>Fine &amp; good</p>' }],
              who: { 'the id': 7 },
              rating: 10,
              meta: { plan: 'pro' },
            },
          ],
        },
      }),
    );
    const request = { method: 'POST', url: 'http://x/', headers: {}, body };
    expect(inbound.push!.read(request, options).items).toEqual([
      {
        externalId: '1',
        channel: 'survey',
        text: 'Fine & good',
        author: { id: '7' },
        rating: 5,
        attributes: { plan: 'pro' },
      },
    ]);
  });

  it('a path never leaves the answer', () => {
    const options = inbound.options.parse({
      secret: 'x'.repeat(16),
      map: { text: 'constructor.name', id: '__proto__.x' },
    });
    const request = { method: 'POST', url: 'http://x/', headers: {}, body: Buffer.from('{"text":"a"}') };
    expect(inbound.push!.read(request, options)).toMatchObject({
      items: [],
      refused: [{ where: 'item 1', reason: 'It has no words.' }],
    });
  });
});
