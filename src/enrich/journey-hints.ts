import type { Channel } from '../domain/mention.ts';
import type { None, Outcome, Sentiment, Step, Touchpoint } from '../domain/journey.ts';

/**
 * What speaks for a step or touchpoint beside its own cues. The unit is one plain cue: a prior of 1 weighs as much as
 * one cue of weight 1.
 */
export type StepOrNone = Step | None;
type StepWeights = Partial<Record<StepOrNone, number>>;
type TouchpointWeights = Partial<Record<Touchpoint, number>>;

/** What people mostly tell in such a place. */
export const CHANNEL_STEPS: Record<Channel, StepWeights> = {
  review: { use: 1.2, none: 0.3 },
  social: { none: 1.1, use: 0.4, support: 0.1 },
  news: { none: 1.5 },
  ticket: { support: 1.2, use: 0.4, consideration: 0.3 },
  survey: { use: 0.8 },
};

/** The text begins with somebody's handle: it is said to them, the more surely about them the more feeling is in it. */
export const ADDRESSED: Record<Sentiment, StepWeights> = {
  negative: { none: -0.7, support: 0.4, use: 0.2 },
  neutral: { none: -0.2, support: 0.2 },
  positive: { none: -0.5, support: 0.3, use: 0.2 },
};

/** The text names a brand that is listened for: it is hardly small talk. News name it without an experience. */
export const BRAND_NAMED: Record<Channel, StepWeights> = {
  review: { none: -0.3 },
  social: { none: -1 },
  news: {},
  ticket: {},
  survey: {},
};

/** The whole text asks. */
export const ASKING: Record<Channel, StepWeights> = {
  review: { consideration: 0.4 },
  social: { consideration: 0.2, support: 0.2 },
  news: {},
  ticket: { support: 0.3, consideration: 0.3 },
  survey: { consideration: 0.3 },
};

export const TOPIC_STEPS: Record<string, StepWeights> = {
  price: { consideration: 0.2, use: 0.2 },
  payment: { purchase: 0.5 },
  delivery_time: { fulfilment: 0.6 },
  packaging: { fulfilment: 0.6 },
  returns: { support: 0.7 },
  refund: { support: 0.8 },
  billing: { support: 0.6 },
  waiting_time: { support: 0.4 },
  staff_attitude: { use: 0.4 },
  expertise: { use: 0.2 },
  stock: { consideration: 0.2, purchase: 0.3 },
  selection: { use: 0.2, consideration: 0.2 },
  speed: { use: 0.4 },
  crash: { use: 0.4, support: 0.2 },
  usability: { use: 0.5 },
  login: { support: 0.4, use: 0.2 },
  security: { support: 0.2 },
  feature_request: { use: 0.3 },
  quality: { use: 0.5 },
  damage: { fulfilment: 0.8 },
  wrong_item: { fulfilment: 0.8 },
  setup: { fulfilment: 0.5 },
  cleanliness: { use: 0.5 },
  safety: { use: 0.2 },
  communication: { support: 0.4 },
  warranty: { support: 0.6 },
  loyalty_programme: { loyalty: 0.6 },
  cancellation: { loyalty: 0.3, support: 0.2 },
  promotion: { consideration: 0.2, purchase: 0.2 },
  responsibility: { awareness: 0.2 },
};

export const OUTCOME_STEPS: Record<Outcome, StepWeights> = {
  purchased: { use: 0.2, purchase: 0.2 },
  abandoned: { purchase: 0.5 },
  returned: { support: 0.6 },
  renewed: { loyalty: 0.8 },
  churned: { loyalty: 0.8 },
  recommended: { advocacy: 0.5 },
  warned: { advocacy: 0.5 },
};

/** Where a step mostly takes place when no word tells. */
export const STEP_TOUCHPOINTS: Record<Step, TouchpointWeights> = {
  awareness: { advertisement: 0.6, social_media: 0.3, word_of_mouth: 0.2 },
  consideration: { product: 0.8 },
  purchase: { point_of_sale: 0.8, website: 0.2 },
  fulfilment: { delivery: 0.9, product: 0.3 },
  use: { product: 1 },
  support: { support_team: 0.7, product: 0.5 },
  loyalty: { product: 0.9, community: 0.1 },
  advocacy: { product: 0.9 },
};

/** A written ticket seldom tells of a call: it is about the place of the trouble, and greets the support team. */
export const CHANNEL_TOUCHPOINTS: Partial<Record<Channel, TouchpointWeights>> = {
  ticket: { product: 0.4, help_desk: 0.2, support_team: -0.5 },
};

export const TOPIC_TOUCHPOINTS: Record<string, TouchpointWeights> = {
  payment: { point_of_sale: 0.4 },
  delivery_time: { delivery: 0.5 },
  packaging: { delivery: 0.6 },
  damage: { delivery: 0.5 },
  wrong_item: { delivery: 0.5 },
  billing: { invoice: 0.7 },
  refund: { invoice: 0.1 },
  staff_attitude: { staff: 0.4 },
  quality: { product: 0.3 },
  speed: { product: 0.1 },
  usability: { product: 0.2 },
  loyalty_programme: { community: 0.6 },
  communication: { message: 0.2, support_team: 0.2 },
};
