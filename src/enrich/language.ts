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
/** Signs of which all that is not prose has one; most texts have none, and to look for all takes long. */
const MAYBE_NOT_PROSE = /[@#\u00a9\u00ae\u203c-\u3299\ud83c-\ud83f]|:\/\/|www\./;
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
  const known = { wanted, arabic: rivalsIn(true, wanted), others: rivalsIn(false, wanted) };
  return {
    name: 'language',
    version: VERSION,
    needs: [],
    gives: ['language'],
    enrich: (drafts) => Promise.resolve(drafts.map((draft): Judgements => ({ language: judge(draft, known) }))),
  };
}

const told = (value: string | null, confidence: number) => ({
  value,
  by: BY,
  confidence: Math.round(confidence * 100) / 100,
});
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

interface Languages {
  wanted: ReadonlySet<string>;
  /** Those of Arabic script, */
  arabic: readonly Rival[];
  /** and all others. */
  others: readonly Rival[];
}

function judge(draft: Draft, known: Languages) {
  const text = searchText(draft).slice(0, READ);
  const middle = judgeText(middleOf(text), known, draft.declaredLanguage);
  if (text.length <= MIDDLE || (middle.value !== null && middle.confidence >= SURE)) return middle;
  return judgeText(text, known, draft.declaredLanguage);
}

/** The middle of a text, from word to word. */
function middleOf(text: string): string {
  if (text.length <= MIDDLE) return text;
  const from = (text.length - MIDDLE) >> 1;
  const [first, last] = [text.indexOf(' ', from), text.lastIndexOf(' ', from + MIDDLE)];
  return text.slice(first < last && first >= 0 ? first : from, first < last ? last : from + MIDDLE);
}

function judgeText(text: string, known: Languages, declared: string | undefined) {
  const prose = MAYBE_NOT_PROSE.test(text) ? text.replace(NOT_PROSE, ' ') : text;
  const { letters, latin, arabic: arabicLetters } = lettersOf(prose);
  const arabic = arabicLetters * 2 > letters;
  if (letters < 2 || (!arabic && latin * 2 < letters)) return told(null, 0);
  const lean = arabic ? byLetters(prose) : {};
  const [best, second] = rank(languageScores(prose), arabic ? known.arabic : known.others, { lean, declared });
  if (!best) return told(null, 0);
  const margin = 1 - (second?.score ?? 0) / best.score;
  const confidence = Math.min(1, 0.5 + 5 * margin, letters / LETTERS_TO_BE_SURE);
  if (!known.wanted.has(best.language) || margin < LEAST_MARGIN || letters < LEAST_LETTERS)
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

/** A language that a text may be written in. */
interface Rival {
  language: string;
  /** Among `KNOWN_LANGUAGES`. */
  place: number;
  /** Score where none of its n-grams occurs; then 0 leaves it out. */
  unseen: number;
  prior: number;
}

interface Hints {
  /** What letters say for and against languages. */
  lean: Record<string, number>;
  declared: string | undefined;
}

const rivalsIn = (arabic: boolean, wanted: ReadonlySet<string>): Rival[] =>
  KNOWN_LANGUAGES.flatMap((language, place) =>
    WRITTEN_IN_ARABIC_SCRIPT.has(language) === arabic
      ? [{ language, place, unseen: UNSEEN[language] ?? 0, prior: wanted.has(language) ? WANTED : 0 }]
      : [],
  );

/** The two likeliest languages, likeliest first. */
function rank(scores: Float64Array, rivals: readonly Rival[], { lean, declared }: Hints) {
  const likely = declared?.slice(0, 2).toLowerCase();
  let [best, second]: (Candidate | undefined)[] = [];
  for (const { language, place, unseen, prior } of rivals) {
    const found = scores[place]! || unseen;
    if (found === 0) continue;
    const score = found + (language === likely ? DECLARED : 0) + (lean[language] ?? 0) + prior;
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
