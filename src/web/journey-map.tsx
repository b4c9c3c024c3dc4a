import { NONE, TOUCHPOINT_GROUPS } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { JourneyMap, PlaceTally, StageTally } from '../journey/map.ts';
import type { PageData } from './page-data.ts';
import { linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { label, moodClass, moodText, number } from './words.ts';

const GROUPS: readonly { name: string; touchpoints: readonly string[] }[] = [
  ...Object.entries(TOUCHPOINT_GROUPS).map(([name, touchpoints]) => ({ name: label(name), touchpoints })),
  { name: 'Elsewhere', touchpoints: [NONE, UNKNOWN] },
];

/** The map as a table on wide screens and as a list on narrow ones, with what stands on no stage below. */
export function JourneyMapView({ data: { map, page } }: { data: PageData }) {
  return (
    <>
      <div class="wide-only">
        <MapTable map={map} page={page} />
      </div>
      <div class="narrow-only">
        {map.stages.map((stage) => (
          <StageList stage={stage} page={page} />
        ))}
      </div>
      <p class="quiet off-map">
        Not on the map: <a href={linkToPlace(page, { step: NONE })}>{number(map.unplaced)} about no experience</a>
        {' and '}
        <a href={linkToPlace(page, { step: UNKNOWN })}>{number(map.unknown)} whose step could not be told</a>.
      </p>
    </>
  );
}

function MapTable({ map, page }: { map: JourneyMap; page: PageQuery }) {
  const met = new Set(map.stages.flatMap(({ touchpoints }) => touchpoints.map(({ id }) => id)));
  const groups = GROUPS.filter(({ touchpoints }) => touchpoints.some((id) => met.has(id)));
  return (
    <table class="map">
      <caption class="hidden">Mentions by touchpoint and stage, with net sentiment and leading pain</caption>
      <thead>
        <tr>
          <th scope="col">Touchpoint</th>
          {map.stages.map(({ name }) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      {groups.map(({ name, touchpoints }) => (
        <tbody>
          <tr class="group">
            <th scope="rowgroup" colspan={map.stages.length + 1}>
              {name}
            </th>
          </tr>
          {touchpoints
            .filter((id) => met.has(id))
            .map((id) => (
              <tr>
                <th scope="row">
                  <a href={linkToPlace(page, { touchpoint: id })}>{label(id)}</a>
                </th>
                {map.stages.map((stage) => (
                  <Cell stage={stage} place={stage.touchpoints.find((place) => place.id === id)} page={page} />
                ))}
              </tr>
            ))}
        </tbody>
      ))}
    </table>
  );
}

interface CellProps {
  stage: StageTally;
  place: PlaceTally | undefined;
  page: PageQuery;
}

function Cell({ stage, place, page }: CellProps) {
  if (!place)
    return (
      <td class="nothing">
        <span class="hidden">none</span>
      </td>
    );
  return (
    <td>
      <PlaceLink stage={stage} place={place} page={page} />
    </td>
  );
}

function PlaceLink({ stage, place, page, named }: Omit<CellProps, 'place'> & { place: PlaceTally; named?: boolean }) {
  const chosen = page.stage?.includes(stage.id) && page.touchpoint?.some((id) => id === place.id);
  const pain = place.pains[0];
  return (
    <a
      class={`place ${moodClass(place)}`}
      href={linkToPlace(page, { stage: stage.id, touchpoint: place.id })}
      aria-current={chosen ? 'true' : undefined}
    >
      {named ? <b class="place-name">{label(place.id)}</b> : null}
      <b class="count">
        {number(place.count)}
        <span class="hidden"> {place.count === 1 ? 'mention' : 'mentions'},</span>
      </b>
      <span class="mood-text">{moodText(place)}</span>
      {pain ? <span class="pain">{label(pain.topic)}</span> : null}
    </a>
  );
}

function StageList({ stage, page }: { stage: StageTally; page: PageQuery }) {
  return (
    <section class="stage-list">
      <h3>
        {stage.name} <span class="quiet">{number(stage.count)}</span>
      </h3>
      {stage.touchpoints.length === 0 ? <p class="quiet">Nothing said here.</p> : null}
      <ul>
        {stage.touchpoints.map((place) => (
          <li>
            <PlaceLink stage={stage} place={place} page={page} named />
          </li>
        ))}
      </ul>
    </section>
  );
}
