import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Bucket } from '../domain/store.ts';
import { filterParams } from '../journey/filter-params.ts';
import { tallyOf } from '../journey/map.ts';
import { understand } from '../journey/personas.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, paramsHook } from './router.ts';

const params = z.strictObject(filterParams);
const share = z
  .object({
    name: z.string(),
    competitor: z.boolean(),
    count: z.int(),
    share: z.number().nullable().describe('Of all that is said of these brands, 0…1; null where nothing was said.'),
    netSentiment: z.number().nullable().describe('Share positive − share negative, −1…1.'),
  })
  .meta({ id: 'BrandShare' });
const brandsRoute = createRoute({
  method: 'get',
  path: '/v1/brands',
  summary: 'Share of voice: your brands beside your competitors',
  description: 'A mention of two brands counts for both.',
  request: { query: params },
  responses: { 200: json('In the order of the configuration.', z.object({ brands: z.array(share) })), ...failures },
});

export function brandsApi({ mentions, brands, ...ports }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    brandsRoute,
    async (c) => {
      const query = await understand(c.req.valid('query'), ports);
      const counts = new Map((await mentions.aggregate(query, ['brand'])).map((one) => [one.key[0], one]));
      const known = brands.map((brand) => ({ ...brand, bucket: counts.get(brand.name) }));
      const total = known.reduce((sum, { bucket }) => sum + (bucket?.count ?? 0), 0);
      return c.json({ brands: known.map(({ bucket, ...brand }) => ({ ...brand, ...voice(bucket, total) })) }, 200);
    },
    paramsHook(params),
  );
  return router;
}

function voice(bucket: Bucket | undefined, total: number) {
  const { count, netSentiment } = tallyOf(bucket ? [bucket] : []);
  return { count, share: total === 0 ? null : count / total, netSentiment };
}
