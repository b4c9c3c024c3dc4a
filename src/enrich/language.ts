import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgements } from '../domain/enrichment.ts';
import { searchText } from '../domain/mention.ts';
import { KNOWN_LANGUAGES, languageScores } from './word-languages.ts';

export const DEFAULT_LANGUAGES = ['ar', 'fa', 'en', 'ro', 'it', 'pl', 'de', 'fr', 'es'] as const;

const VERSION = 3;
const BY = `language@${VERSION}`;
/** What is looked at of a long text, in UTF-16 units: */
const READ = 1_000;
/** first so many out of its middle, where neither a title nor a signature stands; and all where they do not tell. */
const MIDDLE = 120;
/** A language that is told as surely as this is told. */
const SURE = 0.9;
const NOT_PROSE = /(?:https?:\/\/|www\.)\S+|[@#][\p{L}\p{N}_.]+|[^\s@]+@[^\s@]+|\p{Extended_Pictographic}/gu;
/** Letters that Persian has and Arabic has not, and the other way round. Persian is typed with Arabic ي and ك too. */
const PERSIAN_ONLY = /[پچژگکی]/gu;
const ARABIC_ONLY = /[ةأإىؤ]/gu;
const URDU_ONLY = /[ٹڈڑںےہ]/gu;
/** How much they can say, in the detector's score. */
const LETTERS_SAY = 0.1;
/** Score of a language whose n-grams do not occur, so that a few letters may decide. */
const UNSEEN: Record<string, number> = { ar: 0.3, fa: 0.3 };
const WRITTEN_IN_ARABIC_SCRIPT = new Set(['ar', 'fa', 'ur', 'ku']);
/** How much better than the next language the best must be to be told, as a share of its own score. */
const LEAST_MARGIN = 0.015;
/** A prior for the language that was declared, in the detector's score (0…1). */
const DECLARED = 0.03;
/** A prior for the languages that are listened to. */
const WANTED = 0.06;
/** With fewer letters nothing can be told, */
const LEAST_LETTERS = 4;
/** and with fewer than these nothing is sure. */
const LETTERS_TO_BE_SURE = 12;

/**
 * Tells the language by n-grams among the given ones (ISO 639-1); another language, or too little to go by, is
 * `null`. A declared language only breaks near ties.
 */
export function createLanguage(languages: readonly string[] = DEFAULT_LANGUAGES): Enricher {
  const wanted = new Set(languages);
  return {
    name: 'language',
    version: VERSION,
    needs: [],
    gives: ['language'],
    enrich: (drafts) => Promise.resolve(drafts.map((draft): Judgements => ({ language: judge(draft, wanted) }))),
  };
}

const told = (value: string | null, confidence: number) => ({
  value,
  by: BY,
  confidence: Math.round(confidence * 100) / 100,
});
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

function judge(draft: Draft, wanted: ReadonlySet<string>) {
  const text = searchText(draft).slice(0, READ);
  const middle = judgeText(middleOf(text), wanted, draft.declaredLanguage);
  if (text.length <= MIDDLE || (middle.value !== null && middle.confidence >= SURE)) return middle;
  return judgeText(text, wanted, draft.declaredLanguage);
}

/** The middle of a text, from word to word. */
function middleOf(text: string): string {
  if (text.length <= MIDDLE) return text;
  const from = (text.length - MIDDLE) >> 1;
  const [first, last] = [text.indexOf(' ', from), text.lastIndexOf(' ', from + MIDDLE)];
  return text.slice(first < last && first >= 0 ? first : from, first < last ? last : from + MIDDLE);
}

function judgeText(text: string, wanted: ReadonlySet<string>, declared: string | undefined) {
  const prose = text.replace(NOT_PROSE, ' ');
  const { letters, latin, arabic: arabicLetters } = lettersOf(prose);
  const arabic = arabicLetters * 2 > letters;
  if (letters < 2 || (!arabic && latin * 2 < letters)) return told(null, 0);
  const [best, second] = rank(prose, arabic, wanted, declared);
  if (!best) return told(null, 0);
  const margin = 1 - (second?.score ?? 0) / best.score;
  const confidence = Math.min(1, 0.5 + 5 * margin, letters / LETTERS_TO_BE_SURE);
  if (!wanted.has(best.language) || margin < LEAST_MARGIN || letters < LEAST_LETTERS)
    return told(null, Math.max(0, 1 - confidence));
  return told(best.language, confidence);
}

const SCRIPTS = [/[^\p{L}]/u, /\p{Script=Latin}/u, /\p{Script=Arabic}/u, /\p{L}/u];
/** Which of them each UTF-16 unit belongs to, the first that does; made once, so that texts are read in one pass. */
const SCRIPT_OF_UNIT = Uint8Array.from({ length: 0x1_00_00 }, (_, unit) => {
  const letter = String.fromCharCode(unit);
  return SCRIPTS.findIndex((script) => script.test(letter));
});

/** How many letters there are, and of which script. */
function lettersOf(text: string): { letters: number; latin: number; arabic: number } {
  const counts = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) counts[SCRIPT_OF_UNIT[text.charCodeAt(at)]!]!++;
  const [, latin, arabic, other] = counts as [number, number, number, number];
  return { letters: latin + arabic + other, latin, arabic };
}

interface Candidate {
  language: string;
  /** Of its n-grams (0…1), and what speaks for it besides. */
  score: number;
}

/** The two likeliest languages, likeliest first. */
function rank(prose: string, arabic: boolean, wanted: ReadonlySet<string>, declared: string | undefined) {
  const prior = declared?.slice(0, 2).toLowerCase();
  const lean = arabic ? byLetters(prose) : {};
  const scores = languageScores(prose);
  let [best, second]: (Candidate | undefined)[] = [];
  for (let place = 0; place < scores.length; place++) {
    const language = KNOWN_LANGUAGES[place]!;
    if (WRITTEN_IN_ARABIC_SCRIPT.has(language) !== arabic) continue;
    const found = scores[place]! || (UNSEEN[language] ?? 0);
    if (found === 0) continue;
    const score =
      found + (language === prior ? DECLARED : 0) + (lean[language] ?? 0) + (wanted.has(language) ? WANTED : 0);
    if (!best || score > best.score) [best, second] = [{ language, score }, best];
    else if (!second || score > second.score) second = { language, score };
  }
  return [best, second];
}

/** What the letters say for and against each language of Arabic script. */
function byLetters(prose: string): Record<string, number> {
  const [persian, arabic, urdu] = [PERSIAN_ONLY, ARABIC_ONLY, URDU_ONLY].map((letters) => count(prose, letters)) as [
    number,
    number,
    number,
  ];
  const lean = (LETTERS_SAY * (persian - arabic)) / (persian + arabic + 1);
  return { fa: lean, ar: -lean, ur: (LETTERS_SAY * urdu) / (urdu + 1) };
}
