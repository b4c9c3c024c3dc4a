import type { BulkOperation, BulkOutcome, SendBulk } from './bulk.ts';

export interface WriterLimits {
  /** Most operations of one request. */
  operations: number;
  /** Most UTF-16 units of one request, a single larger operation aside. */
  units: number;
  /** How long an operation waits for company while another request is on its way, in milliseconds. */
  waitMs: number;
  /** Most requests at the same time. With 1, operations arrive in the order in which they were handed over. */
  inFlight: number;
}

/** Near the best that was measured: 1,000–2,000 documents of 1–2 MB, four requests at a time. */
export const WIDE: WriterLimits = { operations: 1_000, units: 1_500_000, waitMs: 50, inFlight: 4 };
export const ORDERED: WriterLimits = { ...WIDE, inFlight: 1 };

/** What somebody handed over at once. */
interface Call {
  outcomes: BulkOutcome[];
  open: number;
  ended: boolean;
  resolve(outcomes: BulkOutcome[]): void;
  reject(reason: unknown): void;
}

interface Waiting {
  operation: BulkOperation;
  call: Call;
  place: number;
}

interface Lanes {
  send: SendBulk;
  limits: WriterLimits;
  queue: Waiting[];
  /** Of all in the queue. */
  units: number;
  flying: number;
  /** What waits has waited long enough. */
  due: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Keys that are on their way. */
  busy: Set<string>;
}

/**
 * Lets everybody who writes in this process share requests; each gets the outcomes of what he handed over, in its
 * order. A lone writer does not wait: company is waited for only while a request is on its way. Two operations of one
 * key never travel at the same time, and arrive in the order in which they came.
 */
export function coalescingWriter(send: SendBulk, limits: WriterLimits): SendBulk {
  const lanes: Lanes = { send, limits, queue: [], units: 0, flying: 0, due: false, timer: undefined, busy: new Set() };
  return (operations) =>
    new Promise((resolve, reject) => {
      if (operations.length === 0) return resolve([]);
      const outcomes = Array.from<BulkOutcome>({ length: operations.length });
      const call: Call = { outcomes, open: operations.length, ended: false, resolve, reject };
      for (const [place, operation] of operations.entries()) {
        lanes.queue.push({ operation, call, place });
        lanes.units += operation.lines.length;
      }
      schedule(lanes);
    });
}

function schedule(lanes: Lanes): void {
  while (lanes.flying < lanes.limits.inFlight && isDue(lanes)) {
    const batch = take(lanes);
    if (batch.length === 0) break;
    void fly(lanes, batch);
  }
  if (lanes.queue.length === 0 || lanes.timer !== undefined) return;
  lanes.timer = setTimeout(
    () => {
      lanes.timer = undefined;
      lanes.due = true;
      schedule(lanes);
    },
    lanes.flying === 0 ? 0 : lanes.limits.waitMs,
  );
}

function isDue({ due, queue, units, limits }: Lanes): boolean {
  return due || queue.length >= limits.operations || units >= limits.units;
}

/** From the front of the queue, passing over keys that are on their way. */
function take(lanes: Lanes): Waiting[] {
  const { limits, busy } = lanes;
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  const passed = new Set<string>();
  let size = 0;
  let full = false;
  for (const waiting of lanes.queue) {
    if (waiting.call.ended) continue;
    const { key, lines } = waiting.operation;
    full ||= batch.length >= limits.operations || (batch.length > 0 && size + lines.length > limits.units);
    if (full || busy.has(key) || passed.has(key)) {
      passed.add(key);
      rest.push(waiting);
      continue;
    }
    busy.add(key);
    size += lines.length;
    batch.push(waiting);
  }
  lanes.queue = rest;
  lanes.units = rest.reduce((sum, { operation }) => sum + operation.lines.length, 0);
  lanes.due &&= full;
  return batch;
}

async function fly(lanes: Lanes, batch: readonly Waiting[]): Promise<void> {
  lanes.flying++;
  try {
    const outcomes = await lanes.send(batch.map(({ operation }) => operation));
    for (const [index, { call, place }] of batch.entries()) arrive(call, place, outcomes[index]!);
  } catch (reason) {
    for (const { call } of batch) fail(call, reason);
  } finally {
    lanes.flying--;
    for (const { operation } of batch) lanes.busy.delete(operation.key);
    if (lanes.flying === 0) {
      clearTimeout(lanes.timer);
      lanes.timer = undefined;
    }
    schedule(lanes);
  }
}

function arrive(call: Call, place: number, outcome: BulkOutcome): void {
  call.outcomes[place] = outcome;
  if (--call.open > 0 || call.ended) return;
  call.ended = true;
  call.resolve(call.outcomes);
}

function fail(call: Call, reason: unknown): void {
  if (call.ended) return;
  call.ended = true;
  call.reject(reason);
}
