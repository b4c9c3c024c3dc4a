import { main } from '../src/cli.ts';

/** Tells subscribers. One process of the scaled stage; any number may run. */
await main(['up', '--only', 'deliver', ...process.argv.slice(2)]);
