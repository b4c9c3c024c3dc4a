import { GAP_WORDS, parseCue } from './cue-notation.ts';
import type { CueWord } from './cue-notation.ts';
import { reused } from './reused.ts';
import { tokens as tokenize } from './tokens.ts';
import { initialOf, perBook, termOf, WORDS } from './book.ts';
import type { Token, WordBook } from './book.ts';

/** One word or phrase to look for. */
export interface CueEntry {
  /** What is looked for: words, `word*`, ` .. ` (up to three other words), and a trailing ` ^weight`. */
  cue: string;
  /** Cues compete only within their kind. */
  kind: string;
  label: string;
  /** Multiplies the cue's own weight. Default 1. */
  factor?: number;
}

export interface CueMatch {
  kind: string;
  label: string;
  weight: number;
  /** First and last token. */
  from: number;
  to: number;
  /** Place in the original text, in UTF-16 units; `end` is behind the last. */
  start: number;
  end: number;
  /** The customer's own spelling. */
  evidence: string;
}

interface End {
  kind: string;
  label: string;
  weight: number;
  /** Of the kind, each has its own. */
  bit: number;
}

interface Node {
  /** Ways on by a word, and by what a word begins with. Most nodes have none. */
  exact: Map<string, Node> | undefined;
  prefixes: Prefixes | undefined;
  /** Bits of the first letters of all keys: tells of most words, without a look into memory, that they lead nowhere. */
  letters: number;
  /** Where to go on behind a gap. */
  gap: Node | undefined;
  ends: readonly End[];
}

const headOf = (term: string): number => (term.charCodeAt(0) << 16) | term.charCodeAt(1);

interface Prefixes {
  nodes: Map<string, Node>;
  /** Lengths of the keys. */
  lengths: number[];
  /** First two letters of the keys, as `headOf` gives them: most words of a text need no further look. */
  heads: Set<number>;
}

/** A node that is reached by one more word, and how many letters of the cue the word told. */
interface Step {
  node: Node;
  letters: number;
}

/** Compiled cues; opaque to everybody but `findCues`. */
export interface CueTrie {
  root: Node;
  beginnings(book: WordBook): Beginnings;
}

/** What is known of the words of a book. */
interface Beginnings {
  /** Two numbers for each word: which of the ways begin at it, and the letters with which the next word has to begin. */
  byWord: Int32Array;
  ways: (readonly Step[])[];
}

const NO_ENDS: readonly End[] = [];
const newNode = (): Node => ({ exact: undefined, prefixes: undefined, letters: 0, gap: undefined, ends: NO_ENDS });

/** Compiles cues of up to 31 kinds into one trie. Of the same cue under the same label the heavier one counts. */
export function compileCues(entries: Iterable<CueEntry>): CueTrie {
  const root = newNode();
  const kinds: string[] = [];
  for (const { cue, kind, label, factor = 1 } of entries) {
    const parsed = parseCue(cue);
    const node = parsed.words.reduce(step, root);
    const weight = parsed.weight * factor;
    const same = node.ends.find((end) => end.kind === kind && end.label === label);
    if (!kinds.includes(kind)) kinds.push(kind);
    if (same) same.weight = Math.max(same.weight, weight);
    else node.ends = [...node.ends, { kind, label, weight, bit: 1 << kinds.indexOf(kind) }];
  }
  return { root, beginnings: perBook(() => ({ byWord: new Int32Array(WORDS * 2), ways: [NO_STEPS, NO_STEPS] })) };
}

/** Numbers of ways that are not yet known, and of none. */
const [UNKNOWN, NOWHERE] = [0, 1];
/** One for all words that go nowhere, which most are. */
const NO_STEPS: readonly Step[] = [];
/** Letters where no next word is needed. */
const ANY = -1;

/** The ways that begin at a token and may go on behind it. */
function waysFrom({ root, beginnings }: CueTrie, tokens: readonly Token[], from: number): readonly Step[] {
  const token = tokens[from]!;
  const { byWord, ways } = beginnings(token.book);
  const at = token.word * 2;
  if (byWord[at] === UNKNOWN) {
    const steps = stepsFrom(root, termOf(token));
    byWord[at] = steps.length === 0 ? NOWHERE : ways.push(steps) - 1;
    byWord[at + 1] = steps.reduce(
      (letters, { node }) => letters | (node.gap || node.ends.length > 0 ? ANY : node.letters),
      0,
    );
  }
  if (byWord[at] === NOWHERE) return NO_STEPS;
  const letters = byWord[at + 1]!;
  const next = tokens[from + 1];
  return letters === ANY || (next && (letters & (1 << next.initial)) !== 0) ? ways[byWord[at]!]! : NO_STEPS;
}

/** All ways on from a node by a word, the exact one first. */
function stepsFrom({ exact, prefixes }: Node, term: string): readonly Step[] {
  const next = exact?.get(term);
  const steps = next ? [{ node: next, letters: term.length + 1 }] : [];
  if (!prefixes?.heads.has(headOf(term))) return next ? steps : NO_STEPS;
  for (const length of prefixes.lengths) {
    const node = length > term.length ? undefined : prefixes.nodes.get(term.slice(0, length));
    if (node) steps.push({ node, letters: length });
  }
  return steps;
}

function step(node: Node, { term, prefix, gap }: CueWord): Node {
  const from = gap ? (node.gap ??= newNode()) : node;
  from.letters |= 1 << initialOf(term);
  const branch = prefix ? prefixNodes(from, term) : (from.exact ??= new Map());
  let next = branch.get(term);
  if (!next) branch.set(term, (next = newNode()));
  return next;
}

const newPrefixes = (): Prefixes => ({ nodes: new Map(), lengths: [], heads: new Set() });

function prefixNodes(node: Node, term: string): Map<string, Node> {
  const { nodes, lengths, heads } = (node.prefixes ??= newPrefixes());
  heads.add(headOf(term));
  if (!lengths.includes(term.length)) lengths.push(term.length);
  return nodes;
}

interface Candidate {
  ends: readonly End[];
  from: number;
  to: number;
  /** Letters told literally: of two cues over the same words the more particular one counts. */
  letters: number;
}

/**
 * Finds all cues in one pass over the tokens. Of overlapping matches of one kind the longest counts; the same words
 * under several labels give one match each. No cue reaches from one sentence into the next; `sentences` tells the
 * sentence of each token.
 */
export function findCues(
  trie: CueTrie,
  text: string,
  tokens: readonly Token[] = tokenize(text),
  sentences: readonly number[] = [],
): CueMatch[] {
  const found: Candidate[] = [];
  const at: Walk = { tokens, sentences, from: 0, found };
  for (let from = 0; from < tokens.length; from++) {
    const steps = waysFrom(trie, tokens, from);
    at.from = from;
    for (let way = 0; way < steps.length; way++) walk(at, steps[way]!.node, from + 1, steps[way]!.letters);
  }
  sortFew(found, (a, b) => b.to - b.from - (a.to - a.from) || b.letters - a.letters || a.from - b.from);
  const taken = cleared(tokens.length);
  const matches: CueMatch[] = [];
  for (const candidate of found) {
    const kinds = takenBy(taken, candidate);
    for (const end of candidate.ends) {
      if ((kinds & end.bit) !== 0) continue;
      for (let index = candidate.from; index <= candidate.to; index++) taken[index]! |= end.bit;
      matches.push(toMatch(text, tokens, candidate, end));
    }
  }
  sortFew(matches, (a, b) => a.from - b.from || a.to - b.to);
  return matches;
}

/** With more the engine's own way is faster. */
const FEW = 24;

/** Sorts in place and keeps the order of equals. Most texts have few cues, for which `sort` takes several times as long. */
function sortFew<T>(items: T[], compare: (a: T, b: T) => number): void {
  if (items.length > FEW) items.sort(compare);
  else
    for (let next = 1; next < items.length; next++) {
      const item = items[next]!;
      let at = next;
      for (; at > 0 && compare(items[at - 1]!, item) > 0; at--) items[at] = items[at - 1]!;
      items[at] = item;
    }
}

/** Bits of kinds by token. */
const cleared = reused((length) => new Int32Array(length));

interface Walk {
  tokens: readonly Token[];
  sentences: readonly number[];
  from: number;
  found: Candidate[];
}

function walk(at: Walk, node: Node, index: number, letters: number): void {
  if (node.ends.length > 0) at.found.push({ ends: node.ends, from: at.from, to: index - 1, letters });
  if (node.letters !== 0) follow(at, node, index, letters);
  if (node.gap) for (let skip = 0; skip <= GAP_WORDS; skip++) follow(at, node.gap, index + skip, letters);
}

function follow(at: Walk, node: Node, index: number, letters: number): void {
  const { tokens, sentences, from } = at;
  if (index >= tokens.length || sentences[index] !== sentences[from]) return;
  const token = tokens[index]!;
  if ((node.letters & (1 << token.initial)) === 0) return;
  const steps = stepsFrom(node, termOf(token));
  for (let way = 0; way < steps.length; way++) walk(at, steps[way]!.node, index + 1, letters + steps[way]!.letters);
}

/** The kinds, by their bits, for which a longer or more particular cue has one of the words. */
function takenBy(taken: Int32Array, { from, to }: Candidate): number {
  let kinds = 0;
  for (let index = from; index <= to; index++) kinds |= taken[index]!;
  return kinds;
}

function toMatch(text: string, tokens: readonly Token[], { from, to }: Candidate, end: End): CueMatch {
  const start = tokens[from]!.start;
  const behind = tokens[to]!.end;
  const { kind, label, weight } = end;
  return { kind, label, weight, from, to, start, end: behind, evidence: text.slice(start, behind) };
}
