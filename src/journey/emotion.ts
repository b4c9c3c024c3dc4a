/**
 * The five-step scale on which feelings are shown to people, worst first: one word for each fifth of the range of
 * net sentiment. The only place where it is declared.
 */
export const EMOTIONS = ['frustrated', 'disappointed', 'indifferent', 'satisfied', 'delighted'] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** Least net sentiment of each emotion, in the order of `EMOTIONS`. */
const FLOORS = [-1, -0.6, -0.2, 0.2, 0.6];

/** @param netSentiment −1…1. The middle step is open on both sides: exactly −0.2 and 0.2 are still indifferent. */
export function emotionOf(netSentiment: number): Emotion {
  if (netSentiment === 0.2) return 'indifferent';
  return EMOTIONS[FLOORS.findLastIndex((floor) => netSentiment >= floor)] ?? 'frustrated';
}
