import { z } from 'zod';

/** Option for the address of a server, read without the slash at its end, so that paths can be put behind it. */
export const serverAddress = () => z.url({ protocol: /^https?$/ }).overwrite((url) => url.replace(/\/$/, ''));

/** The same for a platform that has one address for nearly everybody. */
export function platformAddress(usual: string, about = 'For proxies and tests.') {
  return serverAddress().default(usual).describe(about);
}
