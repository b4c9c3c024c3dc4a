import { setTimeout } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import type { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import { codeOf, failed, isPassing, mayPass, toStoreError } from './errors.ts';

/** One line pair of a bulk request, serialised once however often it is sent. */
export interface BulkOperation {
  /** Index and id: two operations of the same key never travel at the same time. */
  key: string;
  /** The action and, except for a deletion, the document; each ends with a line feed. */
  lines: string;
}

/** What became of one operation. Passing troubles never get here. */
export interface BulkOutcome {
  /** 2xx; 404 for a deletion of nothing; 409 where somebody was first; 400 or 413 where the document is at fault. */
  status: number;
  /** Elasticsearch's own words, where it was refused. */
  reason: string;
}

export type SendBulk = (operations: readonly BulkOperation[]) => Promise<BulkOutcome[]>;

export interface BulkOptions {
  /** How often in a row nothing may get through before all is given up. Default 8, with pauses of up to 13 seconds. */
  attempts?: number | undefined;
  random?: (() => number) | undefined;
  log?: Log | undefined;
}

const BASE_MS = 100;
const CAP_MS = 5_000;

/** Writes over what is there; with a guard only over what was read. */
export function indexing(index: string, id: string, document: object, guard?: SeenVersion): BulkOperation {
  return operation('index', index, id, { ...guard }, document);
}

/** Writes only where there is nothing; 409 otherwise. */
export function creating(index: string, id: string, document: object): BulkOperation {
  return operation('create', index, id, {}, document);
}

export function deleting(index: string, id: string): BulkOperation {
  return operation('delete', index, id, {});
}

/** The version of a document that was read. https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk */
export interface SeenVersion {
  if_seq_no: number;
  if_primary_term: number;
}

function operation(action: string, _index: string, _id: string, guard: object, document?: object): BulkOperation {
  const first = `${JSON.stringify({ [action]: { _index, _id, ...guard } })}\n`;
  return {
    key: `${_index}/${_id}`,
    lines: document === undefined ? first : `${first}${JSON.stringify(document)}\n`,
  };
}

/**
 * Sends operations until each has an outcome. A bulk request answers 200 while single items failed, and the client's own
 * helper would drop all of those but 429; so every item is looked at, and items of status 429 or 5xx are sent again
 * after a pause (doubled up to 5 s, full jitter), as is the whole where the request itself failed that way. Each time
 * they go in smaller requests, because a node refuses for ever what is larger than its memory for writing. Sending twice
 * is harmless: a document has an id of its own, and what depends on a version answers 409 the second time.
 *
 * @throws AppError with a retry of `backoff` where nothing got through for too long: everything is to be handed over
 * again. `REMOTE_UNAUTHORIZED`, `REMOTE_NOT_FOUND` and `STORE_REFUSED` where no document is at fault.
 */
export function bulkSender(client: Client, options: BulkOptions = {}): SendBulk {
  const { attempts = 8, random = Math.random, log } = options;
  return async (operations) => {
    const outcomes = Array.from<BulkOutcome>({ length: operations.length });
    let open = operations.map((_, index) => index);
    let size = open.length;
    let inVain = 0;
    while (open.length > 0) {
      const { left, trouble } = await sendAll(client, operations, open, size, outcomes);
      if (trouble === undefined) return outcomes;
      inVain = left.length < open.length ? 0 : inVain + 1;
      if (inVain >= attempts) throw trouble;
      open = left;
      size = Math.ceil(size / 2);
      const pauseMs = random() * Math.min(CAP_MS, BASE_MS * 2 ** inVain);
      log?.('warn', 'Elasticsearch could not take a write yet', {
        code: trouble.code,
        operations: left.length,
        pauseMs,
      });
      await setTimeout(pauseMs);
    }
    return outcomes;
  };
}

interface ItemAnswer {
  status: number;
  error?: ItemError;
}

interface ItemError {
  type?: string;
  reason?: string;
  caused_by?: { reason?: string };
}

interface BulkAnswer {
  items?: Record<string, ItemAnswer>[];
}

/** What is to be sent again, and why. */
interface Round {
  left: number[];
  trouble?: AppError;
}

/** Sends in requests of `size` operations, up to the first that fails as a whole. */
async function sendAll(
  client: Client,
  operations: readonly BulkOperation[],
  open: readonly number[],
  size: number,
  outcomes: BulkOutcome[],
): Promise<Round> {
  const round: Round = { left: [] };
  for (let start = 0; start < open.length; start += size) {
    const slice = open.slice(start, start + size);
    try {
      const items = await request(client, slice.map((index) => operations[index]!.lines).join(''));
      slice.forEach((index, place) => readOutcome(readItem(items[place]), index, outcomes, round));
    } catch (thrown) {
      if (!mayPass(thrown)) throw toStoreError('storing', thrown);
      return { left: [...round.left, ...open.slice(start)], trouble: toStoreError('storing', thrown) };
    }
  }
  return round;
}

function readOutcome(outcome: BulkOutcome, index: number, outcomes: BulkOutcome[], round: Round): void {
  outcomes[index] = outcome;
  checkFault(outcome);
  if (!isPassing(outcome.status)) return;
  round.left.push(index);
  round.trouble ??= failed(codeOf(outcome.status), 'storing', outcome.reason);
}

/** All that is read of the answer, which spares the server and us most of it. */
const ITEM_FIELDS = ['status', 'error.type', 'error.reason', 'error.caused_by.reason']
  .map((field) => `items.*.${field}`)
  .join(',');

async function request(client: Client, bulkBody: string) {
  const answer = await client.transport.request<BulkAnswer>(
    {
      method: 'POST',
      path: '/_bulk',
      querystring: { filter_path: ITEM_FIELDS },
      bulkBody,
    },
    { maxRetries: 0 },
  );
  return answer.items ?? [];
}

/** An item that the answer does not speak of is no success. There is nothing to delete in an index that is missing. */
function readItem(item: Record<string, ItemAnswer> | undefined): BulkOutcome {
  const [action, { status, error }] = Object.entries(item ?? {})[0] ?? ['', { status: 500 }];
  if (action === 'delete' && status === 404) return { status, reason: '' };
  return { status, reason: error ? inWords(error) : '' };
}

/** The reason quotes the value that was refused, however long. */
const MAX_QUOTE = 300;

function inWords({ type = 'error', reason = '', caused_by: cause }: ItemError): string {
  const last = cause?.reason === undefined ? '' : ` (${cause.reason.slice(0, MAX_QUOTE)})`;
  return `${type}: ${reason.slice(0, MAX_QUOTE)}${last}`;
}

/**
 * A missing right, a missing index or a closed one is nobody's document's fault, so no document is refused for it. A
 * blocked one is being exchanged by a re-indexing, or its disk is full: that passes.
 */
function checkFault({ status, reason }: BulkOutcome): void {
  if (reason.startsWith('cluster_block_exception')) throw failed('STORE_UNAVAILABLE', 'storing', reason);
  const isFault = status === 401 || status === 403 || (status === 404 && reason !== '') || OF_THE_INDEX.test(reason);
  if (isFault) throw failed(codeOf(status), 'storing', reason);
}

const OF_THE_INDEX = /^(?:index_closed|index_not_found|validation)_exception/;
