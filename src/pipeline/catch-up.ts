import { wanted } from '../alerts/decide.ts';
import type { MentionStore } from '../domain/store.ts';
import { understand } from '../journey/personas.ts';
import { announce } from './evaluate.ts';
import type { EvaluatePorts } from './evaluate.ts';
import { getSubscription, markCaughtUp } from './subscriptions.ts';

const PAGE = 200;

/** Tells a new subscriber of what was collected between the asked time and the subscription's creation. */
export async function catchUp(
  id: string,
  ports: EvaluatePorts & { mentions: MentionStore },
  signal: AbortSignal,
): Promise<void> {
  const subscription = await getSubscription(ports.state, id);
  if (subscription === undefined) return;
  const query = { ...wanted(await understand(subscription.query, ports)), collectedFrom: subscription.since };
  let cursor: string | undefined;
  do {
    signal.throwIfAborted();
    if ((await getSubscription(ports.state, id)) === undefined) return;
    const page = await ports.mentions.search(query, { limit: PAGE, cursor });
    for (const mention of page.mentions) await announce(subscription, mention, ports);
    cursor = page.next;
  } while (cursor !== undefined);
  await markCaughtUp(ports.state, subscription);
}
