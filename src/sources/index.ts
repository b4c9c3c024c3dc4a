import { AppError } from '../domain/errors.ts';
import type { Source } from '../domain/source.ts';
import { didYouMean } from '../text/nearest.ts';
import { appStore } from './app-store.ts';
import { bluesky } from './bluesky.ts';
import { chatwoot } from './chatwoot.ts';
import { discourse } from './discourse.ts';
import { file } from './file.ts';
import { formbricks } from './formbricks.ts';
import { freshdesk } from './freshdesk.ts';
import { googleBusiness } from './google-business.ts';
import { googlePlay } from './google-play.ts';
import { hackerNews } from './hacker-news.ts';
import { httpJson } from './http-json.ts';
import { hubspot } from './hubspot.ts';
import { imap } from './imap.ts';
import { inbound } from './inbound.ts';
import { intercom } from './intercom.ts';
import { mastodon } from './mastodon.ts';
import { questionpro } from './questionpro.ts';
import { reddit } from './reddit.ts';
import { rss } from './rss.ts';
import { slack } from './slack.ts';
import { stackExchange } from './stack-exchange.ts';
import { surveymonkey } from './surveymonkey.ts';
import { telegram } from './telegram.ts';
import { trustpilot } from './trustpilot.ts';
import { typeform } from './typeform.ts';
import { x } from './x.ts';
import { youtube } from './youtube.ts';
import { zammad } from './zammad.ts';
import { zendesk } from './zendesk.ts';

/** Every kind of place that can be listened to. A new one is a file here, a line here and its fixtures. */
export const SOURCES: readonly Source[] = [
  rss,
  appStore,
  googlePlay,
  trustpilot,
  googleBusiness,
  mastodon,
  bluesky,
  reddit,
  hackerNews,
  youtube,
  x,
  discourse,
  stackExchange,
  telegram,
  slack,
  zendesk,
  freshdesk,
  intercom,
  zammad,
  chatwoot,
  hubspot,
  imap,
  typeform,
  questionpro,
  surveymonkey,
  formbricks,
  file,
  httpJson,
  inbound,
];

/** The source of that type. Throws `USAGE` that names the known ones where there is none. */
export function sourceOf(type: string): Source {
  const found = SOURCES.find((source) => source.type === type);
  if (found) return found;
  const known = SOURCES.map((source) => source.type);
  throw new AppError('USAGE', `"${type}" is no type of source.${didYouMean(type, known)}`, {
    fix: `Known: ${known.join(', ')}.`,
  });
}
