import { readFileSync } from 'node:fs';
import { fold, terms } from '../src/text/fold.ts';
import { linesOf } from './sets.ts';

/** A word to be taught: its folded form, the form the teacher sees, and how frequent it is (a probability). */
export interface Word {
  term: string;
  written: string;
  frequency: number;
}

/** Letters of the nine languages; pieces with others belong to other languages. */
const LATIN = /^[a-zàâäáăãąæçćčèéêëęìíîïłñńòóôöøœșşśßțţùúûüŵýÿźż]+$/u;
const PERSO_ARABIC = /^[\u0621-\u063a\u0641-\u064aپچژگکیۀآ\u200c]+$/u;
const BEGINS_A_WORD = '\u2581';
/** So many of the most frequent pieces of Latin script; the rarer ones are mostly of other languages. */
const MOST_LATIN = 30_000;
/** A word of our texts that is no piece: as rare as this. */
const RARE = 1e-6;
/** How often a word of the texts has to come to be taught. */
const LEAST_COUNT = 3;

/** Words for the table: the teacher's own pieces of our scripts, and what is frequent in the given texts. */
export function chooseWords(pieceFile: string, texts: Iterable<string>, always: Iterable<string>): Word[] {
  const chosen = new Map<string, Word>();
  const add = (written: string, frequency: number) => {
    const term = terms(written);
    if (term.length !== 1 || term[0]!.length < 2) return;
    const known = chosen.get(term[0]!);
    if (known) known.frequency += frequency;
    else chosen.set(term[0]!, { term: term[0]!, written, frequency });
  };
  for (const { written, frequency } of readPieces(pieceFile)) add(written, frequency);
  for (const [written, times] of counted(texts))
    if (times >= LEAST_COUNT) add(written, chosen.has(fold(written)) ? 0 : RARE);
  for (const written of counted(always).keys()) add(written, chosen.has(fold(written)) ? 0 : RARE);
  return [...chosen.values()];
}

function readPieces(file: string) {
  let latin = 0;
  return linesOf(readFileSync(file, 'utf8')).flatMap((line) => {
    const [logarithm, piece] = line.split('\t') as [string, string];
    if (!piece.startsWith(BEGINS_A_WORD)) return [];
    const written = piece.slice(1).toLowerCase();
    if (LATIN.test(written) ? ++latin > MOST_LATIN : !PERSO_ARABIC.test(written)) return [];
    return [{ written, frequency: Math.exp(Number(logarithm)) }];
  });
}

function counted(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const written of text.toLowerCase().match(/[\p{L}\p{M}\u200c]+/gu) ?? [])
      counts.set(written, (counts.get(written) ?? 0) + 1);
  return counts;
}
