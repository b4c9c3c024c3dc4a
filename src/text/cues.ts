import { terms, tokens as tokenize } from './fold.ts';
import type { Token } from './fold.ts';
import { notedBy } from './word.ts';
import type { Word } from './word.ts';

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

interface CueWord {
  term: string;
  /** The word may go on. */
  prefix: boolean;
  /** Up to three other words may stand before it. */
  gap: boolean;
}

export interface ParsedCue {
  words: CueWord[];
  weight: number;
}

const WEIGHT = /\s\^(\S+)$/u;
const GAP = '..';
/** How many other words ` .. ` allows. */
const GAP_WORDS = 3;
/** More would let one cue try too many ways at each word of a text. */
const MAX_GAPS = 2;
const MAX_WORDS = 12;

/** Reads the notation of a cue. Throws `Error` with the reason where it is malformed. */
export function parseCue(cue: string): ParsedCue {
  const weight = readWeight(WEIGHT.exec(cue)?.[1]);
  const parts = cue.replace(WEIGHT, '').trim().split(/\s+/u);
  if (parts[0] === GAP || parts.at(-1) === GAP) throw new Error('".." must stand between words');
  if (parts.filter((part) => part === GAP).length > MAX_GAPS) throw new Error(`more than ${MAX_GAPS} ".."`);
  const words = parts.flatMap((part, index) => (part === GAP ? [] : readWord(part, parts[index - 1] === GAP)));
  if (words.length > MAX_WORDS) throw new Error(`more than ${MAX_WORDS} words`);
  return { words, weight };
}

function readWeight(written: string | undefined): number {
  if (written === undefined) return 1;
  const weight = Number(written);
  if (!(weight > 0 && weight <= 5)) throw new Error(`the weight "${written}" is not a number above 0 and up to 5`);
  return weight;
}

function readWord(part: string, gap: boolean): CueWord[] {
  const prefix = part.endsWith('*');
  const stem = prefix ? part.slice(0, -1) : part;
  if (/[*^]/u.test(stem)) throw new Error(`"${part}": "*" may only end a word, "^" only begin the weight`);
  const folded = terms(stem);
  if (folded.length === 0) throw new Error(`"${part}" holds no letter or digit`);
  if (prefix && folded.at(-1)!.length < 2) throw new Error(`"${part}" would match nearly every word`);
  return folded.map((term, index) => ({
    term,
    prefix: prefix && index === folded.length - 1,
    gap: gap && index === 0,
  }));
}

interface End {
  kind: string;
  label: string;
  weight: number;
  /** Of the kind, each has its own. */
  bit: number;
}

interface Node {
  exact: Map<string, Node>;
  prefixes: Map<string, Node>;
  /** Lengths of the keys of `prefixes`. */
  lengths: number[];
  /** First two letters of the keys of `prefixes`: most words of a text need no further look. */
  heads: Set<string>;
  /** Bits of the first letters of all keys: tells of most words, without a look into memory, that they lead nowhere. */
  letters: number;
  /** Where to go on behind a gap. */
  gap: Node | undefined;
  ends: End[];
}

/** A node that is reached by one more word, and how many letters of the cue the word told. */
interface Step {
  node: Node;
  letters: number;
}

/** Compiled cues; opaque to everybody but `findCues`. */
export interface CueTrie {
  /** Where cues begin at a word. */
  begin(word: Word): readonly Step[];
}

const newNode = (): Node => ({
  exact: new Map(),
  prefixes: new Map(),
  lengths: [],
  heads: new Set(),
  letters: 0,
  gap: undefined,
  ends: [],
});

/** Compiles cues of up to 31 kinds into one trie. Of the same cue under the same label the heavier one counts. */
export function compileCues(entries: Iterable<CueEntry>): CueTrie {
  const root = newNode();
  const kinds: string[] = [];
  for (const { cue, kind, label, factor = 1 } of entries) {
    const parsed = parseCue(cue);
    const { ends } = parsed.words.reduce(step, root);
    const weight = parsed.weight * factor;
    const same = ends.find((end) => end.kind === kind && end.label === label);
    if (!kinds.includes(kind)) kinds.push(kind);
    if (same) same.weight = Math.max(same.weight, weight);
    else ends.push({ kind, label, weight, bit: 1 << kinds.indexOf(kind) });
  }
  return { begin: notedBy((term) => stepsFrom(root, term)) };
}

/** One for all words that go nowhere, which most are. */
const NO_STEPS: readonly Step[] = [];

/** All ways on from a node by a word, the exact one first. */
function stepsFrom(node: Node, term: string): readonly Step[] {
  const exact = node.exact.get(term);
  const steps = exact ? [{ node: exact, letters: term.length + 1 }] : [];
  if (!node.heads.has(term.slice(0, 2))) return exact ? steps : NO_STEPS;
  for (const length of node.lengths) {
    const next = length > term.length ? undefined : node.prefixes.get(term.slice(0, length));
    if (next) steps.push({ node: next, letters: length });
  }
  return steps;
}

const firstLetter = (term: string): number => 1 << (term.charCodeAt(0) & 31);

function step(node: Node, word: CueWord): Node {
  const from = word.gap ? (node.gap ??= newNode()) : node;
  from.letters |= firstLetter(word.term);
  const branch = word.prefix ? from.prefixes : from.exact;
  let next = branch.get(word.term);
  if (!next) branch.set(word.term, (next = newNode()));
  if (word.prefix) {
    from.heads.add(word.term.slice(0, 2));
    if (!from.lengths.includes(word.term.length)) from.lengths.push(word.term.length);
  }
  return next;
}

interface Candidate {
  ends: End[];
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
    const steps = trie.begin(tokens[from]!.word);
    at.from = from;
    for (let way = 0; way < steps.length; way++) walk(at, steps[way]!.node, from + 1, steps[way]!.letters);
  }
  found.sort((a, b) => b.to - b.from - (a.to - a.from) || b.letters - a.letters || a.from - b.from);
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
  matches.sort((a, b) => a.from - b.from || a.to - b.to);
  return matches;
}

/** Bits of kinds by token; made anew only for a longer text. */
let bits = new Int32Array(1024);
function cleared(count: number): Int32Array {
  if (count > bits.length) bits = new Int32Array(count * 2);
  return bits.fill(0, 0, count);
}

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
  const { term } = tokens[index]!.word;
  if ((node.letters & firstLetter(term)) === 0) return;
  const steps = stepsFrom(node, term);
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
