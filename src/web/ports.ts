import type { Notice } from '../domain/notice.ts';
import type { Personas } from '../domain/persona.ts';
import type { MentionStore } from '../domain/store.ts';
import type { StageModel } from '../journey/stage-model.ts';

/** All that the page is given. */
export interface WebPorts {
  mentions: Pick<MentionStore, 'search' | 'aggregate' | 'countAll'>;
  models: readonly StageModel[];
  personas: Pick<Personas, 'list'>;
  /** Names shown at the top; may be empty. */
  brands: readonly { name: string; competitor: boolean }[];
  sourcesHealth(): Promise<SourceLine[]>;
  notices: { list(query: { limit: number }): Promise<{ notices: Notice[] }> };
  now(): Date;
}

/** What the page shows of a source. Times are ISO 8601 UTC. */
export interface SourceLine {
  name: string;
  type: string;
  state: 'waiting' | 'healthy' | 'failing' | 'quiet';
  quiet?: string | undefined;
  lastSuccessAt?: string | undefined;
  lastError?: { message: string; fix?: string | undefined } | undefined;
  refusedCount: number;
}
