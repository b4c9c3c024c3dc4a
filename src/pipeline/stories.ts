import { createHmac } from 'node:crypto';
import { searchText } from '../domain/mention.ts';
import type { Channel, Mention } from '../domain/mention.ts';
import type { NewEntry, StateStore } from '../domain/store.ts';
import { groupBy } from '../enrich/group.ts';
import { isTelling, keysOf, ownTerms, packSketch, sketchOf, tellsTheSame, unpackSketch } from '../text/near.ts';
import type { Sketch } from '../text/near.ts';

export interface StoryPorts {
  /** Which story is known by which trace: hashes under the house's key and ids, no words. */
  stories: Pick<StateStore, 'getAll' | 'addAll'>;
  personKey: Buffer;
}

/** By what a mention is found again when others tell the same. */
interface Trace {
  /** Whoever has one of these tells the same, word for word. */
  exact: string[];
  /** Whoever has one of these may tell the same: the sketches decide. */
  near: string[];
  sketch?: Sketch;
}

/**
 * Gives each mention that tells what another one told before the id of that one as its `story`. All that is kept is
 * seven short entries and a sketch per mention, written once and never changed: so a mention that comes again, in
 * whatever batch, gets the same story again.
 */
export async function withStories(mentions: readonly Mention[], ports: StoryPorts): Promise<Mention[]> {
  const keyed = keyedHash(ports.personKey);
  const told = mentions.map((mention) => ({ mention, trace: traceOf(mention, keyed) }));
  const index = await openIndex(
    told.flatMap(({ trace }) => [...trace.exact, ...trace.near]),
    ports.stories,
  );
  const entered = told.map(({ mention, trace }) => index.enter(trace, mention.id));
  const isFinal = await index.save();
  return told.map(({ mention, trace }, place) => {
    const story = isFinal ? entered[place]! : index.storyOf(trace, mention.id);
    return story === mention.id ? mention : { ...mention, story };
  });
}

interface Keyed {
  seed: number;
  hash(text: string): string;
}

function keyedHash(key: Buffer): Keyed {
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return { seed: digest('stories').readUInt32LE(0), hash: (text) => digest(text).toString('base64url').slice(0, 16) };
}

/** What is written to the brand or answered to it is a case of its own, however alike the words are. */
const OWN_CASES: ReadonlySet<Channel> = new Set(['ticket', 'survey']);
/** Pages that many people write on have one address, so there the same few words under it are many voices. */
const OWN_ADDRESSES: ReadonlySet<Channel> = new Set(['news', 'social']);

/** Few words are only the same story where the same author says them, or where they stand at the same address. */
function traceOf(mention: Mention, { seed, hash }: Keyed): Trace {
  const { channel, author, url } = mention;
  const words = ownTerms(searchText(mention));
  const said = words.join(' ');
  if (said === '') return { exact: [], near: [] };
  const own = author ? [`story/${hash(`author\0${author.id}\0${said}`)}`] : [];
  if (OWN_CASES.has(channel)) return { exact: own, near: [] };
  if (!isTelling(words)) {
    const here =
      url !== undefined && OWN_ADDRESSES.has(channel) ? [`story/${hash(`url\0${plain(url)}\0${said}`)}`] : [];
    return { exact: [...own, ...here], near: [] };
  }
  const sketch = sketchOf(words, seed);
  const near = keysOf(sketch).map((key) => `story/${key.toString(36)}`);
  return { exact: [`story/${hash(said)}`], near, sketch };
}

/** The same page whoever shares its address. */
const plain = (url: string) =>
  url
    .replace(/^https?:\/\/(?:www\.)?|[?&]utm_[^#]*|#.*$/giu, '')
    .replace(/\/+$/u, '')
    .toLowerCase();

const sketchKey = (id: string) => `sketch/${id}`;
const isSketch = ({ key }: NewEntry) => key.startsWith(sketchKey(''));

/** What is known of some traces; what is entered is kept with `save`. */
async function openIndex(keys: readonly string[], stories: StoryPorts['stories']) {
  const owners = new Map<string, string>();
  const sketches = new Map<string, Sketch>();
  const fresh = new Map<string, NewEntry>();
  await learn(await stories.getAll([...new Set(keys)]));

  async function learn(entries: readonly NewEntry[]): Promise<void> {
    for (const { key, value } of entries) owners.set(key, value as string);
    const missing = [...new Set(owners.values())].filter((id) => !sketches.has(id));
    for (const { key, value } of await stories.getAll(missing.map(sketchKey)))
      sketches.set(key.slice(sketchKey('').length), unpackSketch(value as string));
  }

  function add(key: string, value: string): void {
    fresh.set(key, { key, value });
  }

  const storyOf = (trace: Trace, id: string) => voteOn(trace, id, owners, sketches);

  return {
    storyOf,
    /** A copy's traces lead to its story as well; those that lead elsewhere already stay as they are. */
    enter(trace: Trace, id: string): string {
      const story = storyOf(trace, id);
      if (story === id && trace.sketch && !sketches.has(id)) {
        sketches.set(id, trace.sketch);
        add(sketchKey(id), packSketch(trace.sketch));
      }
      for (const key of [...trace.exact, ...trace.near]) {
        if (owners.has(key)) continue;
        owners.set(key, story);
        add(key, story);
      }
      return story;
    },
    /** False where others have entered the same meanwhile: what stands there then is what counts. */
    async save(): Promise<boolean> {
      if (fresh.size === 0) return true;
      const entries = [...fresh.values()];
      // A sketch is there before anything leads to it.
      await stories.addAll(entries.filter(isSketch));
      const now = await stories.addAll(entries.filter((entry) => !isSketch(entry)));
      if (now.every(({ key, value }) => owners.get(key) === value)) return true;
      await learn(now);
      return false;
    },
  };
}

/**
 * Whose copy it is, or its own id: whoever has most of its traces, of several the lowest id. So two that were entered at
 * the same moment agree on one.
 */
function voteOn(
  { exact, near, sketch }: Trace,
  id: string,
  owners: ReadonlyMap<string, string>,
  sketches: ReadonlyMap<string, Sketch>,
): string {
  const votes = new Map<string, number>();
  const count = (traces: readonly string[], counts: (owner: string) => boolean) => {
    const found = groupBy(
      traces.flatMap((key) => owners.get(key) ?? []),
      (owner) => owner,
    );
    for (const [owner, { length }] of found) if (counts(owner)) votes.set(owner, (votes.get(owner) ?? 0) + length);
  };
  count(exact, () => true);
  count(near, (owner) => owner === id || isAlike(sketch, sketches.get(owner)));
  const [first] = [...votes].toSorted(([one, more], [other, less]) => less - more || (one < other ? -1 : 1));
  return first?.[0] ?? id;
}

const isAlike = (one: Sketch | undefined, other: Sketch | undefined) =>
  one !== undefined && other !== undefined && tellsTheSame(one, other);
