import { SENTIMENTS } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { PageData } from './page-data.ts';
import { COMPARED, PERIODS, linkTo } from './page-query.ts';
import { date, label, languageName, mentionCount } from './words.ts';

/** Whose journey, how much of it, and by what it is looked at. */
export function Masthead({ data }: { data: PageData }) {
  const { brands, map, covered, models, model, page } = data;
  return (
    <header class="masthead">
      <div class="title">
        <p class="product">Earshot</p>
        <h1>{brands.length > 0 ? brands.join(' · ') : 'The customer journey'}</h1>
        <p class="quiet">
          {mentionCount(map.total)}
          {covered ? `, ${date(covered.first)} to ${date(covered.last)}` : ''}
        </p>
      </div>
      <nav aria-label="Stage model">
        {models.map(({ id, name }) => (
          <a href={linkTo(page, { model: id, stage: undefined })} aria-current={id === model.id ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <Filters data={data} />
    </header>
  );
}

const PERIOD_NAMES = { '30': '30 days', '90': '90 days', '270': '270 days', all: 'All time' };

const COMPARED_NAMES = { before: 'The period before', 'half-year': 'Six months ago' };

const plain = (value: string) => ({ value, name: value });

function Filters({ data: { page, model, offers } }: { data: PageData }) {
  return (
    <form class="filters" method="get" action="/" role="search">
      <input type="hidden" name="model" value={model.id} />
      <Choice
        name="period"
        chosen={page.period}
        options={PERIODS.map((value) => ({ value, name: PERIOD_NAMES[value] }))}
      />
      <Choice
        name="against"
        title="Compare with"
        any="Nothing"
        chosen={page.against}
        options={COMPARED.map((value) => ({ value, name: COMPARED_NAMES[value] }))}
      />
      {offers.personas.length === 0 ? null : (
        <Choice
          name="persona"
          any="Everybody"
          chosen={page.persona}
          options={offers.personas.map(({ id, name }) => ({ value: id, name }))}
        />
      )}
      <Choice name="source" any="All sources" chosen={page.source?.join()} options={offers.sources.map(plain)} />
      <Choice
        name="language"
        any="All languages"
        chosen={page.language?.join()}
        options={offers.languages.map((value) => ({ value, name: languageName(value) }))}
      />
      <Choice
        name="sentiment"
        any="All feelings"
        chosen={page.sentiment?.join()}
        options={[...SENTIMENTS, UNKNOWN].map((value) => ({
          value,
          name: value === UNKNOWN ? 'Not clear' : label(value),
        }))}
      />
      <label class="search">
        <span>Words</span>
        <input type="search" name="q" value={page.q ?? ''} maxlength={500} placeholder='late "card declined" -app' />
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

interface ChoiceProps {
  name: string;
  /** What people read above it; by default its name. */
  title?: string;
  /** Name of the choice to choose none; absent where one must be chosen. */
  any?: string;
  chosen: string | undefined;
  options: { value: string; name: string }[];
}

function Choice({ name, title = label(name), any, chosen, options }: ChoiceProps) {
  const isListed = chosen === undefined || options.some(({ value }) => value === chosen);
  const all = isListed ? options : [...options, { value: chosen, name: chosen }];
  return (
    <label>
      <span>{title}</span>
      <select name={name}>
        {any ? <option value="">{any}</option> : null}
        {all.map(({ value, name: shown }) => (
          <option value={value} selected={value === chosen}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}
