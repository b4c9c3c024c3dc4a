import { main } from '../src/cli.ts';

/** Keeps schedules and subscriptions in line with the configuration. One process of the scaled stage; any number may run. */
await main(['up', '--only', 'maintain', ...process.argv.slice(2)]);
