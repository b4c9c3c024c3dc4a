import { readFileSync } from 'node:fs';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { appStorePlatform } from './platforms.ts';

const xml = { contentType: 'application/xml', url: 'https://fretboard.example/feed.xml' };
const rss2 = readFileSync(new URL('../fixtures/sources/rss/rss2.xml', import.meta.url));

sourceContract(sourceOf('rss'), {
  wire: [
    { file: 'rss2.xml', ...xml },
    { file: 'atom.xml', contentType: 'application/atom+xml' },
    { file: 'rdf.xml' },
    { file: 'feed.json', contentType: 'application/feed+json' },
  ],
  broken: [
    { name: 'nothing', body: '', says: /but nothing came/ },
    { name: 'JSON of another kind', body: '{"posts": []}', says: /JSON/ },
    { name: 'XML of another kind', body: '<opml><body/></opml>', says: /XML document/ },
    { name: 'words', body: 'Service unavailable', says: /text that begins "Service unavailable"/ },
  ],
  undated: [
    {
      name: 'days, words, impossible days and missing zones',
      body: `<rss><channel>${[
        '2026-02-01',
        'yesterday',
        'Mon, 30 Feb 2026 10:00:00 GMT',
        '2026-02-01T10:00:00',
        'Mon, 02 Feb 2026 10:00:00 CEST',
        '01/02/2026',
      ]
        .map((date) => `<item><title>${date}</title><pubDate>${date}</pubDate></item>`)
        .join('')}</channel></rss>`,
    },
  ],
});

platformContract(sourceOf('rss'), {
  options: (base) => ({ url: `${base}/feed.xml?key=rss-secret-1` }),
  reply: () => ({ body: rss2, headers: { 'content-type': 'application/rss+xml' } }),
  ids: [
    'fretboard-1042',
    'https://fretboard.example/blog/2026/repair-desk',
    'https://fretboard.example/blog/2026/open-evening',
  ],
  secrets: ['rss-secret-1'],
});

/** Further apart than the overlap, so that a mark that is moved too early costs reviews. */
const reviews = [
  ...[1, 2, 3, 4, 5].map((day) => ({ id: `80${day}`, at: `2025-0${day}-15T08:00:00-07:00`, country: 'gb' })),
  ...[1, 2, 3].map((day) => ({ id: `90${day}`, at: `2025-0${day}-20T08:00:00-07:00`, country: 'ro' })),
];
const appEntry = (fields: object) =>
  JSON.stringify({
    feed: { entry: { id: { label: '1' }, 'im:rating': { label: '4' }, content: { label: 'fine' }, ...fields } },
  });

sourceContract(sourceOf('app-store'), {
  wire: [
    { file: 'reviews.json' },
    { file: 'one-review.json' },
    { file: 'empty.json' },
    { file: 'reviews.xml', contentType: 'text/xml' },
  ],
  broken: [
    { name: 'nothing', body: '', says: /nothing/ },
    { name: 'JSON of another kind', body: '{"results": []}', says: /JSON of another kind/ },
    { name: 'JSON that breaks off', body: '{"feed": {"entry": [', says: /broken or cut off/ },
  ],
  undated: [
    { name: 'a day only', body: appEntry({ updated: { label: '2026-02-01' } }) },
    { name: 'no date', body: appEntry({}) },
  ],
});

platformContract(sourceOf('app-store'), {
  options: (base) => ({ app: '990000001', countries: ['gb', 'ro'], baseUrl: base }),
  reply: appStorePlatform(reviews),
  ids: reviews.map(({ id }) => id),
  secrets: [],
});

sourceContract(sourceOf('file'), {
  wire: [
    { file: 'answers.csv', endIsTold: false },
    { file: 'answers.jsonl', endIsTold: false },
    { file: 'answers.xlsx', url: 'https://velmora.example/answers.xlsx' },
  ],
  broken: [{ name: 'a table without words', body: 'a;b\n1;2\n', says: /no column "text"; the columns are: a;b/ }],
  undated: [{ name: 'a day in local order', body: 'text,date\nhello,01/02/2026\n' }],
});
