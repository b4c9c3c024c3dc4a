import type { Judgement } from '../domain/enrichment.ts';
import type { Mention } from '../domain/mention.ts';
import { highlight } from './highlight.ts';
import type { PageData } from './page-data.ts';
import { linkTo, linkToPlace } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import { date, label, languageName, number, percent } from './words.ts';

/** Longer texts are cut here; the whole stands in the JSON. In UTF-16 units. */
const SHOWN_TEXT = 700;

/** The mentions behind a place on the map; the newest of all where none is chosen. */
export function Voices({ data: { voices, page, chosen, model } }: { data: PageData }) {
  const { total, mentions, next } = voices;
  return (
    <section id="voices" aria-labelledby="voices-title">
      <h2 id="voices-title">
        {chosen ? `Voices: ${choiceText(page, model.stages)}` : 'Latest voices'}{' '}
        <span class="quiet">{number(total)}</span>
      </h2>
      {chosen ? (
        <p>
          <a href={linkToPlace(page, {})}>Show all voices</a>
        </p>
      ) : null}
      {mentions.length === 0 ? <p class="quiet">Nobody said anything here in this period.</p> : null}
      <div class="voices">
        {mentions.map((mention) => (
          <Voice mention={mention} />
        ))}
      </div>
      {next === undefined ? null : (
        <p>
          <a class="button" rel="next" href={linkTo(page, { cursor: next }, '#voices')}>
            Older voices
          </a>
        </p>
      )}
    </section>
  );
}

function choiceText(page: PageQuery, stages: readonly { id: string; name: string }[]): string {
  const stageNames = page.stage?.map((id) => stages.find((stage) => stage.id === id)?.name ?? id);
  const steps = page.step?.map(
    (step) => ({ none: 'About no experience', unknown: 'Step not clear' })[step as 'none'] ?? label(step),
  );
  return [stageNames, steps, page.touchpoint?.map(label), page.pain?.map(label)]
    .filter((names) => names !== undefined)
    .map((names) => names.join(', '))
    .join(' · ');
}

function Voice({ mention }: { mention: Mention }) {
  const { judgements, title, text, id } = mention;
  const evidence = evidenceOf(mention);
  const language = judgements.language?.value ?? undefined;
  const cut = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return (
    <article class={`voice voice-${judgements.sentiment?.value ?? 'unknown'}`}>
      <Origin mention={mention} />
      <div lang={language} dir="auto">
        {title ? (
          <h3 dir="auto">
            <Marked text={title} evidence={evidence} />
          </h3>
        ) : null}
        <blockquote dir="auto">
          <Marked text={cut} evidence={evidence} />
        </blockquote>
      </div>
      <dl class="judged">
        <Judged name="Step" judgement={judgements.step} />
        <Judged name="Touchpoint" judgement={judgements.touchpoint} />
        <Judged name="Sentiment" judgement={judgements.sentiment} />
        <Tags name="Pains" values={judgements.pains} />
        <Tags name="Wishes" values={judgements.opportunities} />
      </dl>
      <p class="links">
        {isWeb(mention.url) ? (
          <a href={mention.url} rel="nofollow noopener noreferrer">
            Original
          </a>
        ) : null}{' '}
        <a href={`/v1/mentions/${encodeURIComponent(id)}`}>JSON</a>
      </p>
    </article>
  );
}

function Origin({ mention: { source, channel, at, dated, rating, judgements } }: { mention: Mention }) {
  const language = judgements.language?.value;
  return (
    <p class="origin">
      <b>{source}</b> <span>{channel}</span> {dated ? <time datetime={at}>{date(at)}</time> : <span>undated</span>}{' '}
      <span>{language ? languageName(language) : 'language not clear'}</span>
      {rating === undefined ? null : (
        <span>
          {' '}
          <span aria-hidden="true">★</span> {number(rating)} of 5
        </span>
      )}
    </p>
  );
}

function Marked({ text, evidence }: { text: string; evidence: readonly string[] }) {
  return <>{highlight(text, evidence).map((piece) => (piece.marked ? <mark>{piece.text}</mark> : piece.text))}</>;
}

function Judged({ name, judgement }: { name: string; judgement: Judgement<string> | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {judgement?.value ? (
          <>
            {judgement.value.replaceAll('_', ' ')} <span class="quiet">{percent(judgement.confidence)}</span>
          </>
        ) : (
          'could not tell'
        )}
      </dd>
    </div>
  );
}

function Tags({ name, values }: { name: string; values: readonly { value: string }[] | undefined }) {
  if (!values?.length) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{values.map(({ value }) => label(value)).join(', ')}</dd>
    </div>
  );
}

/** The words that decided step, touchpoint and sentiment, and those that named a pain. */
function evidenceOf({ judgements: { step, touchpoint, sentiment, pains = [] } }: Mention): string[] {
  return [step, touchpoint, sentiment, ...pains].flatMap((judgement) => judgement?.evidence ?? []);
}

/** Only addresses of the web become links: a `javascript:` address would run in the reader's name. */
function isWeb(url: string | undefined): boolean {
  return url !== undefined && /^https?:\/\//i.test(url);
}
