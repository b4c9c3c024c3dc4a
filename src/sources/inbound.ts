import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { PushRequest } from '../domain/source.ts';
import { nothingToAsk } from '../net/pages.ts';
import { checkPlainSecret, checkStandardWebhook, wireOf } from '../net/signature.ts';
import { readJson } from '../text/decode.ts';
import { jsonShape, readItems } from '../text/rows/json-items.ts';

const options = z.strictObject({
  secret: secret()
    .describe('Agreed with the sender; `whsec_…` or any text of 16 characters or more.')
    .check(z.minLength(16)),
  signature: z
    .enum(['standard-webhooks', 'plain'])
    .default('standard-webhooks')
    .describe(
      '`plain`: the secret itself comes as `Authorization: Bearer …` or `X-Earshot-Secret`, for simple senders.',
    ),
  ...jsonShape,
});
type Options = z.infer<typeof options>;

const EXPECTED = 'JSON with mentions';

/** Nothing is asked: whoever has words of customers sends them. */
export const inbound = defineSource<Options, null>({
  type: 'inbound',
  channel: 'review',
  about: 'Signed pushes from anywhere: POST mentions as JSON to /v1/inbound/<name>.',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  options,
  cursor: z.null(),
  example: { secret: '${env:INBOUND_SECRET}', items: 'mentions', channel: 'survey' },
  everySeconds: 86_400,
  hosts: () => [],
  pull: nothingToAsk,
  push: {
    about: 'Sign each request by Standard Webhooks with the secret, or send the secret itself.',
    docs: 'https://www.standardwebhooks.com/',
    verify(request: PushRequest, { secret: agreed, signature }, now) {
      if (signature === 'plain') checkPlainSecret(request, agreed);
      else checkStandardWebhook(request, agreed, now);
    },
    read: (request, asked) => readItems(readJson(wireOf(request), EXPECTED), asked),
  },
  parse: (answer) => readItems(readJson(answer, EXPECTED), options.parse({ secret: 'x'.repeat(16) })),
});
