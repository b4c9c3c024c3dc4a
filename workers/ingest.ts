import { main } from '../src/cli.ts';

/** Understands and stores. One process of the scaled stage; any number may run. */
await main(['up', '--only', 'ingest', ...process.argv.slice(2)]);
