import type { Notice } from '../domain/notice.ts';
import type { SourceLine } from './ports.ts';
import { date, number } from './words.ts';

const STATES: Record<SourceLine['state'], string> = {
  waiting: 'not pulled yet',
  healthy: 'healthy',
  failing: 'failing',
  quiet: 'quiet',
};

/** How the sources are, the troubled ones with their reason. */
export function SourcesPanel({ sources }: { sources: readonly SourceLine[] }) {
  return (
    <section class="panel" aria-labelledby="sources-title">
      <h2 id="sources-title">Sources</h2>
      {sources.length === 0 ? <p class="quiet">No source is configured.</p> : null}
      <ul>
        {sources.map(({ name, type, state, lastSuccessAt, lastError, refusedCount, quiet }) => (
          <li>
            <b>{name}</b> <span class="quiet">{type}</span> <span class={`state state-${state}`}>{STATES[state]}</span>
            {lastSuccessAt ? <small class="quiet"> last read {date(lastSuccessAt)}</small> : null}
            {refusedCount > 0 ? <small class="quiet"> {number(refusedCount)} items could not be taken</small> : null}
            {state === 'quiet' ? <small class="reason">{quiet}</small> : null}
            {state === 'failing' && lastError ? (
              <small class="reason">
                {lastError.message} {lastError.fix ?? ''}
              </small>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who was told of what, last. */
export function NoticesPanel({ notices }: { notices: readonly Notice[] }) {
  return (
    <section class="panel" aria-labelledby="notices-title">
      <h2 id="notices-title">Last notices</h2>
      {notices.length === 0 ? <p class="quiet">Nobody has been told of anything yet.</p> : null}
      <ul>
        {notices.map(({ subscription, mentionId, destination, state, createdAt, attempts }) => (
          <li>
            <b>{subscription}</b> <span class="quiet">by {destination.split(' ')[0]}</span>{' '}
            <span class={`state state-${state}`}>{state}</span>{' '}
            <small class="quiet">
              {date(createdAt)}, <a href={`/v1/mentions/${encodeURIComponent(mentionId)}`}>mention</a>
            </small>
            {state === 'failed' ? <small class="reason">{attempts.at(-1)?.error?.message}</small> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
