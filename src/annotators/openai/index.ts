import { z } from 'zod';
import { defineAnnotator } from '../../domain/annotator.ts';
import type { Annotated, Annotation, Annotator, AnnotatorPorts } from '../../domain/annotator.ts';
import type { Draft } from '../../domain/enricher.ts';
import { AppError, toAppError } from '../../domain/errors.ts';
import { createBudget } from './budget.ts';
import { createHealth } from './health.ts';
import { PROMPT_VERSION, answerSchema, instructions, isSuspicious, question, readAnswer } from './prompt.ts';

const options = z.strictObject({
  url: z.url().describe('Where the API begins, for instance http://localhost:11434/v1 .'),
  model: z.string().min(1).describe('As the endpoint names it.'),
  key: z.string().min(1).optional().describe('Where the endpoint wants one.'),
  batch: z.int().min(1).max(50).default(8).describe('Texts of one request.'),
  concurrency: z.int().min(1).max(16).default(2).describe('Requests at the same time, of one process.'),
  timeoutSeconds: z.int().min(1).max(300).default(30).describe('Of one request; then the built-in judgement stands.'),
  requestsPerDay: z.int().min(0).default(1_000).describe('Most requests of a day (UTC), over all processes.'),
  tokensPerDay: z.int().min(0).default(1_000_000).describe('Most tokens of a day (UTC), over all processes.'),
  format: z
    .enum(['schema', 'json', 'none'])
    .default('schema')
    .describe('How the form of the answer is asked for: by JSON Schema, as any JSON, or in words only.'),
});
type OpenAiOptions = z.infer<typeof options>;

/**
 * Any endpoint that speaks OpenAI's chat completions: Ollama, vLLM, llama.cpp, a cloud.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export const openai = defineAnnotator<OpenAiOptions>({
  type: 'openai',
  about: 'Asks a language model behind any OpenAI-compatible endpoint. Masked texts leave the house, authors do not.',
  docs: 'https://platform.openai.com/docs/api-reference/chat/create',
  options,
  open: (given, ports) => Promise.resolve(createOpenAi(given, ports)),
});

/** Letters of a token, at the least that tokenizers do in any of our languages; and tokens of one answered item. */
const LETTERS_PER_TOKEN = 1.5;
const TOKENS_PER_ITEM = 150;
const MAX_BYTES = 1024 * 1024;
function createOpenAi(given: OpenAiOptions, ports: AnnotatorPorts): Annotator {
  const health = createHealth(ports);
  const budget = createBudget({ requests: given.requestsPerDay, tokens: given.tokensPerDay }, ports.state, ports.now);

  async function askBatch(drafts: readonly Draft[], judges: readonly Annotated[]) {
    const nothing = drafts.map(() => undefined);
    if (health.isPaused()) return nothing;
    try {
      const request = requestOf(given, drafts, judges);
      const settle = await budget.reserve(costOf(request, drafts.length));
      if (settle === undefined) {
        health.noteSpent();
        return nothing;
      }
      const { annotations, tokens } = await ask(given, request, drafts, judges, ports);
      if (tokens !== undefined) await settle(tokens);
      health.noteAnswer();
      return annotations;
    } catch (thrown) {
      health.noteFault(toAppError(thrown));
      return nothing;
    }
  }

  return {
    name: `openai/${given.model}`,
    version: PROMPT_VERSION,
    async annotate(drafts, judges) {
      const answers = Array.from<Annotation | undefined>({ length: drafts.length });
      const open = batchesOf(drafts, given.batch);
      const work = async () => {
        for (let batch = open.shift(); batch !== undefined; batch = open.shift()) {
          const found = await askBatch(
            batch.map((index) => drafts[index]!),
            judges,
          );
          for (const [place, index] of batch.entries()) answers[index] = found[place];
        }
      };
      await Promise.all(Array.from({ length: given.concurrency }, work));
      return answers;
    },
  };
}

/** Places of the drafts by request; what may speak to the model goes alone. */
function batchesOf(drafts: readonly Draft[], size: number): number[][] {
  const alone = drafts.flatMap((draft, index) => (isSuspicious(draft) ? [index] : []));
  const others = [...drafts.keys()].filter((index) => !alone.includes(index));
  const batches = alone.map((index) => [index]);
  for (let start = 0; start < others.length; start += size) batches.push(others.slice(start, start + size));
  return batches;
}

function requestOf({ model, format }: OpenAiOptions, drafts: readonly Draft[], judges: readonly Annotated[]) {
  const schema = { name: 'labels', strict: true, schema: answerSchema(judges) };
  return {
    model,
    temperature: 0,
    seed: 1,
    max_tokens: drafts.length * TOKENS_PER_ITEM,
    messages: [
      { role: 'system', content: instructions(judges) },
      { role: 'user', content: question(drafts) },
    ],
    ...(format === 'schema' && { response_format: { type: 'json_schema', json_schema: schema } }),
    ...(format === 'json' && { response_format: { type: 'json_object' } }),
  };
}

type ChatRequest = ReturnType<typeof requestOf>;

/** The most that a request may cost, in tokens. */
function costOf({ messages }: ChatRequest, items: number): number {
  const letters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(letters / LETTERS_PER_TOKEN) + items * TOKENS_PER_ITEM;
}

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z.object({ total_tokens: z.number() }).optional().catch(undefined),
});

async function ask(
  { url, key, timeoutSeconds }: OpenAiOptions,
  request: ChatRequest,
  drafts: readonly Draft[],
  judges: readonly Annotated[],
  { http }: AnnotatorPorts,
) {
  const { body } = await http({
    url: `${url.replace(/\/+$/u, '')}/chat/completions`,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(request),
    timeoutMs: timeoutSeconds * 1_000,
    maxBytes: MAX_BYTES,
    redirect: 'refuse',
  });
  try {
    const { choices, usage } = completion.parse(JSON.parse(new TextDecoder().decode(body)));
    const annotations = readAnswer(choices[0]!.message.content, drafts, judges);
    return { annotations, tokens: usage?.total_tokens };
  } catch (cause) {
    throw new AppError('SOURCE_SHAPE', 'The annotator answered something that is not what was asked for.', { cause });
  }
}
