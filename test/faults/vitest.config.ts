import { defineConfig } from 'vitest/config';

/** Real processes that are really killed: `npm run test:faults`, or with FAULTS=full. */
export default defineConfig({
  test: { include: ['test/faults/*.fault.ts'], fileParallelism: false, hookTimeout: 300_000, teardownTimeout: 60_000 },
});
