import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { AppError } from '../domain/errors.ts';

/** What `decodeBody` understands, for the request's `accept-encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';
const MAX_ENCODINGS = 2;

const brotli = promisify(brotliDecompress);
const zlib = promisify(inflate);
const raw = promisify(inflateRaw);
const gzip = promisify(gunzip);
type Decoder = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const DECODERS: Record<string, Decoder> = {
  gzip,
  'x-gzip': gzip,
  // By the book a zlib stream, in the wild also a bare one: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
  deflate: (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 8 ? zlib(bytes, options) : raw(bytes, options)),
  br: (bytes, { maxOutputLength }) => brotli(bytes, { maxOutputLength: maxOutputLength! }),
};

/** Reads a stream to its end, or throws `REMOTE_TOO_LARGE` as soon as it is longer than `maxBytes`. */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number, address: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes, address);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * Undoes the content encodings. zlib counts what it has put out and stops at `maxBytes`, so a small bomb cannot grow.
 * Throws `REMOTE_TOO_LARGE`, `REMOTE_REFUSED` for encodings we did not ask for, `REMOTE_UNAVAILABLE` for broken ones.
 */
export async function decodeBody(
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
  address: string,
): Promise<Buffer> {
  let decoded = bytes;
  for (const decoder of decodersOf(contentEncoding, address).toReversed()) {
    if (decoded.length > 0) decoded = await decode(decoder, decoded, maxBytes, address);
  }
  return decoded;
}

function decodersOf(header: string | undefined, address: string): Decoder[] {
  const names = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const wanted = names.filter((name) => name !== '' && name !== 'identity');
  if (wanted.length > MAX_ENCODINGS) throw unknownEncoding(`${wanted.length} encodings over one another`, address);
  return wanted.map((name) => {
    const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
    if (!decoder) throw unknownEncoding(`the encoding "${name.slice(0, 40)}"`, address);
    return decoder;
  });
}

async function decode(decoder: Decoder, bytes: Buffer, maxBytes: number, address: string): Promise<Buffer> {
  try {
    return await decoder(bytes, { maxOutputLength: maxBytes });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, address);
    throw new AppError('REMOTE_UNAVAILABLE', `${address} sent a compressed answer that is broken or cut off.`, {
      fix: 'Nothing to do: it is tried again.',
      cause: thrown,
    });
  }
}

/** Every comma and opening bracket of JSON and XML is a value or a tag; an entity weighs a quarter of one. */
const WEIGHTS: Record<string, number> = { '[': 4, '{': 4, ',': 4, '<': 4, '&': 1 };
const WEIGHT_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => WEIGHTS[String.fromCharCode(byte)] ?? 0);
const MAX_VALUES = 300_000;

/**
 * Throws `REMOTE_TOO_LARGE` where a body of few bytes would unfold into very many values, each of which takes far more
 * memory than its bytes: the engine cannot be stopped within one `JSON.parse`.
 */
export function refuseDense(body: Uint8Array, address: string): void {
  let weight = 0;
  for (let at = 0; at < body.length; at++) weight += WEIGHT_OF_BYTE[body[at]!]!;
  if (weight <= 4 * MAX_VALUES) return;
  throw new AppError('REMOTE_TOO_LARGE', `${address} sent more than the ${MAX_VALUES} values that are taken at once.`, {
    fix: 'Ask for less at a time, or look at what this address really delivers.',
  });
}

/** The answer is over the cap on decoded bytes. */
export function tooLarge(maxBytes: number, address: string): AppError {
  return new AppError('REMOTE_TOO_LARGE', `${address} sent more than the ${maxBytes} bytes that are allowed.`, {
    fix: 'Ask for less at a time, or look at what this address really delivers.',
  });
}

function unknownEncoding(what: string, address: string): AppError {
  return new AppError('REMOTE_REFUSED', `${address} answered with ${what}, which was not asked for.`, {
    fix: 'The server ignores `accept-encoding`; report it to its operator.',
  });
}
