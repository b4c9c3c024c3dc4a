import type { Parsed } from '../domain/source.ts';
import { readEntries } from './wire.ts';
import type { EntryKind } from './wire.ts';

/** A public turn of the brand's own people. `at` is ISO 8601 in UTC. */
interface Answer {
  thread: string;
  at: string;
}

/** What one turn of a conversation is to the platform. */
export interface TurnKind<T> extends EntryKind<T> {
  /** externalId of the turn, were it a customer's. */
  idOf(turn: T): string;
  threadOf(turn: T): string;
  /** ISO 8601 in UTC. */
  timeOf(turn: T): string | undefined;
  isCustomers(turn: T): boolean;
  /** Whether the platform says that it is deleted. */
  isGone(turn: T): boolean;
  /** Whether the brand's own people say something that the customer reads. */
  isAnswer(turn: T): boolean;
}

/**
 * The customers' turns among the turns of conversations.
 *
 * @param isWhole Whether all turns of the conversations came along. If not, the answers are handed on, so that they mark
 *   earlier turns too.
 * @throws {AppError} `SOURCE_SHAPE` where none of the entries is a turn.
 */
export function mentionsOfTurns<T>(entries: readonly unknown[], kind: TurnKind<T>, isWhole: boolean): Parsed {
  const turns: T[] = [];
  const draft = (turn: T) => {
    turns.push(turn);
    return kind.isCustomers(turn) && !kind.isGone(turn) ? kind.draft(turn) : undefined;
  };
  const parsed = readEntries(entries, { ...kind, draft });
  const gone = turns.filter((turn) => kind.isCustomers(turn) && kind.isGone(turn)).map(kind.idOf);
  const answers = turns
    .filter((turn) => kind.isAnswer(turn) && !kind.isGone(turn))
    .flatMap((turn) => {
      const at = kind.timeOf(turn);
      return at === undefined ? [] : [{ thread: kind.threadOf(turn), at }];
    });
  return threaded({ ...parsed, ...(gone.length > 0 && { gone }) }, answers, isWhole);
}

/**
 * Puts the customers' turns of conversations in order: each replies to the one before it, and knows the latest answer
 * that came after it.
 */
function threaded(parsed: Parsed, answers: readonly Answer[], isWhole: boolean): Parsed {
  const last = latestOf(answers);
  const earlier = new Map<string, string>();
  const inOrder = parsed.items.toSorted((one, other) => timeOf(one.publishedAt) - timeOf(other.publishedAt));
  const items = inOrder.map((item) => {
    const { thread, publishedAt } = item;
    if (thread === undefined) return item;
    const replyTo = earlier.get(thread);
    earlier.set(thread, item.externalId);
    const answer = last.get(thread);
    const isAnswered = answer !== undefined && timeOf(answer) >= timeOf(publishedAt);
    return { ...item, ...(replyTo !== undefined && { replyTo }), ...(isAnswered && { answeredAt: answer }) };
  });
  const answered = [...last].map(([thread, at]) => ({ thread, at }));
  return { ...parsed, items, ...(!isWhole && answered.length > 0 && { answered }) };
}

/** What has no date stands at the end, where nothing is known to have answered it. */
const timeOf = (at: string | undefined) => (at === undefined ? Number.MAX_VALUE : Date.parse(at));

function latestOf(answers: readonly Answer[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const { thread, at } of answers) {
    const known = last.get(thread);
    if (known === undefined || Date.parse(known) < Date.parse(at)) last.set(thread, at);
  }
  return last;
}
