import type { Judgement } from '../domain/enrichment.ts';
import type { Mention } from '../domain/mention.ts';
import { highlight } from './highlight.ts';
import type { PageData } from './page-data.ts';
import { linkTo, linkToPlace } from './page-query.ts';
import { authorName, date, daysText, label, languageName, number, percent } from './words.ts';

/** Longer texts are cut here; the whole stands in the JSON. In UTF-16 units. */
const SHOWN_TEXT = 700;

/** The mentions behind a place on the map, or of an author; the newest of all where none is chosen. */
export function Voices({ data }: { data: PageData }) {
  const { voices, page } = data;
  const { total, mentions, next } = voices;
  const choice =
    page.author === undefined ? choiceText(data) : <bdi>{authorName(mentions[0]?.author ?? { id: page.author })}</bdi>;
  return (
    <section id="voices" aria-labelledby="voices-title">
      <h2 id="voices-title">
        {choice ? <>Voices: {choice}</> : 'Latest voices'} <span class="quiet">{number(total)}</span>
      </h2>
      {choice ? (
        <p class="links">
          <a href={linkToPlace(page, {})}>Show all voices</a> <OtherPeriod data={data} />
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

function choiceText({ page, model: { stages }, compared }: PageData): string {
  const stageNames = page.stage?.map((id) => stages.find((stage) => stage.id === id)?.name ?? id);
  const steps = page.step?.map(
    (step) => ({ none: 'About no experience', unknown: 'Step not clear' })[step as 'none'] ?? label(step),
  );
  const before = compared && page.when === 'before' ? [daysText(compared.before)] : undefined;
  return [stageNames, steps, page.touchpoint?.map(label), page.pain?.map(label), page.outcome?.map(label), before]
    .filter((names) => names !== undefined)
    .map((names) => names.join(', '))
    .join(' · ');
}

/** From the voices of one of two compared periods to those of the other. */
function OtherPeriod({ data: { page, compared } }: { data: PageData }) {
  if (!compared || page.author !== undefined) return null;
  return page.when === 'before' ? (
    <a href={linkTo(page, { when: undefined }, '#voices')}>The same in {daysText(compared.now)}</a>
  ) : (
    <a href={linkTo(page, { when: 'before' }, '#voices')}>The same in {daysText(compared.before)}</a>
  );
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
