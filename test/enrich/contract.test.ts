import type { Draft } from '../../src/domain/enricher.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { enricherContract } from '../contracts/enricher.ts';
import { lexiconFiles, loadLexicon } from './lexicons.ts';

const lexicons = lexiconFiles.map(loadLexicon);
const all = createEnrichers({ lexicons });

for (const { name } of all) {
  enricherContract(name, {
    create: () => createEnrichers({ lexicons }).find((enricher) => enricher.name === name)!,
    prepare: async (drafts) => {
      const given = await enrichAll(all, drafts);
      const own = new Set<string>(all.find((enricher) => enricher.name === name)!.gives);
      return drafts.map((draft, index): Draft => ({
        ...draft,
        judgements: Object.fromEntries(Object.entries(given[index]!).filter(([key]) => !own.has(key))),
      }));
    },
  });
}
