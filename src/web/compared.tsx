import type { Change, Figure } from '../journey/changes.ts';
import type { Trend } from '../journey/compare.ts';
import type { PageData } from './page-data.ts';
import { linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { daysText, mentionCount, number, share, signed } from './words.ts';

/** A sign and words, so that colour is never the only carrier. */
type Told = readonly [sign: string, words: string];

const SHARES: Record<Change, Told> = {
  rose: ['▲', 'Share rose'],
  fell: ['▼', 'Share fell'],
  new: ['▲', 'New here'],
  gone: ['▼', 'Not heard any more'],
  steady: ['→', 'Share steady'],
  unclear: ['~', 'Share, no sure change:'],
  thin: ['·', 'Share: too few to tell'],
};
const MOODS: Record<Trend, Told> = {
  better: ['↗', 'Feels better'],
  worse: ['↘', 'Feels worse'],
  steady: ['→', 'Feels the same'],
  unclear: ['~', 'Feeling, no sure change:'],
  thin: ['·', 'Feeling: too few to tell'],
};
const MOVED: ReadonlySet<string> = new Set<Change | Trend>(['rose', 'fell', 'new', 'gone', 'better', 'worse']);

/** Which periods are compared, and how much was said in each. */
export function ComparedPeriods({ data: { compared, page } }: { data: PageData }) {
  if (page.against === undefined) return null;
  if (!compared) return <p class="compared">All time has no time before it: choose a shorter period to compare.</p>;
  const { now, before } = compared;
  return (
    <p class="compared">
      {daysText(now)} (<a href={linkToPlace(page, {})}>{mentionCount(now.total)}</a>) against {daysText(before)} (
      <a href={linkToPlace(page, { when: 'before' })}>{mentionCount(before.total)}</a>).{' '}
      {now.total === 0 || before.total === 0
        ? 'Where nothing was said, nothing can be compared.'
        : 'Bold is what chance alone would hardly do. Shares are of all that was said.'}
    </p>
  );
}

interface Props {
  /** Absent = nothing was said there in either period. */
  figure: Figure | undefined;
}

/** What became of a stage, with the way to the voices of both periods. */
export function StageChange({ figure, page }: Props & { page: PageQuery }) {
  if (!figure) return <p class="change quiet">Nothing said in either period</p>;
  const { now, before } = figure;
  const { stage } = figure.of;
  return (
    <div class="change">
      {linesOf(figure).map(({ name, told, numbers, range }) => (
        <p class={MOVED.has(name) ? `moved moved-${name}` : 'quiet'}>
          <Words told={told} /> {numbers}
          {numbers ? <span class="quiet">, {range}</span> : null}
        </p>
      ))}
      <p class="quiet">
        <Count count={before.count} when="before" href={linkToPlace(page, { stage, when: 'before' })} />,{' '}
        <Count count={now.count} when="now" href={linkToPlace(page, { stage })} />
      </p>
    </div>
  );
}

/** Of a cell of the map: only what moved. */
export function PlaceChange({ figure }: Props) {
  if (!figure) return null;
  return (
    <>
      {linesOf(figure)
        .filter(({ name }) => MOVED.has(name))
        .map(({ name, told, numbers }) => (
          <span class={`moved moved-${name}`}>
            <Words told={told} /> {numbers}
          </span>
        ))}
    </>
  );
}

interface Line {
  name: Change | Trend;
  told: Told;
  /** How much, and from what to what; empty where too little was said to tell. */
  numbers: string;
  range: string;
}

function linesOf({ now, before, change, mood }: Figure): Line[] {
  const [feltBefore, feltNow] = [before.netSentiment ?? 0, now.netSentiment ?? 0];
  const trend = mood?.trend ?? 'thin';
  return [
    {
      name: change,
      told: SHARES[change],
      numbers: change === 'thin' ? '' : `${signed((now.share - before.share) * 100, 1)} points`,
      range: `from ${share(before.share)} to ${share(now.share)}`,
    },
    {
      name: trend,
      told: MOODS[trend],
      numbers: trend === 'thin' ? '' : signed(feltNow - feltBefore),
      range: `from ${signed(feltBefore)} to ${signed(feltNow)}`,
    },
  ];
}

function Words({ told: [sign, words] }: { told: Told }) {
  return (
    <>
      <span aria-hidden="true">{sign}</span> {words}
    </>
  );
}

function Count({ count, when, href }: { count: number; when: string; href: string }) {
  const words = `${count === 0 ? 'none' : number(count)} ${when}`;
  return count === 0 ? <>{words}</> : <a href={href}>{words}</a>;
}
