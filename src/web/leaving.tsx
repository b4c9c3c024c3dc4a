import type { RiskLevel, RiskReason } from '../journey/risk.ts';
import type { PageData } from './page-data.ts';
import { linkToPlace } from './page-query.ts';
import { authorName, date, mentionCount } from './words.ts';

const LEVELS: Record<RiskLevel, string> = {
  low: 'Low risk',
  raised: 'May leave',
  high: 'Likely to leave',
  churned: 'Has left',
};

const RAISING = 3;

/** Who is likely to leave and why, each with the way to all that they said. */
export function LeavingList({ data: { leaving, page } }: { data: PageData }) {
  const { risks, withoutAuthor, complete } = leaving;
  return (
    <>
      {risks.length === 0 ? (
        <p class="quiet">Nobody is likely to leave, as far as what was found here tells.</p>
      ) : (
        <ol class="leaving">
          {risks.map(({ author, name, level, reasons, since, total, source }) => (
            <li>
              <h3>
                <a href={linkToPlace(page, { author })}>
                  <bdi>{authorName({ id: author, name })}</bdi>
                </a>
              </h3>
              <p>
                <span class={`state state-risk-${level}`}>{LEVELS[level]}</span>{' '}
                <span class="quiet">
                  {since ? `since ${date(since)}, ` : ''}
                  {mentionCount(total)}, last in {source}
                </span>
              </p>
              <ul>
                {leading(reasons).map(({ says, weight }) => (
                  <li>
                    {weight < 0 ? 'But: ' : ''}
                    {says.replaceAll('_', ' ')}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
      {withoutAuthor > 0 ? <p class="quiet">Words that name no author are left out here.</p> : null}
      {complete ? null : <p class="quiet">More was found than can be read at once: the newest words speak for it.</p>}
    </>
  );
}

/** What raises the risk most, and what lowers it most. */
function leading(reasons: readonly RiskReason[]): RiskReason[] {
  const raising = reasons.filter(({ weight }) => weight > 0);
  return [...raising.slice(0, RAISING), ...reasons.slice(raising.length).slice(-1)];
}
