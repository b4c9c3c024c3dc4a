/** A piece of a text, and whether it is among the words that decided. */
export interface Piece {
  text: string;
  marked: boolean;
}

const WORDLY = /[\p{L}\p{N}]/u;
const MAX_EVIDENCE = 30;

/** Cuts a text at its evidence: whole words only, in any case, longest first, never overlapping. */
export function highlight(text: string, evidence: readonly string[]): Piece[] {
  const marks = findMarks(text, evidence);
  const pieces: Piece[] = [];
  let done = 0;
  for (const [start, end] of marks) {
    if (start > done) pieces.push({ text: text.slice(done, start), marked: false });
    pieces.push({ text: text.slice(start, end), marked: true });
    done = end;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), marked: false });
  return pieces;
}

function findMarks(text: string, evidence: readonly string[]): [number, number][] {
  const marks: [number, number][] = [];
  const haystack = sameLengthLower(text);
  const words = [...new Set(evidence)].filter((word) => word.trim() !== '').slice(0, MAX_EVIDENCE);
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    const needle = sameLengthLower(word);
    for (let start = haystack.indexOf(needle); start >= 0; start = haystack.indexOf(needle, start + needle.length)) {
      const end = start + needle.length;
      if (isWhole(text, start, end) && !marks.some(([from, to]) => start < to && from < end)) marks.push([start, end]);
    }
  }
  return marks.toSorted((a, b) => a[0] - b[0]);
}

/** Lower case where it keeps every index in its place. */
function sameLengthLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function isWhole(text: string, start: number, end: number): boolean {
  return !goesOn(text[start - 1], text[start]) && !goesOn(text[end - 1], text[end]);
}

/** Whether a word runs across two neighbouring characters. */
function goesOn(left = '', right = ''): boolean {
  return WORDLY.test(left) && WORDLY.test(right);
}
