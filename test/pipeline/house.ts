import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { RawMention } from '../../src/domain/mention.ts';
import { defineSource } from '../../src/domain/source.ts';
import type { Page } from '../../src/domain/source.ts';
import type { ConfiguredSource } from '../../src/pipeline/pull.ts';
import { readEnvironment } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/load.ts';

/** The whole embedded house on a fresh folder, with every port real. */
export async function openHouse(yaml = ''): Promise<App & { remove(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'earshot-house-'));
  const settings = readSettings(`network: { allow: [127.0.0.0/8] }\n${yaml}`, 'test', {});
  const environment = { ...readEnvironment({}), dataDir };
  const app = await openApp({ settings, environment, log: () => {} });
  const remove = async () => {
    await app.close(0);
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...app, remove };
}

export function raw(externalId: string, more: Partial<RawMention> = {}): RawMention {
  return { externalId, channel: 'review', text: `A good guitar, number ${externalId}.`, ...more };
}

/** A source whose pages are written down; `cursor` is the number of pages read. It can break off after any of them. */
export function scripted(
  name: string,
  pages: RawMention[][],
  options: { failAfter?: number; error?: AppError; asked?: string } = {},
): ConfiguredSource {
  const { failAfter = Infinity, error = new AppError('SOURCE_SHAPE', 'an HTML page'), asked = 'x' } = options;
  const source = defineSource({
    type: 'scripted',
    channel: 'review',
    about: 'Pages written down in a test.',
    docs: 'https://example.com',
    options: z.strictObject({ asked: z.string() }),
    cursor: z.int(),
    everySeconds: 600,
    hosts: () => [],
    async *pull({ cursor = 0 }): AsyncGenerator<Page<number>> {
      for (let index = cursor; index < pages.length; index++) {
        if (index >= failAfter) throw error;
        yield { items: pages[index]!, refused: [], cursor: index + 1 };
      }
      if (pages.length === 0) throw error;
    },
    parse: () => ({ items: [], refused: [] }),
  });
  return {
    name,
    source,
    options: { asked },
    everySeconds: 600,
    brand: undefined,
    authors: 'pseudonym',
    unmatched: 'keep',
  };
}

export const never = new AbortController().signal;

export async function until(condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = Date.now() + withinMs; !(await condition()); await pause(20)) {
    if (Date.now() > end) throw new Error(`did not become true: ${condition}`);
  }
}

/** A real server that answers as told. */
export async function serveLocally(answer: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((done) => server.close(() => done()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
