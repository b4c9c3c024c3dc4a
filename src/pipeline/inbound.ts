import { AppError } from '../domain/errors.ts';
import type { PushRequest } from '../domain/source.ts';
import { enqueue } from './pull.ts';
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
  ports: PullPorts,
): Promise<InboundReport> {
  const { source, options, name } = configured;
  const { push } = source;
  if (push === undefined) {
    throw new AppError('NOT_FOUND', `The source ${name} (${source.type}) takes no pushes.`, {
      fix: 'Send to a source whose type takes them: see `earshot reference`.',
    });
  }
  push.verify(request, options, ports.now());
  const report: InboundReport = { accepted: 0, refused: [] };
  let wakes: boolean | undefined;
  try {
    const call = { source, options, signal: new AbortController().signal };
    for await (const part of ports.listener.listen({ push: request }, call)) {
      await enqueue(part.items, configured, ports, { ...part, pushed: true });
      report.accepted += part.items.length + (part.gone ?? []).length + (part.answered ?? []).length;
      report.refused.push(...part.refused);
      report.reply = part.end?.reply;
      wakes = part.end?.wakes;
    }
  } catch (thrown) {
    throw senderError(thrown);
  }
  if (wakes) await pullNow(name, ports).catch(ignoreConflict);
  return report;
}

/** What the sender sent is not as agreed: that is told to the sender, and is no fault of a source. */
function senderError(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== 'SOURCE_SHAPE') return thrown;
  return new AppError('BODY_INVALID', thrown.message, { fix: 'See what the source expects: `earshot reference`.' });
}

/** A platform that asked for a pause is pulled by itself after it. */
function ignoreConflict(thrown: unknown): void {
  if (!(thrown instanceof AppError) || thrown.code !== 'CONFLICT') throw thrown;
}
