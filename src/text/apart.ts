/** A copy of a string that was cut out of a text: the cut one would hold on to the whole text. */
export const apart = (cut: string): string => ` ${cut}`.slice(1);
