import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SENTIMENTS, STEPS, TOUCHPOINTS, NONE } from '../domain/journey.ts';

/** Through which platform of the sample world somebody speaks. */
const VIAS = ['mastodon', 'app-store', 'zendesk', 'forum', 'news'] as const;
export type Via = (typeof VIAS)[number];

const told = z.strictObject({
  id: z.string().regex(/^[a-z]{2}-\d{3}$/),
  via: z.enum(VIAS),
  /** Days before the day the sample world began. */
  daysAgo: z.number().positive().max(280),
  author: z.string().min(1),
  rating: z.int().min(1).max(5).optional(),
  title: z.string().optional(),
  text: z.string().min(1),
  likes: z.int().nonnegative().optional(),
  /** What a careful reader would say; no platform sends these, tests compare with them. */
  step: z.enum([...STEPS, NONE]),
  touchpoint: z.enum([...TOUCHPOINTS, NONE]),
  sentiment: z.enum(SENTIMENTS),
});
export type SampleMention = z.infer<typeof told> & { language: string; said: Date; serial: number };

/** All mentions of the sample world, oldest first, dated back from the moment it began. */
export function readWorld(folder: string, began: Date): SampleMention[] {
  const all = readdirSync(folder)
    .filter((file) => /^[a-z]{2}\.yaml$/.test(file))
    .toSorted()
    .flatMap((file) => readLanguage(join(folder, file), file.slice(0, 2), began));
  return all.toSorted((a, b) => a.said.getTime() - b.said.getTime()).map((mention, serial) => ({ ...mention, serial }));
}

function readLanguage(path: string, language: string, began: Date): Omit<SampleMention, 'serial'>[] {
  return z
    .array(told)
    .parse(parse(readFileSync(path, 'utf8')))
    .map((mention) => ({ ...mention, language, said: before(began, mention.daysAgo) }));
}

/** To the second, as the platforms date. */
function before(began: Date, days: number): Date {
  return new Date(Math.floor((began.getTime() - days * 86_400_000) / 1_000) * 1_000);
}
