import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.ts';
import { explain } from '../../src/commands/explain.ts';
import { train } from '../../src/commands/train.ts';
import { SENTIMENTS } from '../../src/domain/journey.ts';
import { mentionId } from '../../src/domain/mention.ts';
import { enrichAll } from '../../src/enrich/index.ts';
import { writeModel } from '../../src/enrich/model-file.ts';
import { loadLabelledTexts, loadTrained } from '../../src/knowledge.ts';
import { label } from '../../src/pipeline/labels.ts';
import { reEnrich, scheduleReEnrichment } from '../../src/pipeline/re-enrich.ts';
import { WORDS, aMention, aTerminal, fill, install, textsWith } from '../learn/company.ts';
import type { Installation } from '../learn/company.ts';

let folder: string;
let house: Installation;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-train-'));
  house = install(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const idOf = (externalId: string) => mentionId('shop', externalId);
const ownFile = () => join(folder, 'data', 'own.model');

async function withApp<T>(work: (app: App) => Promise<T>): Promise<T> {
  const app = await house.open();
  try {
    return await work(app);
  } finally {
    await app.close(0);
  }
}

interface Told {
  head: string;
  labels: number;
  confirmed: number;
  kept: boolean;
  missing?: string;
  before: { accuracy: number; surprise: number };
  after: { accuracy: number; surprise: number };
  others: { rows: number; changed: number };
}

async function run(flags: Record<string, boolean> = {}) {
  const { terminal, printed, told } = aTerminal(house.env);
  const code = await train.run({ words: [], flags }, terminal);
  const lines = printed.map((line) => JSON.parse(line) as Told);
  return { code, lines, told, of: (head: string) => lines.find((line) => line.head === head)! };
}

/** Sixty labels that teach the company's words, and mentions that nobody labelled. */
const lessons = (labelOf: (word: keyof typeof WORDS, text: string) => (typeof SENTIMENTS)[number]) =>
  (['quimmelig', 'vondrasch'] as const).flatMap((word) =>
    textsWith(word, 30).map((text, index) => ({
      mention: aMention(`${word}-${index}`, text),
      changes: { sentiment: labelOf(word, text) },
    })),
  );
const UNSEEN = 'Their oven is quimmelig as well, we heard on Sunday.';
const judgeUnseen = (app: App) => enrichAll(app.enrichers, [{ text: UNSEEN, channel: 'review', judgements: {} }]);
const feelingOf = async () => (await withApp(judgeUnseen))[0]!.sentiment!;

describe('earshot train', { timeout: 280_000 }, () => {
  it('learns the words of the company, judges by them from the next start, and takes it back', async () => {
    const learned = lessons((word) => WORDS[word]);
    const usual = loadLabelledTexts().filter(({ language }) => language === 'en');
    const unlabelled = ['The second one is quimmelig as well.', ...usual.slice(0, 60).map(({ text }) => text)].map(
      (text, index) => ({ mention: aMention(`other-${index}`, text) }),
    );
    await withApp(async (app) => {
      await fill(app, [...learned, ...unlabelled]);
      await scheduleReEnrichment(app);
      await reEnrich(app, new AbortController().signal);
    });
    const before = await feelingOf();
    expect(before).toMatchObject({ by: expect.stringMatching(/^sentiment@\d+$/u) });
    expect(before.value).not.toBe('negative');

    const dry = await run({ 'dry-run': true });
    expect(existsSync(ownFile())).toBe(false);
    const { code, lines, of, told } = await run();
    expect(code).toBe(0);
    expect(lines).toEqual(dry.lines);
    expect(told.join('\n')).toContain('own.model is written');
    const feeling = of('sentiment');
    expect(feeling).toMatchObject({ labels: 60, kept: true, others: { rows: 61 } });
    // What has nothing to do with the words is judged as before.
    expect(feeling.others.changed).toBeGreaterThan(0);
    expect(feeling.others.changed).toBeLessThan(6);
    expect(feeling.before.accuracy).toBeLessThan(0.6);
    expect(feeling.after.accuracy).toBeGreaterThan(0.9);
    expect(feeling.after.surprise).toBeLessThan(feeling.before.surprise / 2);
    expect(of('step')).toMatchObject({ labels: 0, kept: false, missing: '0 of at least 30 labels' });

    await withApp(async (app) => {
      const [after] = await judgeUnseen(app);
      expect(after!.sentiment).toMatchObject({
        value: 'negative',
        by: expect.stringMatching(/^sentiment\+own\.[\da-f]{8}@\d+$/u),
      });
      expect(after!.sentiment!.evidence![0]).toBe('quimmelig');
      expect(after!.step!.by).toMatch(/^journey@\d+$/u);
      await label(idOf('other-1'), { sentiment: 'positive' }, app);
      await scheduleReEnrichment(app);
      await reEnrich(app, new AbortController().signal);
      expect((await app.mentions.get(idOf('other-0')))!.judgements.sentiment).toMatchObject({
        value: 'negative',
        by: after!.sentiment!.by,
      });
      expect((await app.mentions.get(idOf('other-1')))!.judgements.sentiment).toMatchObject({
        value: 'positive',
        by: 'people',
      });
    });
    const explaining = aTerminal(house.env);
    await explain.run({ words: [UNSEEN], flags: {} }, explaining.terminal);
    const explained = JSON.parse(explaining.printed[0]!) as {
      sentiment: { value: string; evidence: string[] };
      alternatives: Record<string, { next: { value: string } }>;
    };
    expect(explained.sentiment.value).toBe('negative');
    expect(explained.sentiment.evidence[0]).toBe('quimmelig');
    expect(explained.alternatives['sentiment']!.next.value).not.toBe('negative');

    expect((await run({ undo: true })).code).toBe(0);
    expect(existsSync(ownFile())).toBe(false);
    expect(await feelingOf()).toEqual(before);
    expect((await run({ undo: true })).code).toBe(1);
  });

  it('learns nothing from labels given by chance, and puts aside what older labels taught', async () => {
    const byChance = (text: string) => SENTIMENTS[createHash('sha256').update(text).digest()[0]! % 3]!;
    await withApp((app) =>
      fill(
        app,
        lessons((_, text) => byChance(text)),
      ),
    );
    const older = writeModel(anOwnModel());
    mkdirSync(dirname(ownFile()), { recursive: true });
    writeFileSync(ownFile(), older);
    const { of, told } = await run();
    expect(of('sentiment')).toMatchObject({ labels: 60, kept: false });
    expect(told.join('\n')).toContain('put aside');
    expect(existsSync(ownFile())).toBe(false);
    await run({ undo: true });
    expect(readFileSync(ownFile())).toEqual(older);
  });

  it('says how many labels are missing, counting copies of one text once', async () => {
    const texts = textsWith('quimmelig', 29);
    const all = [...texts, ...texts.map((text) => text.toUpperCase())].map((text, index) => ({
      mention: aMention(String(index), text),
      changes: { step: index % 2 === 0 ? ('use' as const) : ('support' as const), touchpoint: 'staff' as const },
    }));
    await withApp((app) => fill(app, all));
    const { code, of, told } = await run();
    expect(code).toBe(0);
    expect(of('step')).toMatchObject({ labels: 29, missing: '29 of at least 30 labels', kept: false });
    expect(told).toContain('Nothing changes.');
    const { terminal, printed } = aTerminal(house.env, false);
    await train.run({ words: [], flags: {} }, terminal);
    expect(printed.join('\n')).toMatch(/^touchpoint +29 .*29 of at least 30 labels$/mu);
    expect(printed.join('\n')).toContain('People label what looks wrong');
  });

  it('leaves out what was learned beside another model, and refuses what is damaged', async () => {
    mkdirSync(dirname(ownFile()), { recursive: true });
    const model = anOwnModel();
    writeFileSync(ownFile(), writeModel({ ...model, version: model.version + 1 }));
    const { terminal, told } = aTerminal(house.env);
    await explain.run({ words: [UNSEEN], flags: {} }, terminal);
    expect(told.join('\n')).toContain('another version of the shipped model');
    writeFileSync(ownFile(), writeModel(model).subarray(0, -1));
    await expect(house.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      fix: expect.stringContaining('--undo'),
    });
    expect((await run({ undo: true })).code).toBe(0);
    await withApp(judgeUnseen);
  });
});

/** A head that always feels bad. */
function anOwnModel() {
  const { heads, ...model } = loadTrained();
  const { sentiment } = heads;
  const head = {
    ...sentiment,
    bias: Float32Array.of(9, 0, 0),
    traits: sentiment.traits.map(() => 0),
    pieces: sentiment.pieces.map(() => 0),
    words: sentiment.words.map(() => 0),
    temperature: 1,
  };
  return { ...model, heads: { sentiment: head } };
}
