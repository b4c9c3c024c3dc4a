import type { StageChange, Trend } from '../journey/compare.ts';
import type { StageTally } from '../journey/map.ts';
import { placeKey } from '../journey/quotes.ts';
import { Aims } from './aims.tsx';
import { StageChange as Compared } from './compared.tsx';
import { RECENT_DAYS } from './page-data.ts';
import type { PageData } from './page-data.ts';
import { linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { label, mentionCount, moodClass, moodText, number, perDay, signed } from './words.ts';

const ARROWS: Record<Trend, string> = { better: '↗', steady: '→', worse: '↘', unclear: '~', thin: '·' };
const WORDS: Record<Trend, string> = {
  better: 'Better',
  steady: 'Steady',
  worse: 'Worse',
  unclear: 'May be chance',
  thin: 'Too few to tell',
};
const SHOWN_PAINS = 3;

/** Stage by stage: the mood, what is wanted and done, what changed, and what hurts most. */
export function StageCards({ data: { map, changes, compared, page } }: { data: PageData }) {
  return (
    <ol class="cards">
      {map.stages.map((stage, index) => {
        const figure = compared?.figures.get(placeKey(stage.id, ''));
        const trend = compared ? (figure?.mood?.trend ?? 'thin') : changes[index]!.trend;
        return (
          <li class={`card card-${trend}`}>
            <h3>
              <a href={linkToPlace(page, { stage: stage.id })}>{stage.name}</a>
            </h3>
            <p>
              <span class={`mood ${moodClass(stage)}`}>{moodText(stage)}</span>{' '}
              <span class="quiet">{mentionCount(stage.count)}</span>
            </p>
            <Aims stage={stage} page={page} />
            {compared ? <Compared figure={figure} page={page} /> : <Change change={changes[index]!} />}
            <Pains stage={stage} page={page} />
          </li>
        );
      })}
    </ol>
  );
}

/** Says at first sight where customers have begun to suffer. */
export function Troubles({ data: { changes, page } }: { data: PageData }) {
  const worse = changes.filter(({ trend }) => trend === 'worse');
  if (worse.length === 0) return null;
  return (
    <p class="troubles">
      <b>Worse in the last {RECENT_DAYS} days:</b>{' '}
      {worse.map(({ id, name, now, sentimentChange }, index) => {
        const pain = now.pains[0];
        return (
          <>
            {index > 0 ? ', ' : ''}
            <a href={linkToPlace(page, { stage: id, sentiment: 'negative' })}>{name}</a> {signed(sentimentChange ?? 0)}
            {pain ? ` (mostly ${label(pain.topic).toLowerCase()})` : ''}
          </>
        );
      })}
    </p>
  );
}

function Change({ change: { trend, sentimentChange, perDayBefore, perDayNow } }: { change: StageChange }) {
  return (
    <p class={`change change-${trend}`}>
      <b>
        <span aria-hidden="true">{ARROWS[trend]}</span> {WORDS[trend]}
        {trend === 'thin' || sentimentChange === null ? '' : ` ${signed(sentimentChange)}`}
      </b>{' '}
      <span class="quiet">
        last {RECENT_DAYS} days: {perDay(perDayNow)}, before {perDay(perDayBefore)}
      </span>
    </p>
  );
}

function Pains({ stage, page }: { stage: StageTally; page: PageQuery }) {
  if (stage.pains.length === 0) return <p class="quiet">No pains named</p>;
  return (
    <ul class="pains" aria-label={`Leading pains: ${stage.name}`}>
      {stage.pains.slice(0, SHOWN_PAINS).map(({ topic, count }) => (
        <li>
          <a href={linkToPlace(page, { stage: stage.id, pain: topic })}>{label(topic)}</a> {number(count)}
        </li>
      ))}
    </ul>
  );
}
