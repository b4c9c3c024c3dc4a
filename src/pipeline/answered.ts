import type { Mention } from '../domain/mention.ts';
import type { MentionStore } from '../domain/store.ts';

/** A turn of the brand's own people in a conversation. `at` is ISO 8601 with a zone. */
export interface Answered {
  thread: string;
  at: string;
}

const PAGE = 200;

/**
 * Marks what customers said in these conversations before the brand's turn as answered. Safe to repeat; what arrives
 * later is not answered yet.
 */
export async function markAnswered(
  source: string,
  answers: readonly Answered[],
  mentions: Pick<MentionStore, 'search' | 'put'>,
): Promise<void> {
  for (const { thread, at } of answers) {
    let cursor: string | undefined;
    do {
      const page = await mentions.search({ source: [source], thread: [thread] }, { limit: PAGE, cursor });
      await mentions.put(
        page.mentions.filter((mention) => isNews(mention, at)).map((one) => ({ ...one, answeredAt: at })),
      );
      cursor = page.next;
    } while (cursor !== undefined);
  }
}

function isNews({ at, answeredAt }: Mention, answer: string): boolean {
  const time = Date.parse(answer);
  return Date.parse(at) <= time && (answeredAt === undefined || Date.parse(answeredAt) < time);
}
