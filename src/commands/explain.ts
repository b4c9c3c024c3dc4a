import { loadKnowledge } from '../knowledge.ts';
import type { Judgement } from '../domain/enrichment.ts';
import { enrichAll } from '../enrich/index.ts';
import { toDraft } from './annotate.ts';
import { EXIT, word } from './command.ts';
import type { Command } from './command.ts';

export const explain: Command = {
  name: 'explain',
  usage: 'TEXT',
  about: 'The judgements of one text, each with who judged, how sure, and the words that decided.',
  flags: {},
  async run(given, terminal) {
    word(given, 0, 'TEXT');
    const { enrichers } = loadKnowledge();
    const [judgements] = await enrichAll(enrichers, [toDraft({ text: given.words.join(' '), channel: 'social' })]);
    if (terminal.json) terminal.print(JSON.stringify(judgements));
    else
      for (const [name, judgement] of Object.entries(judgements!))
        tell(name, [judgement].flat() as Judgement<unknown>[], terminal.print);
    return EXIT.fine;
  },
};

function tell(name: string, judgements: Judgement<unknown>[], print: (line: string) => void): void {
  if (judgements.length === 0) print(`${name.padEnd(14)} none found`);
  for (const { value, by, confidence, evidence = [] } of judgements) {
    const words = evidence.length === 0 ? '' : ` because of ${evidence.map((said) => `“${said}”`).join(', ')}`;
    print(
      `${name.padEnd(14)} ${value === null ? 'could not tell' : String(value)} (${Math.round(confidence * 100)} %, ${by})${words}`,
    );
  }
}
