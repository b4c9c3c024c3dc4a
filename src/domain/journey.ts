/** The vocabulary of the customer's journey. The values are stored and are part of the API: add, never rename. */

/** What a mention is about, in the order in which a customer lives it. */
export const STEPS = [
  'awareness',
  'consideration',
  'purchase',
  'fulfilment',
  'use',
  'support',
  'loyalty',
  'advocacy',
] as const;
export type Step = (typeof STEPS)[number];

/** Where in the story the customer met the brand, by group. */
export const TOUCHPOINT_GROUPS = {
  prospect: ['advertisement', 'press', 'social_media', 'reviews', 'word_of_mouth'],
  engagement: ['website', 'mobile_app', 'store', 'catalogue', 'staff', 'point_of_sale', 'product'],
  'post-sale': ['delivery', 'invoice', 'message', 'support_team', 'help_desk', 'community'],
} as const;
export type TouchpointGroup = keyof typeof TOUCHPOINT_GROUPS;
export type Touchpoint = (typeof TOUCHPOINT_GROUPS)[TouchpointGroup][number];
export const TOUCHPOINTS: readonly Touchpoint[] = Object.values(TOUCHPOINT_GROUPS).flat();

export const SENTIMENTS = ['negative', 'neutral', 'positive'] as const;
export type Sentiment = (typeof SENTIMENTS)[number];

/** What the customer did, where the text tells. A plan is not an outcome. */
export const OUTCOMES = ['purchased', 'abandoned', 'returned', 'renewed', 'churned', 'recommended', 'warned'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Between what a hand-over broke. */
export const GAPS = ['device', 'department', 'channel'] as const;
export type Gap = (typeof GAPS)[number];

/** What a mention can say about the journey beside its place on it. */
export const SIGNALS = ['pain', 'opportunity', 'moment_of_truth', 'gap'] as const;
export type Signal = (typeof SIGNALS)[number];

/** Told that there is none. Not the same as `null`, which is "could not tell". */
export const NONE = 'none';
export type None = typeof NONE;
