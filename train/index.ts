import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnrichers, enrichAll } from '../src/enrich/index.ts';
import { HEADS } from '../src/enrich/model.ts';
import type { HeadName, Model, Supplement } from '../src/enrich/model.ts';
import { writeModel } from '../src/enrich/model-file.ts';
import { packageRoot } from '../src/settings/shipped.ts';
import { headOf } from './compact.ts';
import { learnEcho, withEcho } from './echo.ts';
import type { Echo } from './echo.ts';
import type { Weights } from './fit.ts';
import { FOLDS, foldOf, measures, temperatureOf, trainFolds } from './held-out.ts';
import {
  asTickets,
  devExamples,
  goldExamples,
  intentExamples,
  ownExamples,
  sampleExamples,
  setExamples,
  shareAlikeExamples,
  withoutPlace,
} from './lessons.ts';
import type { Example } from './lessons.ts';
import { trainHead } from './school.ts';
import type { Ground, Pupil } from './school.ts';
import { hashOf } from './sets.ts';
import type { WordTable } from './table.ts';
import { askOfTexts, readPupils, readWords, wordTable } from './texts.ts';
import { createVectoriser } from './vectorise.ts';

/** Raised with every training whose result is shipped, so that what was judged before is judged again. */
const VERSION = 5;
const OUT = join(packageRoot(), 'config/models');

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isGold = ({ example }: Pupil): boolean => example.from === 'gold';
const trains = ({ example }: Pupil): boolean => example.trains;

interface Frame extends Ground {
  traits: string[];
  table: WordTable;
}
type Heads = Record<HeadName, { weights: Weights; temperature: number }>;

function modelOf(heads: Heads, echo: Echo, { traits, table }: Frame): Model {
  const compact = HEADS.map((name) => [name, headOf(name, { ...heads[name], table, echo })]);
  return {
    version: VERSION,
    traits,
    wordHashes: table.hashes,
    wordTells: table.tells,
    heads: Object.fromEntries(compact) as Model['heads'],
  };
}

/**
 * Models that have not seen gold-dev, or for the journey not the fold of it that they judge: they tell how sure the
 * shipped model may be, and how well it judges what it does not know.
 */
function heldOut(pupils: readonly Pupil[], frame: Frame): Heads[] {
  const blind = trainHead(
    'sentiment',
    pupils.filter((pupil) => trains(pupil) && !isGold(pupil)),
    frame,
  );
  const unseen = pupils.filter((pupil) => !trains(pupil) || isGold(pupil));
  const sentiment = {
    weights: blind,
    temperature: temperatureOf(
      'sentiment',
      unseen.map((pupil) => ({ pupil, weights: blind })),
      frame,
    ),
  };
  const others = HEADS.filter((name) => name !== 'sentiment').map((name) => {
    const own = pupils.filter(({ example }) => example.labels[name] !== undefined);
    const folds = trainFolds(name, own, frame);
    const held = own.filter(({ example }) => measures(example));
    const judged = held.map((pupil) => ({ pupil, weights: folds[foldOf(pupil.example)]! }));
    return [name, { folds, temperature: temperatureOf(name, judged, frame) }] as const;
  });
  return Array.from({ length: FOLDS }, (_, fold) => {
    const heads = others.map(([name, { folds, temperature }]) => [name, { weights: folds[fold]!, temperature }]);
    return { sentiment, ...Object.fromEntries(heads) } as Heads;
  });
}

type Reading = (examples: readonly Example[]) => Promise<Pupil[]>;

const echoed = (echo: Echo, pupils: readonly Pupil[], { pieces }: Ground): Pupil[] =>
  pupils.map(({ example, vector }) => ({ example, vector: withEcho(echo, vector, pieces) }));

/** The head for Polish feelings, trained on share-alike reviews too; a file of its own, under their licence. */
async function polishHead(pupils: readonly Pupil[], echo: Echo, frame: Frame, read: Reading): Promise<Supplement> {
  const readBoth = async (split: 'train' | 'dev') => echoed(echo, await read(shareAlikeExamples(split)), frame);
  const weights = trainHead('sentiment', [...pupils, ...(await readBoth('train'))], frame);
  const held = (await readBoth('dev')).map((pupil) => ({ pupil, weights }));
  const temperature = temperatureOf('sentiment', held, frame);
  say(`Polish feelings: temperature ${temperature.toFixed(2)}`);
  const { table, traits } = frame;
  return {
    version: VERSION,
    traits,
    language: 'pl',
    licence: 'CC-BY-SA-4.0',
    wordHashes: table.hashes,
    wordTells: table.tells,
    heads: { sentiment: headOf('sentiment', { weights, temperature, table, echo }) },
  };
}

/**
 * Judges each text by the model that has not seen it; one line a text, without the text. The feelings of our own texts
 * are left out: the model that judges feelings has seen them.
 */
async function judgeHeld(
  examples: readonly Example[],
  models: readonly Model[],
  lexicons: ReturnType<typeof readWords>['lexicons'],
) {
  const lines: string[] = [];
  for (const [fold, model] of models.entries()) {
    const own = examples.filter((example) => foldOf(example) === fold);
    const judged = await enrichAll(
      createEnrichers({ lexicons, model }),
      own.map(({ draft }) => draft),
    );
    for (const [index, { from, draft }] of own.entries()) {
      const cells = HEADS.flatMap((name): (string | number | null)[] => {
        const { value, confidence } = judged[index]![name]!;
        return name === 'sentiment' && from !== 'gold' ? ['', ''] : [value, confidence];
      });
      lines.push([hashOf(draft.text), from, ...cells].join('\t'));
    }
  }
  return ['row\tfrom\t' + HEADS.flatMap((name) => [name, 'sure']).join('\t'), ...lines.toSorted()].join('\n') + '\n';
}

async function main(): Promise<void> {
  const own = ownExamples();
  const measuring = [...goldExamples(), ...own];
  const all = [
    ...measuring,
    ...withoutPlace(measuring),
    ...asTickets(own),
    ...sampleExamples(),
    ...setExamples(),
    ...intentExamples(),
    ...devExamples(),
  ];
  const { lexicons, traits } = readWords();
  const table = wordTable(all);
  const vectoriser = createVectoriser(lexicons, table, traits);
  const { pieces } = vectoriser;
  const frame = { traits, table, pieces };
  const read: Reading = (examples) => readPupils(examples, vectoriser);
  const plain = await read(all);
  say(`${plain.length} texts are read`);

  const blindEcho = learnEcho(askOfTexts(plain.filter((pupil) => !isGold(pupil))), pieces);
  const folds = heldOut(echoed(blindEcho, plain, frame), frame);
  for (const name of HEADS) say(`${name}: temperature ${folds[0]![name].temperature.toFixed(2)}`);
  const held = await judgeHeld(
    measuring,
    folds.map((heads) => modelOf(heads, blindEcho, frame)),
    lexicons,
  );
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'held-out.tsv'), held);

  const echo = learnEcho(askOfTexts(plain), pieces);
  const pupils = echoed(echo, plain, frame).filter(trains);
  const heads = HEADS.map((name) => {
    const weights = trainHead(name, pupils, frame);
    return [name, { weights, temperature: folds[0]![name].temperature }];
  });
  writeFileSync(join(OUT, 'earshot.model'), writeModel(modelOf(Object.fromEntries(heads) as Heads, echo, frame)));
  const polish = await polishHead(pupils, echo, frame, read);
  writeFileSync(join(OUT, 'pl-sentiment.cc-by-sa-4.0.model'), writeModel(polish));
  say('config/models/ is written');
}

await main();
