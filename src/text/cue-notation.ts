import { terms } from './fold.ts';

export interface CueWord {
  term: string;
  /** The word may go on. */
  prefix: boolean;
  /** Up to three other words may stand before it. */
  gap: boolean;
}

interface ParsedCue {
  words: CueWord[];
  weight: number;
}

const WEIGHT = /\s\^(\S+)$/u;
const GAP = '..';
/** How many other words ` .. ` allows. */
export const GAP_WORDS = 3;
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
