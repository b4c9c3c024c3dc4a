import { main } from '../src/cli.ts';

/** Everything in one process, as `earshot up` does: what `npm start` runs. */
await main(['up', ...process.argv.slice(2)]);
