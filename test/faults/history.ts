import { allMentions, getJson } from '../e2e/earshot.ts';
import { externalId } from './platform.ts';

/** What went in against what came out. */
export interface Verdict {
  expected: number;
  stored: number;
  lost: number;
  unexpected: number;
  duplicated: number;
  dead: number;
}

export async function judge(url: string, count: number): Promise<Verdict> {
  const stored = (await allMentions(url)).map((mention) => mention.externalId);
  const seen = new Set(stored);
  const wanted = new Set(Array.from({ length: count }, (_, index) => externalId(index)));
  const { dead } = await getJson<{ dead: unknown[] }>(url, '/v1/dead');
  return {
    expected: count,
    stored: stored.length,
    lost: [...wanted].filter((id) => !seen.has(id)).length,
    unexpected: [...seen].filter((id) => !wanted.has(id)).length,
    duplicated: stored.length - seen.size,
    dead: dead.length,
  };
}

export async function countStored(url: string): Promise<number> {
  return (await getJson<{ total: number }>(url, '/v1/mentions?limit=1').catch(() => ({ total: 0 }))).total;
}
