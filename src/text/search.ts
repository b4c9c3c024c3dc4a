import { terms } from './fold.ts';

/** One thing that a text must, or must not, contain. */
export interface Clause {
  /** Folded terms that follow one another. */
  terms: string[];
  /** The last term may go on. */
  prefix: boolean;
  not: boolean;
}

const PART = /(-?)(?:"([^"]*)"?|(\S+))/gu;

/** Reads a search as people type it. Never fails: what holds no letter or digit is passed over. */
export function parseSearch(search: string): Clause[] {
  const clauses: Clause[] = [];
  for (const [, minus, phrase, word] of search.matchAll(PART)) {
    const said = phrase ?? word ?? '';
    const folded = terms(said);
    if (folded.length > 0) clauses.push({ terms: folded, prefix: said.endsWith('*'), not: minus === '-' });
  }
  return clauses;
}

/** Whether the folded terms of a text satisfy every clause. */
export function satisfies(clauses: readonly Clause[], text: readonly string[]): boolean {
  return clauses.every((clause) => contains(text, clause) !== clause.not);
}

function contains(text: readonly string[], clause: Clause): boolean {
  const last = text.length - clause.terms.length;
  for (let start = 0; start <= last; start++) if (standsAt(text, clause, start)) return true;
  return false;
}

function standsAt(text: readonly string[], { terms: wanted, prefix }: Clause, start: number): boolean {
  return wanted.every((term, index) => {
    const word = text[start + index]!;
    return prefix && index === wanted.length - 1 ? word.startsWith(term) : word === term;
  });
}
