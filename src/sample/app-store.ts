import type { SampleMention } from './world.ts';

const PAGE = 50;
/** In which country's store the speakers of a language review. */
const COUNTRIES: Record<string, string> = { en: 'gb', fa: 'de' };

const label = (text: string) => ({ label: text });

/** Customer-review feed of one country, newest first, in the JSON spelling of Apple's RSS generator. */
export function customerReviews(world: readonly SampleMention[], country: string, page: number, app: string): unknown {
  const here = world.filter(({ language }) => (COUNTRIES[language] ?? language) === country).toReversed();
  const reviews = here.slice((page - 1) * PAGE, page * PAGE);
  return {
    feed: {
      author: { name: label('iTunes Store'), uri: label('http://www.apple.com/itunes/') },
      title: label('iTunes Store: Customer Reviews'),
      id: label(
        `https://itunes.apple.com/${country}/rss/customerreviews/page=${page}/id=${app}/sortby=mostrecent/json`,
      ),
      ...(reviews.length === 0 ? {} : { entry: reviews.map(toEntry) }),
    },
  };
}

function toEntry(mention: SampleMention): unknown {
  const id = String(11_000_000_000 + mention.serial);
  return {
    author: {
      uri: label(`https://itunes.apple.com/reviews/id${mention.serial}`),
      name: label(mention.author),
      label: '',
    },
    updated: label(mention.said.toISOString().replace('.000Z', '+00:00')),
    'im:rating': label(String(mention.rating ?? 3)),
    'im:version': label('4.2.0'),
    id: label(id),
    title: label(mention.title ?? ''),
    content: { label: mention.text, attributes: { type: 'text' } },
    link: { attributes: { rel: 'related', href: `https://itunes.apple.com/review?id=${id}&type=Purple%20Software` } },
    'im:voteSum': label('0'),
    'im:contentType': { attributes: { term: 'Application', label: 'Application' } },
    'im:voteCount': label('0'),
  };
}
