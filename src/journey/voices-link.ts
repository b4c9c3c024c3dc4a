import type { MentionFilter } from '../domain/query.ts';

/** The address that lists the voices behind a figure: the filter, with some of its fields set anew. */
export function voicesLink(filter: MentionFilter, fields: MentionFilter): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, ...fields }))
    if (value !== undefined) for (const one of [value].flat()) search.append(name, String(one));
  return `/v1/mentions${search.size > 0 ? `?${search}` : ''}`;
}
