import { remember } from './remember.ts';

/** A folded word. While it is remembered, it is the same object in every text, so that what is found out stays with it. */
export interface Word {
  readonly term: string;
  /** What `notedBy` found out, by its place. */
  [note: number]: unknown;
}

/** So many words are kept. */
const KEPT = 50_000;

export const wordOf = remember(KEPT, (term): Word => ({ term }));

let kinds = 0;

/**
 * Keeps with each word what `make` says of it. `make` must give the same for the same term and never `undefined`.
 * To be called few times: every call takes a place in the notes of all words.
 */
export function notedBy<T>(make: (term: string) => T): (word: Word) => T {
  const place = kinds++;
  return (word) => (word[place] ?? (word[place] = make(word.term))) as T;
}
