import { main } from '../src/cli.ts';

/** The API and the pages. One process of the scaled stage; any number may run. */
await main(['up', '--only', 'api', ...process.argv.slice(2)]);
