import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { customerReviews } from './app-store.ts';
import { forumRss, newsAtom } from './feeds.ts';
import { tagTimeline } from './mastodon.ts';
import type { SampleMention, Via } from './world.ts';
import { incrementalTickets } from './zendesk.ts';

/** A small server that speaks the wire formats of the platforms, so that the real connectors have something to pull. */
export function createSampleServer(world: readonly SampleMention[]): Hono {
  const via = (wanted: Via) =>
    world.filter((mention) => mention.via === wanted).map((mention, serial) => ({ ...mention, serial }));
  const [posts, reviews, tickets] = [via('mastodon'), via('app-store'), via('zendesk')];
  const [forum, news] = [forumRss(via('forum')), newsAtom(via('news'))];
  const app = new Hono();
  app.get('/api/v1/timelines/tag/velmora', (context) => {
    const { statuses, link } = tagTimeline(posts, new URL(context.req.url));
    return context.json(statuses, 200, link === undefined ? {} : { Link: link });
  });
  app.get(
    '/:country{[a-z]{2}}/rss/customerreviews/:page{page=[0-9]+}/:id{id=[0-9]+}/sortby=mostrecent/json',
    (context) => {
      const { country, page, id } = context.req.param();
      return context.json(
        customerReviews(reviews, country, Number(page.slice('page='.length)), id.slice('id='.length)) as object,
      );
    },
  );
  app.get('/api/v2/incremental/tickets/cursor.json', (context) =>
    context.json(incrementalTickets(tickets, new URL(context.req.url)) as object),
  );
  app.get('/forum/rss.xml', (context) => feed(context, forum, 'application/rss+xml; charset=utf-8'));
  app.get('/news/atom.xml', (context) => feed(context, news, 'application/atom+xml; charset=utf-8'));
  return app;
}

/** With a validator, so that the next poll costs a line. */
function feed(context: Context, body: string, contentType: string): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  if (context.req.header('if-none-match') === etag) return context.body(null, 304, { ETag: etag });
  return context.body(body, 200, { 'Content-Type': contentType, ETag: etag });
}

export interface RunningSample {
  url: string;
  close(): Promise<void>;
}

/** Serves on a free port of the loopback interface. */
export function startSample(world: readonly SampleMention[]): Promise<RunningSample> {
  return new Promise((resolve) => {
    const server = serve(
      { fetch: createSampleServer(world).fetch, port: 0, hostname: '127.0.0.1' },
      (address: AddressInfo) =>
        resolve({
          url: `http://127.0.0.1:${address.port}`,
          close: () => new Promise((done) => server.close(() => done())),
        }),
    );
  });
}
