import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { bullQueue } from '../../src/queues/bullmq/index.ts';
import { jobQueueContract } from '../contracts/job-queue.ts';
import { serverUrl } from '../servers.ts';
import { emptyPrefix } from './redis.ts';
import { startWorkerProcess } from './worker-process.ts';

const LEASE_MS = 1_500;
const url = serverUrl('REDIS_URL') ?? '';

describe.skipIf(!url)(`a real Redis${url ? '' : ' (skipped: REDIS_URL is not set)'}`, () => {
  jobQueueContract('bullmq', async () => {
    const prefix = `test-${randomUUID()}`;
    return {
      leaseMs: LEASE_MS,
      open: () => bullQueue({ url, prefix, now: () => new Date(), leaseMs: LEASE_MS }),
      startWorker: (name, leaseMs = LEASE_MS) => startWorkerProcess('bullmq', `${url} ${prefix}`, name, leaseMs),
      remove: () => emptyPrefix(url, prefix),
    };
  });
});
