import type { Json } from './queue.ts';
import type { LabelChanges } from './labels.ts';
import type { Mention } from './mention.ts';
import type { Dimension, MentionQuery } from './query.ts';

/** What became of one mention, in the order of the input. */
export type PutOutcome =
  | {
      id: string;
      outcome: 'new' | 'changed' | 'same';
      /** When it was first collected: kept from the first time it was stored. */
      collectedAt: string;
    }
  | { id: string; outcome: 'refused'; reason: string }
  /** Erased on request; it stays so. */
  | { id: string; outcome: 'erased' };

export interface SearchOptions {
  /** 1…200. */
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface SearchPage {
  total: number;
  mentions: Mention[];
  next?: string;
}

export interface Count {
  /** One value per asked dimension, `null` = could not tell. */
  key: (string | null)[];
  count: number;
}

/** A count with its sentiment beside it. */
export interface Bucket extends Count {
  negative: number;
  neutral: number;
  positive: number;
}

/** Something that happened to a mention, for whoever follows along. */
export type Change =
  | { eventId: string; kind: 'stored'; mentionId: string; mention: Mention }
  | { eventId: string; kind: 'erased'; mentionId: string };

export interface ChangePage {
  changes: Change[];
  /** Give it back as `after`; the same as before when nothing is new. */
  next: string;
}

/** By what mentions are told to belong to the same traveller on the journey. */
export const TRAVELLERS = ['author', 'thread'] as const;
export type TravellerKind = (typeof TRAVELLERS)[number];

/** One mention that has a step, as a station of somebody's journey. */
export interface Visit {
  /** The author's id, or source and thread. */
  traveller: string;
  at: string;
  step: string;
  /** `null` = could not tell. */
  touchpoint: string | null;
  sentiment: string | null;
  outcome: string | null;
}

export interface VisitOptions {
  by: TravellerKind;
  /** Most visits, 1…20,000. */
  limit: number;
}

export interface Visits {
  /** Traveller by traveller, each from the oldest to the newest by (`at`, `id`). */
  visits: Visit[];
  /** False where there were more: then only the first travellers are there, each of them whole. */
  complete: boolean;
}

/** Where mentions live. All drivers give the same answers to the same queries. */
export interface MentionStore {
  /**
   * Stores or updates, one document per id; the first `collectedAt` and people's `labels` are kept, and the labels stand
   * above what the enrichers judged. What was erased stays erased.
   * A refusal concerns one document only.
   */
  put(mentions: readonly Mention[]): Promise<PutOutcome[]>;
  /** Changes what people say against the judgements of a mention, which is handed over as its enrichers see it now. */
  label(mention: Mention, changes: LabelChanges): Promise<PutOutcome>;
  get(id: string): Promise<Mention | undefined>;
  /** Newest first by (`at`, `id`). Each id comes once over all pages, also while writes go on. */
  search(query: MentionQuery, options: SearchOptions): Promise<SearchPage>;
  /**
   * The newest mentions with a folded word, up to `limit` (1…200) of them, and in how many it stands, counted up to 50,000. The
   * work is bounded: where more than 5,000 have the word, a driver may look only at those that it took in last.
   */
  newestWith(word: string, limit: number): Promise<Omit<SearchPage, 'next'>>;
  /**
   * How many mentions a query finds of each of these stories, up to 200 of them, whether or not it folds stories; those
   * of which it finds none are left out.
   */
  countStories(query: MentionQuery, stories: readonly string[]): Promise<Map<string, number>>;
  /** Exact counts by up to three dimensions; a mention counts once per value of a many-valued dimension. */
  aggregate(query: MentionQuery, dimensions: readonly Dimension[]): Promise<Bucket[]>;
  /** Counts alone, by several lists of dimensions at once, all of one moment; as exact and in the same order. */
  countAll(query: MentionQuery, lists: readonly (readonly Dimension[])[]): Promise<Count[][]>;
  /**
   * The newest of every place on the journey (step and touchpoint), up to `perPlace` (1…20) of each, newest first by
   * (`at`, `id`). What has no step is at no place.
   */
  newestByPlace(query: MentionQuery, perPlace: number): Promise<Mention[]>;
  /**
   * Who was where on the journey, and what next. Of a traveller with more than `limit` visits, who is told alone, the
   * later ones are left out.
   */
  visits(query: MentionQuery, options: VisitOptions): Promise<Visits>;
  /** What was stored, changed or erased after that point, oldest first; a mention appears with its newest state. */
  changes(after: string | undefined, limit: number): Promise<ChangePage>;
  /** Erases for good and remembers only the id, so that the next poll does not bring it back. Gives the number erased. */
  forget(ids: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export interface StateEntry {
  key: string;
  value: Json;
  /** Opaque; give it to `set` to write only if nobody else has. */
  version: string;
}

export type NewEntry = Pick<StateEntry, 'key' | 'value'>;

export interface ListOptions {
  limit?: number | undefined;
  /** Go on behind this key. */
  after?: string | undefined;
  /** Keys descending. */
  reverse?: boolean | undefined;
}

/** Small values with compare-and-set: cursors, health, subscriptions, the notification log. */
export interface StateStore {
  get(key: string): Promise<StateEntry | undefined>;
  /**
   * Writes and gives the new version. `expected` = the version that must still be there, `null` = the key must not
   * exist, absent = whatever is there. Gives `null` where that does not hold and nothing was written.
   */
  set(key: string, value: Json, expected?: string | null): Promise<string | null>;
  /** What stands under many keys at once, in their order; what is missing is left out. */
  getAll(keys: readonly string[]): Promise<StateEntry[]>;
  /** Writes each entry whose key does not exist yet, and gives what stands under all of them then, in their order. */
  addAll(entries: readonly NewEntry[]): Promise<StateEntry[]>;
  delete(key: string): Promise<boolean>;
  /** Entries whose key begins with `prefix`, by key. */
  list(prefix: string, options?: ListOptions): Promise<StateEntry[]>;
  close(): Promise<void>;
}
