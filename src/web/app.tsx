import { Hono } from 'hono';
import type { Context } from 'hono';
import { AppError, ERRORS } from '../domain/errors.ts';
import { ComparedPeriods } from './compared.tsx';
import { EmotionCurve } from './curve.tsx';
import { JourneyMapView } from './journey-map.tsx';
import { ICON, Layout } from './layout.tsx';
import { LeavingList } from './leaving.tsx';
import { Masthead } from './masthead.tsx';
import { loadPage } from './page-data.ts';
import type { PageData } from './page-data.ts';
import { readPageQuery } from './page-query.ts';
import { NoticesPanel, SourcesPanel } from './panels.tsx';
import type { WebPorts } from './ports.ts';
import { StageCards, Troubles } from './stage-cards.tsx';
import { styles } from './styles.ts';
import { Voices } from './voices.tsx';

/** The one page. To be mounted into the API's app, whose protections (content security, host names) it relies on. */
export function createWeb(ports: WebPorts): Hono {
  const app = new Hono();
  app.get('/', async (c) => {
    try {
      return c.html(<Page data={await loadPage(ports, readPageQuery(queryOf(c)))} />);
    } catch (error) {
      if (!(error instanceof AppError) || ERRORS[error.code].status >= 500) throw error;
      return c.html(<Refused error={error} />, ERRORS[error.code].status as 400);
    }
  });
  app.get('/styles.css', (c) => c.body(styles, 200, { 'content-type': 'text/css; charset=utf-8', ...cached }));
  app.get('/icon.svg', (c) => c.body(ICON, 200, { 'content-type': 'image/svg+xml', ...cached }));
  return app;
}

const cached = { 'cache-control': 'max-age=300' };

function queryOf(c: Context): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}

function Page({ data }: { data: PageData }) {
  return (
    <Layout title={`${data.brands.join(' · ') || 'The customer journey'} – Earshot`}>
      <Masthead data={data} />
      <main id="content">{data.stored === 0 ? <NothingYet /> : <Journey data={data} />}</main>
      <footer class="panels">
        <SourcesPanel sources={data.sources} />
        <NoticesPanel notices={data.notices} />
      </footer>
    </Layout>
  );
}

function Journey({ data }: { data: PageData }) {
  return (
    <>
      <section aria-labelledby="feel-title">
        <h2 id="feel-title">How it feels along the way</h2>
        <Troubles data={data} />
        <ComparedPeriods data={data} />
        <EmotionCurve stages={data.map.stages} changes={data.changes} />
        <StageCards data={data} />
      </section>
      <section aria-labelledby="leaving-title">
        <h2 id="leaving-title">Who is likely to leave</h2>
        <LeavingList data={data} />
      </section>
      <section id="map" aria-labelledby="map-title">
        <h2 id="map-title">The journey map</h2>
        <JourneyMapView data={data} />
      </section>
      <Voices data={data} />
    </>
  );
}

function NothingYet() {
  return (
    <section class="notice-box">
      <h2>Nothing has been collected yet</h2>
      <p>
        The first mentions appear here as soon as a source has been read. If none do, look at the sources below: one
        that fails says why and what to do.
      </p>
      <p>
        To listen to more, name your sources in <code>config/earshot.yaml</code>, test them with{' '}
        <code>npx earshot check --live</code>, and start again.
      </p>
    </section>
  );
}

function Refused({ error }: { error: AppError }) {
  return (
    <Layout title={`${ERRORS[error.code].title} – Earshot`}>
      <main id="content">
        <section class="notice-box">
          <h1>{ERRORS[error.code].title}</h1>
          <p>{error.message}</p>
          {error.fix ? <p>{error.fix}</p> : null}
          <p>
            <a href="/">Back to the journey</a>
          </p>
        </section>
      </main>
    </Layout>
  );
}
