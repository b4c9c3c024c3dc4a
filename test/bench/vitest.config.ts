import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const built = fileURLToPath(new URL('../../dist/src/', import.meta.url));

/**
 * Measurements are no tests: they print figures, need an idle machine, and run only when asked for. What is measured is
 * what ships: the built files, as Node runs them (`npm run bench` builds them first).
 */
export default defineConfig({
  resolve: { alias: [{ find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: `${built}$1.js` }] },
  test: {
    include: ['test/bench/*.bench.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    server: { deps: { external: [/\/dist\/src\//] } },
  },
});
