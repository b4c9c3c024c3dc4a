import { NONE, TOUCHPOINT_GROUPS } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { PlaceTally, StageTally } from '../journey/map.ts';
import type { PlaceChanges } from '../journey/place-changes.ts';
import { placeKey } from '../journey/quotes.ts';
import { PlaceChange } from './compared.tsx';
import type { PageData } from './page-data.ts';
import { linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { label, moodClass, moodText, number } from './words.ts';

const GROUPS: readonly { name: string; touchpoints: readonly string[] }[] = [
  ...Object.entries(TOUCHPOINT_GROUPS).map(([name, touchpoints]) => ({ name: label(name), touchpoints })),
  { name: 'Elsewhere', touchpoints: [NONE, UNKNOWN] },
];

/** What every part of the map is drawn from. */
type Shown = Pick<PageData, 'map' | 'page' | 'compared'>;

/** The map as a table on wide screens and as a list on narrow ones, with what stands on no stage below. */
export function JourneyMapView({ data: { map, page, compared } }: { data: PageData }) {
  return (
    <>
      <div class="wide-only">
        <MapTable map={map} page={page} compared={compared} />
      </div>
      <div class="narrow-only">
        {map.stages.map((stage) => (
          <StageList stage={stage} page={page} compared={compared} />
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

function MapTable({ map, page, compared }: Shown) {
  const met = new Set(map.stages.flatMap((stage) => placesOf(stage, compared).map(({ id }) => id)));
  const groups = GROUPS.filter(({ touchpoints }) => touchpoints.some((id) => met.has(id)));
  return (
    <table class="map">
      <caption class="hidden">
        Mentions by touchpoint and stage, with net sentiment and leading pain{compared ? ', and what changed' : ''}
      </caption>
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
                  <Cell
                    place={placesOf(stage, compared).find((place) => place.id === id)}
                    stage={stage}
                    page={page}
                    compared={compared}
                  />
                ))}
              </tr>
            ))}
        </tbody>
      ))}
    </table>
  );
}

type Place = Pick<PlaceTally, 'id' | 'count' | 'netSentiment' | 'emotion' | 'pains'>;

/** Where something is said at a stage, and where nothing is said any more of which that is worth a word. */
function placesOf({ id: stage, touchpoints }: StageTally, compared: PlaceChanges | undefined): readonly Place[] {
  const gone = [...(compared?.figures.values() ?? [])].filter(
    ({ of, change }) => change === 'gone' && of.stage === stage && of.touchpoint,
  );
  return [
    ...touchpoints,
    ...gone.map(({ of }) => ({ id: of.touchpoint!, count: 0, netSentiment: null, emotion: null, pains: [] })),
  ];
}

interface PlaceProps {
  stage: StageTally;
  place: Place;
  page: PageQuery;
  compared: PlaceChanges | undefined;
  named?: boolean;
}

function Cell({ place, ...rest }: Omit<PlaceProps, 'place'> & { place: Place | undefined }) {
  if (!place)
    return (
      <td class="nothing">
        <span class="hidden">none</span>
      </td>
    );
  return (
    <td>
      <PlaceLink place={place} {...rest} />
    </td>
  );
}

function PlaceLink({ stage, place, page, compared, named }: PlaceProps) {
  const chosen = page.stage?.includes(stage.id) && page.touchpoint?.some((id) => id === place.id);
  const pain = place.pains[0];
  const when = place.count === 0 ? 'before' : undefined;
  return (
    <a
      class={`place ${moodClass(place)}`}
      href={linkToPlace(page, { stage: stage.id, touchpoint: place.id, when })}
      aria-current={chosen ? 'true' : undefined}
    >
      {named ? <b class="place-name">{label(place.id)}</b> : null}
      <b class="count">
        {number(place.count)}
        <span class="hidden"> {place.count === 1 ? 'mention' : 'mentions'},</span>
      </b>
      <span class="mood-text">{moodText(place)}</span>
      {pain ? <span class="pain">{label(pain.topic)}</span> : null}
      <PlaceChange figure={compared?.figures.get(placeKey(stage.id, place.id))} />
    </a>
  );
}

function StageList({ stage, page, compared }: Pick<PlaceProps, 'stage' | 'page' | 'compared'>) {
  const places = placesOf(stage, compared);
  return (
    <section class="stage-list">
      <h3>
        {stage.name} <span class="quiet">{number(stage.count)}</span>
      </h3>
      {places.length === 0 ? <p class="quiet">Nothing said here.</p> : null}
      <ul>
        {places.map((place) => (
          <li>
            <PlaceLink stage={stage} place={place} page={page} compared={compared} named />
          </li>
        ))}
      </ul>
    </section>
  );
}
