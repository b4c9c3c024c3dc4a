import { AppError } from '../../domain/errors.ts';
import type { Parsed } from '../../domain/source.ts';
import { gather, rowInvalid } from '../gather.ts';
import { answerOfLetter, draftOfLetter, readLetter } from './letter.ts';
import type { Letter, LetterOptions } from './letter.ts';

/** One mail of a folder. */
export interface Mail {
  /** Number in the folder. */
  uid: number | undefined;
  bytes: Uint8Array | undefined;
}

/** Customers' mails, and what answers mails of theirs. One that cannot be read is named. */
export function mentionsOfMails(mails: readonly Mail[], how: LetterOptions): Parsed {
  const answered: NonNullable<Parsed['answered']> = [];
  const parsed = gather(
    mails,
    ({ uid }) => (uid === undefined ? 'the mail' : `mail ${uid}`),
    ({ bytes }) => {
      const letter = letterOf(bytes);
      const answer = answerOfLetter(letter, how);
      if (answer !== undefined) answered.push(answer);
      return draftOfLetter(letter, how);
    },
  );
  return { ...parsed, ...(answered.length > 0 && { answered }) };
}

/** Throws `ROW_INVALID`. */
function letterOf(bytes: Uint8Array | undefined): Letter {
  if (bytes === undefined) throw rowInvalid('The server named it, but did not send it.');
  try {
    return readLetter(bytes);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'SOURCE_SHAPE') throw rowInvalid(thrown.message);
    throw thrown;
  }
}

/** Whether an address is among these, or of one of the domains among them (`@velmora.example`). */
export function ownAddresses(own: readonly string[]): (address: string) => boolean {
  const known = new Set(own.map((one) => one.toLowerCase()));
  return (address) => known.has(address) || known.has(address.slice(address.lastIndexOf('@')));
}
