import type { StageTally } from '../journey/map.ts';
import { linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { label, number, share } from './words.ts';

interface Props {
  stage: StageTally;
  page: PageQuery;
}

/** What the brand wants of a stage, beside what customers told that they did there. */
export function Aims({ stage, page }: Props) {
  const { goal, desired = [], outcomes, count } = stage;
  const others = outcomes.filter(({ outcome }) => !desired.some((wanted) => wanted === outcome));
  const desiredOnes = desired.map(
    (wanted) => outcomes.find(({ outcome }) => outcome === wanted) ?? { outcome: wanted, count: 0 },
  );
  if (!goal && desiredOnes.length + others.length === 0) return null;
  const list = (done: StageTally['outcomes']) =>
    done.map((one) => <Done outcome={one.outcome} count={one.count} of={count} stage={stage} page={page} />);
  return (
    <dl class="aims">
      {goal ? (
        <div>
          <dt>Goal</dt>
          <dd dir="auto">{goal}</dd>
        </div>
      ) : null}
      {desiredOnes.length > 0 ? (
        <div>
          <dt>Desired and done</dt>
          {list(desiredOnes)}
        </div>
      ) : null}
      {others.length > 0 ? (
        <div>
          <dt>Also done</dt>
          {list(others)}
        </div>
      ) : null}
    </dl>
  );
}

/** One outcome: how often, and in which share of the stage's mentions. */
function Done({ outcome, count, of, stage, page }: Props & { outcome: string; count: number; of: number }) {
  if (count === 0)
    return (
      <dd>
        {label(outcome)}: <span class="quiet">nobody told of it</span>
      </dd>
    );
  return (
    <dd>
      <a href={linkToPlace(page, { stage: stage.id, outcome })}>
        {label(outcome)} {number(count)} ({share(count / of)})
      </a>
    </dd>
  );
}
