import { searchText } from '../../domain/mention.ts';
import type { Mention } from '../../domain/mention.ts';
import { terms } from '../../text/fold.ts';

/**
 * How the folded terms stand in the index. The built-in analyzer `whitespace` takes terms parted by blanks as they are,
 * but cuts what is longer than 255 characters, and then the parts could be taken for words of their own. So long terms
 * are cut here, into parts that no term can look like: `abc+ +def+ +g`. Terms hold letters and digits only.
 * https://www.elastic.co/docs/reference/text-analysis/analysis-whitespace-analyzer
 */
const PART_CODE_POINTS = 100;

/** The parts of one term, in order; most terms are one part. */
export function partsOf(term: string): string[] {
  if (term.length <= PART_CODE_POINTS) return [term];
  const points = [...term];
  const parts: string[] = [];
  for (let start = 0; start < points.length; start += PART_CODE_POINTS) {
    const begin = start === 0 ? '' : '+';
    const end = start + PART_CODE_POINTS < points.length ? '+' : '';
    parts.push(`${begin}${points.slice(start, start + PART_CODE_POINTS).join('')}${end}`);
  }
  return parts;
}

/** What is indexed of a mention's words. */
export function wordsOf(mention: Mention): string {
  return terms(searchText(mention)).flatMap(partsOf).join(' ');
}
