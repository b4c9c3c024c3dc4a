/** Styles of the curve, the map and the voices. */
export const mapStyles = `
.mood-0 { background: var(--mood-0); color: var(--on-0); fill: var(--dot-0); }
.mood-1 { background: var(--mood-1); color: var(--on-1); fill: var(--dot-1); }
.mood-2 { background: var(--mood-2); color: var(--on-2); fill: var(--dot-2); }
.mood-3 { background: var(--mood-3); color: var(--on-3); fill: var(--dot-3); }
.mood-4 { background: var(--mood-4); color: var(--on-4); fill: var(--dot-4); }
.mood-empty { color: var(--quiet); fill: var(--ground); stroke: var(--quiet); }
.mood { border-radius: 99px; padding: .1rem .6rem; font-size: .9rem; }
.curve { background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px 12px 0 0; padding: 1rem 0 .75rem; }
.curve svg { width: 100%; height: auto; }
.curve svg.narrow-only { max-width: 34rem; margin: 0 auto; padding: 0 1rem; }
.curve text { fill: var(--ink); font-size: 15px; }
.curve .axis-label { fill: var(--quiet); font-size: 14px; }
.curve .stage-label { font-weight: 600; }
.curve .value { font-weight: 600; paint-order: stroke; stroke: var(--sheet); stroke-width: 5px; stroke-linejoin: round; }
.curve .grid { stroke: var(--rule); stroke-dasharray: 2 6; }
.curve .axis { stroke: var(--rule); stroke-width: 1.5; }
.curve .line { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linecap: round; }
.curve .ring { fill: none; stroke: var(--quiet); stroke-width: 2; stroke-dasharray: 3 3; }
.curve .ring-worse { stroke: var(--bad); }
.curve .ring-better { stroke: var(--good); }
.curve .dot { stroke: var(--sheet); stroke-width: 2; }
figcaption { padding: .25rem 1.25rem 0; font-size: .85rem; color: var(--quiet); }
.key-line, .key-ring { display: inline-block; vertical-align: middle; }
.key-line { width: 1.4rem; border-top: 3px solid var(--accent); }
.key-ring { width: .9rem; height: .9rem; border: 2px dashed var(--quiet); border-radius: 50%; margin-left: .75rem; }
.cards { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; background: var(--sheet);
  border: 1px solid var(--rule); border-top: 0; border-radius: 0 0 12px 12px; }
.card { padding: 1rem; display: grid; gap: .5rem; align-content: start; border-left: 1px solid var(--rule); min-width: 0; }
.card:first-child { border-left: 0; }
@media (min-width: 981px) {
  .cards { grid-template-rows: repeat(5, auto); }
  .card { grid-row: 1 / span 5; grid-template-rows: subgrid; }
  .card > .aims { grid-row: 3; }
  .card > .change { grid-row: 4; }
  .card > .change ~ * { grid-row: 5; }
}
.card-worse { box-shadow: inset 0 4px 0 var(--bad); }
.troubles { background: var(--mood-0); color: var(--on-0); border-radius: 12px; padding: .7rem 1.25rem; margin-bottom: 1rem; }
.troubles a { color: inherit; }
.card > p.quiet { font-size: .9rem; }
.card > p:not(.change) .quiet { white-space: nowrap; font-size: .9rem; }
.card h3 a { color: inherit; }
.change { font-size: .9rem; line-height: 1.4; }
.change b { display: block; }
.change .moved { font-weight: 600; }
.moved-worse { color: var(--bad); }
.moved-better { color: var(--good); }
.place .moved { grid-column: 1 / -1; font-weight: 600; color: inherit; }
.change-worse b { color: var(--bad); }
.change-better b { color: var(--good); }
.change-thin b { color: var(--quiet); font-weight: 400; }
.aims { display: grid; gap: .5rem; font-size: .9rem; line-height: 1.4; align-content: start; overflow-wrap: anywhere; }
.aims dt { color: var(--quiet); }
.aims dd { margin: 0; }
.compared { margin-bottom: 1rem; }
.leaving { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); background: var(--sheet);
  border: 1px solid var(--rule); border-radius: 12px; }
.leaving > li { padding: 1rem; display: grid; gap: .4rem; align-content: start; min-width: 0; overflow-wrap: anywhere; font-size: .9rem; }
.leaving ~ p { margin-top: .5rem; font-size: .9rem; }
.pains { font-size: .9rem; color: var(--quiet); }
.map { width: 100%; border-collapse: separate; border-spacing: 4px; table-layout: fixed; }
.map th { text-align: left; font-weight: 600; padding: .35rem .5rem; font-size: .95rem; }
.map thead th { position: sticky; top: 0; background: var(--ground); }
.map thead th:first-child { width: 11rem; }
.map tbody th { font-weight: 400; }
.map th a { color: inherit; }
.map .group th { color: var(--quiet); font-size: .85rem; padding-top: .9rem; border-bottom: 1px solid var(--rule); }
.map td { padding: 0; height: 1px; }
.nothing { background: none; }
.place { display: grid; grid-template-columns: auto 1fr; column-gap: .6rem; align-items: baseline; align-content: center; height: 100%; min-height: 3.4rem;
  padding: .45rem .7rem; border-radius: 8px; text-decoration: none; font-size: .85rem; line-height: 1.3; }
.place:hover { box-shadow: inset 0 0 0 2px currentColor; }
.place[aria-current] { box-shadow: inset 0 0 0 3px currentColor; }
.place .count { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.place .pain { grid-column: 1 / -1; overflow-wrap: anywhere; }
.off-map { margin-top: .75rem; }
.stage-list { margin-bottom: 1.5rem; }
.stage-list h3 { margin-bottom: .4rem; }
.stage-list ul { display: grid; gap: 4px; }
.stage-list .place { grid-template-columns: 1fr auto; }
.stage-list .place-name { font-weight: 600; font-size: 1rem; }
.stage-list .place .count { text-align: right; }
.stage-list .place .pain { grid-column: auto; text-align: right; }
.voices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.voice { background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px; padding: 1.1rem 1.25rem;
  display: flex; flex-direction: column; gap: .7rem; overflow-wrap: anywhere; min-width: 0; }
.voice-negative { border-top: 4px solid var(--dot-0); }
.voice-neutral { border-top: 4px solid var(--dot-2); }
.voice-positive { border-top: 4px solid var(--dot-4); }
.origin { font-size: .85rem; color: var(--quiet); display: flex; flex-wrap: wrap; gap: 0 .75rem; }
.origin b { color: var(--ink); }
blockquote { white-space: pre-line; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: 0 .1em; }
.judged { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; font-size: .85rem; margin-top: auto; padding-top: .7rem; border-top: 1px solid var(--rule); }
.judged dt { color: var(--quiet); }
.judged dd { margin: 0; }
.links { font-size: .9rem; display: flex; gap: 1rem; }
@media (max-width: 980px) {
  .cards { grid-auto-flow: row; grid-auto-columns: auto; }
  .card { border-left: 0; border-top: 1px solid var(--rule); }
  .card:first-child { border-top: 0; }
  .leaving > li + li { border-top: 1px solid var(--rule); }
}
`;
