import { main } from '../src/cli.ts';

/** Asks the platforms. One process of the scaled stage; any number may run. */
await main(['up', '--only', 'pull', ...process.argv.slice(2)]);
