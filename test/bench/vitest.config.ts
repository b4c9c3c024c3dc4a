import { defineConfig } from 'vitest/config';

/** Measurements are no tests: they print figures, need an idle machine, and run only when asked for. */
export default defineConfig({
  test: { include: ['test/bench/*.bench.ts'], testTimeout: 600_000, hookTimeout: 60_000, fileParallelism: false },
});
