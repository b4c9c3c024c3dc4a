import { enrichersOf, loadJudges, loadLexicons } from '../knowledge.ts';
import type { Judges } from '../knowledge.ts';
import type { Draft } from '../domain/enricher.ts';
import type { Judgement, Judgements } from '../domain/enrichment.ts';
import { createAnalyse } from '../enrich/analysis.ts';
import { enrichAll } from '../enrich/index.ts';
import { HEADS } from '../enrich/model.ts';
import type { HeadName } from '../enrich/model.ts';
import { createUnderstanding } from '../enrich/reading.ts';
import { toDraft } from './annotate.ts';
import { EXIT, word } from './command.ts';
import type { Command } from './command.ts';
import { ownPlace } from './place.ts';

export const explain: Command = {
  name: 'explain',
  usage: 'TEXT',
  about: 'The judgements of one text: who judged, how sure, the words that decided, the prior, and what came second.',
  flags: {},
  async run(given, terminal) {
    word(given, 0, 'TEXT');
    const judges = loadJudges(ownPlace(terminal));
    const draft = toDraft({ text: given.words.join(' '), channel: 'social' });
    const [judgements] = await enrichAll(enrichersOf(judges), [draft]);
    const alternatives = alternativesOf({ ...draft, judgements: judgements! }, judges);
    if (terminal.json) terminal.print(JSON.stringify({ ...judgements, alternatives }));
    else
      for (const [name, judgement] of Object.entries(judgements!))
        tell(name, [judgement].flat() as Judgement<unknown>[], terminal.print, alternatives[name as HeadName]);
    return EXIT.fine;
  },
};

/** What else the trained model could have said: it would have, had the words for it weighed more. */
interface Alternative {
  /** How likely the answer was before a word was read, 0…1. */
  prior: number;
  next: { value: string; confidence: number; evidence: string[] };
}

function alternativesOf(
  draft: Draft & { judgements: Judgements },
  { model, supplements }: Judges,
): Partial<Record<HeadName, Alternative>> {
  const understanding = createUnderstanding(createAnalyse(loadLexicons()), model, supplements);
  const reading = understanding.read(draft);
  if (!reading.analysis.understood) return {};
  const told = HEADS.map((head): [HeadName, Alternative] => {
    const [best, second] = understanding.choices(reading, head);
    return [
      head,
      {
        prior: round(understanding.priorOf(reading, head, best!.label)),
        next: {
          value: second!.label,
          confidence: round(second!.share),
          evidence: understanding.evidence(reading, head, second!.label),
        },
      },
    ];
  });
  return Object.fromEntries(told);
}

const round = (share: number): number => Math.round(share * 100) / 100;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const quoted = (said: readonly string[]): string => said.map((words) => `“${words}”`).join(', ');

function tell(
  name: string,
  judgements: Judgement<unknown>[],
  print: (line: string) => void,
  alternative: Alternative | undefined,
): void {
  if (judgements.length === 0) print(`${name.padEnd(14)} none found`);
  for (const { value, by, confidence, evidence = [] } of judgements) {
    const words = evidence.length === 0 ? '' : ` because of ${quoted(evidence)}`;
    print(
      `${name.padEnd(14)} ${value === null ? 'could not tell' : String(value)} (${percent(confidence)}, ${by})${words}`,
    );
  }
  if (!alternative) return;
  const { prior, next } = alternative;
  const words = next.evidence.length === 0 ? '' : `, for which speaks ${quoted(next.evidence)}`;
  print(
    `${' '.repeat(15)}${percent(prior)} before a word was read; else ${next.value} (${percent(next.confidence)})${words}`,
  );
}
