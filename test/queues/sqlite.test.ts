import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { sqliteQueue } from '../../src/queues/sqlite/index.ts';
import { jobQueueContract } from '../contracts/job-queue.ts';
import { startWorkerProcess } from './worker-process.ts';

const LEASE_MS = 1_500;

jobQueueContract('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-queue-'));
  const path = join(folder, 'queue.db');
  const handles: Database.Database[] = [];
  return {
    leaseMs: LEASE_MS,
    async open() {
      const db = new Database(path);
      db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL');
      handles.push(db);
      return sqliteQueue(db, { now: () => new Date(), leaseMs: LEASE_MS, pollMs: 50 });
    },
    startWorker: (name, leaseMs = LEASE_MS) => startWorkerProcess('sqlite', path, name, leaseMs),
    async remove() {
      for (const db of handles) db.close();
      rmSync(folder, { recursive: true });
    },
  };
});
