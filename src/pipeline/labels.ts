import type { Draft, Enricher } from '../domain/enricher.ts';
import { AppError } from '../domain/errors.ts';
import { NONE } from '../domain/journey.ts';
import type { LabelChanges } from '../domain/labels.ts';
import type { Mention } from '../domain/mention.ts';
import type { MentionQuery } from '../domain/query.ts';
import { REVIEWED_FOR } from '../domain/review.ts';
import type { Doubtful } from '../domain/review.ts';
import type { MentionStore } from '../domain/store.ts';
import { enrichAll } from '../enrich/index.ts';

export interface LabelPorts {
  mentions: Pick<MentionStore, 'get' | 'label' | 'search'>;
  enrichers: readonly Enricher[];
}

/**
 * Writes down what somebody says against the judgements of a mention, and gives the mention as it is then; undefined
 * where there is none of that id. What is taken back is judged by the enricher again.
 * @throws {AppError} `BODY_INVALID` for a touchpoint where there is no step: the codebook knows none.
 */
export async function label(id: string, changes: LabelChanges, ports: LabelPorts): Promise<Mention | undefined> {
  const mention = await ports.mentions.get(id);
  if (mention === undefined) return undefined;
  const [judgements] = await enrichAll(ports.enrichers, [{ ...mention, judgements: {} } as Draft]);
  const { outcome } = await ports.mentions.label({ ...mention, judgements: judgements! }, withoutStep(changes));
  return outcome === 'erased' ? undefined : ports.mentions.get(id);
}

function withoutStep(changes: LabelChanges): LabelChanges {
  if (changes.step !== NONE) return changes;
  if ((changes.touchpoint ?? NONE) === NONE) return { ...changes, touchpoint: NONE };
  throw new AppError('BODY_INVALID', `touchpoint: "${changes.touchpoint}" cannot be where the step is "none".`, {
    fix: 'Leave the touchpoint out, or name the step.',
  });
}

const PAGE = 200;
/** Of so many mentions, the newest that fit the query, the least sure are shown. */
const REVIEWED = 1_000;

/** The least sure of the newest mentions that nobody has labelled yet, the least sure first. */
export async function review(query: MentionQuery, limit: number, { mentions }: LabelPorts): Promise<Doubtful[]> {
  const found: Doubtful[] = [];
  let cursor: string | undefined;
  for (let seen = 0; seen < REVIEWED; seen += PAGE) {
    const page = await mentions.search(query, { limit: PAGE, cursor });
    found.push(...page.mentions.filter((mention) => mention.labels === undefined).map(doubtOf));
    cursor = page.next;
    if (cursor === undefined) break;
  }
  return found.toSorted((a, b) => b.doubt - a.doubt).slice(0, limit);
}

function doubtOf(mention: Mention): Doubtful {
  const doubts = REVIEWED_FOR.map((name) => {
    const judgement = mention.judgements[name];
    const isTold = judgement !== undefined && judgement.value !== null;
    return { name, doubt: isTold ? 1 - judgement.confidence : 1 };
  });
  const doubt = doubts.reduce((sum, one) => sum + one.doubt, 0) / doubts.length;
  const worst = doubts.reduce((most, one) => (one.doubt > most.doubt ? one : most));
  return { mention, doubt, about: worst.name };
}
