import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { readLexicon, readTopics } from '../../src/enrich/index.ts';
import type { Lexicon } from '../../src/enrich/index.ts';
import { parseCue } from '../../src/text/cue-notation.ts';
import { compileCues, findCues } from '../../src/text/cues.ts';
import { lexiconFiles, loadLexicon, topics } from './lexicons.ts';

const problemsOf = (read: () => unknown): string[] => {
  try {
    read();
  } catch (problem) {
    expect(problem).toBeInstanceOf(AppError);
    expect((problem as AppError).code).toBe('CONFIG_INVALID');
    return (problem as AppError).message.split('\n');
  }
  return [];
};
const read = (parsed: unknown) => readLexicon(parsed, { file: 'xx.yaml', topics });

describe('a lexicon file', () => {
  it('may leave out what it does not have', () => {
    const lexicon = read({ language: 'en', steps: { use: ['works well'] } });
    expect(lexicon.steps.use).toEqual(['works well']);
    expect([lexicon.steps.none, lexicon.negators, lexicon.topics['price'], lexicon.gaps.device]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('may have each list as one text', () => {
    const { steps, negators } = read({
      language: 'en',
      steps: { use: 'works well, does .. job ^2,' },
      negators: '',
    });
    expect([steps.use, negators]).toEqual([['works well', 'does .. job ^2'], []]);
    expect(problemsOf(() => read({ language: 'en', negators: 'not, .. no' }))).toEqual([
      expect.stringContaining('xx.yaml: negators[1]: ".. no"'),
    ]);
  });

  it('names every problem at once, with file and path', () => {
    const problems = problemsOf(() =>
      read({
        language: 'english',
        sentiment: { positive: ['good', '.. bad'], glad: ['x'] },
        steps: { use: ['works ^heavy'], buy: [] },
        topics: { weather: ['rain'], price: ['*'] },
        negators: [false],
        colours: [],
      }),
    );
    for (const place of [
      'language:',
      'sentiment.positive[1]:',
      'sentiment:',
      'steps.use[0]:',
      'steps:',
      'topics:',
      'topics.price[0]:',
      'negators[0]:',
    ])
      expect(problems).toContainEqual(expect.stringContaining(`xx.yaml: ${place}`));
    expect(problems.some((problem) => problem.includes('"weather"'))).toBe(true);
    expect(problems.some((problem) => problem.includes('"colours"'))).toBe(true);
  });
});

describe('the taxonomy', () => {
  it('refuses unknown keys and the same id twice', () => {
    const topic = { id: 'price', name: 'Price', about: 'What it costs.' };
    expect(readTopics([topic], 't.yaml')).toEqual([topic]);
    expect(problemsOf(() => readTopics([topic, topic], 't.yaml'))).toEqual([expect.stringContaining('the same id')]);
    expect(problemsOf(() => readTopics([{ ...topic, colour: 1 }], 't.yaml'))).toEqual([
      expect.stringContaining('t.yaml: [0]'),
    ]);
  });
});

describe.each(lexiconFiles)('config/lexicons/%s', (file) => {
  it('loads, and is in the language of its name', () => {
    expect(`${loadLexicon(file).language}.yaml`).toBe(file);
  });

  it('has no cue that cannot find itself', () => {
    for (const cue of cuesOf(loadLexicon(file))) {
      const said = parseCue(cue)
        .words.map(({ term, prefix, gap }) => `${gap ? 'zzz qqq ' : ''}${term}${prefix ? 'zz' : ''}`)
        .join(' ');
      const trie = compileCues([{ cue, kind: 'any', label: cue }]);
      expect(findCues(trie, said).map(({ label, evidence }) => ({ label, evidence }))).toEqual([
        { label: cue, evidence: said },
      ]);
    }
  });
});

function cuesOf(lexicon: Lexicon): string[] {
  const { language: _, ...lists } = lexicon;
  return Object.values(lists).flatMap((list) => (Array.isArray(list) ? list : Object.values(list).flat())) as string[];
}
