import { expect, it } from 'vitest';
import { createThemeTexts } from '../../src/journey/theme-texts.ts';
import { risingThemes } from '../../src/journey/themes.ts';
import { LAST_DAY, manyMentions } from './many-mentions.ts';

const COUNT = 100_000;
const seconds = (from: number) => ((performance.now() - from) / 1_000).toFixed(1);

it(`finds the themes of ${COUNT} mentions`, () => {
  const half = new Date(LAST_DAY - 135 * 86_400_000).toISOString();
  const texts = createThemeTexts();
  let start = performance.now();
  let index = 0;
  for (const batch of manyMentions(COUNT, 1_000))
    for (const mention of batch) {
      const isNow = mention.at >= half;
      const rising = isNow && index++ % 300 === 0 ? ' the new blue till freezes at noon' : '';
      texts.add(isNow ? 'now' : 'before', { ...mention, text: `${mention.text} word${index % 20_000}${rising}` });
    }
  const read = seconds(start);
  start = performance.now();
  const themes = risingThemes(texts, 10);
  process.stdout.write(
    `read ${read} s (with making the texts), found in ${seconds(start)} s, ${texts.terms.length} words, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB resident\n${themes.map(({ name, now, before }) => `  ${name}: ${before} → ${now}`).join('\n')}\n`,
  );
  expect(themes[0]!.name).toContain('till freezes');
});
