import { z } from 'zod';

/** Names people choose: they stand in addresses, file names and queries. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens');
