import { AppError } from '../domain/errors.ts';
import type { PushRequest } from '../domain/source.ts';
import { checked, enqueue } from './pull.ts';
import type { ConfiguredSource, PullPorts } from './pull.ts';
import { pullNow } from './pull-now.ts';

export interface InboundReport {
  /** Mentions and erasures that are on their way now. */
  accepted: number;
  refused: { where: string; reason: string }[];
  reply?: string | undefined;
}

/**
 * Takes a push: verifies its bytes, reads it, and gives the mentions to the durable queue before it answers. A replay
 * stores the same mentions once more, which changes nothing.
 *
 * @throws {AppError} `PUSH_REFUSED` where it is not signed as agreed; `NOT_FOUND` where this source takes no pushes;
 * `BODY_INVALID` where it is not in the platform's format.
 */
export async function receive(
  configured: ConfiguredSource,
  request: PushRequest,
  ports: Omit<PullPorts, 'listener'>,
): Promise<InboundReport> {
  const { source, options, name } = configured;
  const { push } = source;
  if (push === undefined) {
    throw new AppError('NOT_FOUND', `The source ${name} (${source.type}) takes no pushes.`, {
      fix: 'Send to a source whose type takes them: see `earshot reference`.',
    });
  }
  push.verify(request, options, ports.now());
  const { reply, wakes, ...parsed } = readPush(() => push.read(request, options));
  const { items, refused } = checked(parsed);
  await enqueue(items, configured, ports, { ...parsed, pushed: true });
  if (wakes) await pullNow(name, ports).catch(ignoreConflict);
  return { accepted: items.length + (parsed.gone ?? []).length + (parsed.answered ?? []).length, refused, reply };
}

/** What the sender sent is not as agreed: that is told to the sender, and is no fault of a source. */
function readPush<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'SOURCE_SHAPE') throw thrown;
    throw new AppError('BODY_INVALID', thrown.message, { fix: 'See what the source expects: `earshot reference`.' });
  }
}

/** A platform that asked for a pause is pulled by itself after it. */
function ignoreConflict(thrown: unknown): void {
  if (!(thrown instanceof AppError) || thrown.code !== 'CONFLICT') throw thrown;
}
