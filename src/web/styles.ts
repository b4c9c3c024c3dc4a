import { mapStyles } from './styles-map.ts';

const base = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f4; --sheet: #ffffff; --ink: #1d2625; --quiet: #58625f; --rule: #dfe2dd; --accent: #0b6259;
  --mood-0: #f3c4b4; --on-0: #541a08; --mood-1: #fae2d7; --on-1: #652510; --mood-2: #ebeeed; --on-2: #2f3a39;
  --mood-3: #d9eee9; --on-3: #0c453d; --mood-4: #afdccf; --on-4: #06352e;
  --dot-0: #b23c17; --dot-1: #d07a52; --dot-2: #7c8886; --dot-3: #3f9c8c; --dot-4: #0b6f63; --mark: #ffe9a8;
  --bad: #a1330f; --good: #0b6259;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121716; --sheet: #1a2120; --ink: #e5ebe9; --quiet: #a3afac; --rule: #303a38; --accent: #6fd0bf;
    --mood-0: #642613; --on-0: #ffddd1; --mood-1: #472619; --on-1: #f9d3c4; --mood-2: #2b3432; --on-2: #dbe2e0;
    --mood-3: #173d37; --on-3: #c6ebe2; --mood-4: #0e544a; --on-4: #d8f8f0;
    --dot-0: #f08460; --dot-1: #d99b7e; --dot-2: #9aa6a3; --dot-3: #5cb8a8; --dot-4: #7be0cf; --mark: #5d4a0c;
    --bad: #ff9d7d; --good: #7be0cf;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3, p, ul, ol, dl, figure, blockquote { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.015em; }
h2 { font-size: 1.2rem; line-height: 1.3; margin-bottom: .75rem; }
h3 { font-size: 1rem; }
small { font-size: .85rem; }
.quiet { color: var(--quiet); font-weight: 400; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 0; padding: .6rem 1rem; background: var(--sheet); z-index: 2; }
.skip:focus { left: 1rem; }
.masthead, main, .panels { max-width: 1320px; margin: 0 auto; padding: 0 1.5rem; }
.masthead { padding-top: 1.75rem; display: grid; gap: 1.1rem; }
.product { color: var(--accent); font-weight: 650; letter-spacing: .02em; }
nav { display: flex; flex-wrap: wrap; gap: .25rem; border-bottom: 1px solid var(--rule); }
nav a { padding: .55rem .9rem; text-decoration: none; color: var(--quiet); border-bottom: 3px solid transparent; }
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--accent); }
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; }
.filters label { display: grid; min-width: 0; max-width: 12rem; gap: .15rem; font-size: .85rem; color: var(--quiet); }
.filters .search { max-width: none; flex: 1 1 8rem; }
select, input[type=search], button, .button {
  font: inherit; font-size: 1rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--quiet);
  border-radius: 8px; padding: .45rem .7rem; min-height: 2.75rem; width: 100%;
}
::placeholder { color: var(--quiet); opacity: 1; }
button, .button { width: auto; background: var(--accent); border-color: var(--accent); color: var(--ground); font-weight: 600;
  padding-inline: 1.2rem; cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; }
main { display: grid; gap: 2.5rem; padding-block: 2rem; }
main > section { min-width: 0; }
.panels { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; padding-bottom: 3rem; }
.panel { border-top: 1px solid var(--rule); padding-top: 1.25rem; min-width: 0; overflow-wrap: anywhere; }
.panel li { padding: .4rem 0; }
.state { font-size: .85rem; padding: .05rem .5rem; border-radius: 99px; background: var(--mood-2); color: var(--on-2); white-space: nowrap; }
.state-healthy, .state-delivered { background: var(--mood-3); color: var(--on-3); }
.state-failing, .state-failed, .state-risk-churned, .state-risk-high { background: var(--mood-0); color: var(--on-0); }
.state-quiet, .state-risk-raised { background: var(--mood-1); color: var(--on-1); }
.reason { display: block; color: var(--bad); }
.notice-box { background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px; padding: 1.75rem; display: grid; gap: .8rem; max-width: 46rem; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .92em; }
.narrow-only { display: none; }
@media (max-width: 980px) {
  .wide-only { display: none; }
  .narrow-only { display: block; }
  .masthead, main, .panels { padding-inline: 1rem; }
  .panels { grid-template-columns: 1fr; }
  .filters { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .filters label { max-width: none; }
  .filters .search, .filters button { grid-column: 1 / -1; }
  .filters button { justify-content: center; }
  nav { flex-wrap: wrap; }
  nav a { padding: .5rem .6rem; }
}
`;

/** The whole style sheet, served as a file so that no inline style has to be allowed. */
export const styles = base + mapStyles;
