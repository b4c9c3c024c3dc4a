import { describe, expect, it } from 'vitest';
import type { Asked, Reply } from '../net/server.ts';
import { NOW, answerBy, json, pull, secondsOf, server } from './social-platforms.ts';

describe('telegram', () => {
  const options = { token: '1:t', baseUrl: server.base };
  const message = (id: number, fields: object = {}) => ({
    update_id: 700 + id,
    message: {
      message_id: id,
      date: secondsOf(NOW),
      chat: { id: -1 },
      from: { id: 5 },
      text: `words ${id}`,
      ...fields,
    },
  });
  /** Forgets what lies before the number that it is asked for, as the platform does. */
  function forgetting(kept: { update_id: number }[], size = 100) {
    return ({ body }: Asked): Reply => {
      const { offset = 0, limit } = JSON.parse(body) as { offset?: number; limit: number };
      while (kept.length > 0 && kept[0]!.update_id < offset) kept.shift();
      return json({ ok: true, result: kept.slice(0, Math.min(limit, size)) });
    };
  }

  it('a crash before a page was taken loses none of it', async () => {
    const kept = Array.from({ length: 150 }, (_, index) => message(index + 1));
    answerBy(forgetting(kept));
    const lost = await pull('telegram', options, { pages: 1 });
    // The page was handed over, but its cursor was never saved.
    const again = await pull('telegram', options);
    expect(again.ids).toHaveLength(150);
    expect(again.ids.slice(0, 100)).toEqual(lost.ids);
    await pull('telegram', options, { cursor: again.cursor });
    expect(kept).toEqual([]);
  });

  it('an edit takes the place of what it changes', async () => {
    const { message: said1 } = message(1);
    answerBy(
      forgetting([message(1), { update_id: 702, edited_message: { ...said1, edit_date: 1, text: 'edited' } } as never]),
    );
    expect((await pull('telegram', options)).words).toEqual({ '-1:1': 'edited' });
  });

  it('a message that cannot be read does not hold up those behind it', async () => {
    const kept = [message(1, { chat: null }), message(2)];
    answerBy(forgetting(kept, 1));
    const first = await pull('telegram', options);
    expect(first.pages[0]!.refused).toHaveLength(1);
    expect((await pull('telegram', options, { cursor: first.cursor })).ids).toEqual(['-1:2']);
  });

  it('begins anew after a quiet week, when the numbers may be lower', async () => {
    answerBy(forgetting([message(1)]));
    const { cursor } = await pull('telegram', options, { cursor: { offset: 9_000, at: '2026-01-13T00:00:00.000Z' } });
    expect(cursor).toEqual({ offset: 702, at: NOW });
    answerBy(forgetting([]));
    const quiet = { offset: 9_000, at: '2026-01-19T00:00:00.000Z' };
    expect((await pull('telegram', options, { cursor: quiet })).cursor).toEqual(quiet);
  });

  it('posts of the channel that the group belongs to are nobody’s words', async () => {
    answerBy(forgetting([message(1, { is_automatic_forward: true, from: { id: 777000 } }), message(2)]));
    expect((await pull('telegram', options)).ids).toEqual(['-1:2']);
  });
});
