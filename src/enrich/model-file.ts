import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { HEADS } from './model.ts';
import type { Head, HeadName, Model, Own, Supplement } from './model.ts';

/**
 * The file: this line, a line of JSON, then, packed by gzip, the tables one behind the other, little endian: hashes of
 * the words (32 bits), how much each tells (8 bits), and for each head bias and traits (32-bit floats), pieces and
 * words (8 bits, signed).
 */
const MAGIC = 'EARSHOT MODEL 2\n';
/** What the tables may unpack to, in bytes: several times what ours do. */
const MOST_UNPACKED = 64 * 1024 * 1024;
const FIX = 'Install Earshot again, or train the model again with `npm run train`.';

const header = z.object({
  version: z.int().positive(),
  traits: z.array(z.string()).min(1),
  words: z.int().nonnegative(),
  heads: z.array(
    z.object({
      name: z.enum(HEADS),
      labels: z.array(z.string()).min(2),
      bits: z.int().min(1).max(22),
      pieceScale: z.number(),
      wordScale: z.number(),
      temperature: z.number().positive(),
    }),
  ),
  /** Of a supplement: for which language, and under which licence if not Earshot's own. */
  language: z.string().optional(),
  licence: z.string().optional(),
  /** Of everything behind the header, hexadecimal. */
  sha256: z.string(),
});

/** Writes a model, or a supplement or own model with some of the heads, as one file. */
export function writeModel(model: Model | Supplement | Omit<Own, 'id'>): Buffer {
  const { heads: all, wordHashes, wordTells, ...told } = model;
  const tables = [bytesOf(wordHashes), bytesOf(wordTells)];
  const heads = Object.values(all).map(
    ({ name, labels, bias, traits, pieces, words, pieceScale, wordScale, temperature }) => {
      tables.push(...[bias, traits, pieces, words].map(bytesOf));
      return { name, labels, bits: Math.log2(pieces.length / labels.length), pieceScale, wordScale, temperature };
    },
  );
  const payload = gzipSync(Buffer.concat(tables), { level: 9 });
  const head = { ...told, words: wordHashes.length, heads, sha256: sha256(payload) };
  return Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(head)}\n`), payload]);
}

/**
 * Reads a model. `file` is only for the message.
 * @throws {AppError} `CONFIG_INVALID` where it is missing, not a model of this format, cut short or damaged.
 */
export function readModel(bytes: Buffer | undefined, file: string): Model {
  const { version, traits, wordHashes, wordTells, heads } = readTables(bytes, file);
  const missing = HEADS.find((name) => !heads[name]);
  if (missing) throw broken(file, `does not tell the ${missing}`);
  return { version, traits, wordHashes, wordTells, heads: heads as Model['heads'] };
}

/** Reads a supplement of `model`. @throws {AppError} as `readModel`, and where it was trained for another model. */
export function readSupplement(bytes: Buffer | undefined, file: string, model: Model): Supplement {
  const read = readTables(bytes, file);
  const { language, licence } = read;
  if (language === undefined || licence === undefined) throw broken(file, 'does not tell its language and licence');
  if (read.version !== model.version || read.wordHashes.length !== model.wordHashes.length)
    throw broken(file, 'was trained beside another model');
  return { ...read, language, licence };
}

/**
 * Reads what an installation has learned beside `model`; undefined where that was another model, as after an update.
 * @throws {AppError} `CONFIG_INVALID` where it is damaged.
 */
export function readOwn(bytes: Buffer, file: string, model: Model): Own | undefined {
  const read = readOwnTables(bytes, file);
  const isBeside =
    read.version === model.version &&
    read.traits.join() === model.traits.join() &&
    bytesOf(read.wordHashes).equals(bytesOf(model.wordHashes)) &&
    Object.values(read.heads).every(({ name, labels }) => labels.join() === model.heads[name].labels.join());
  return isBeside ? { ...read, id: sha256(bytes).slice(0, 8) } : undefined;
}

function readOwnTables(bytes: Buffer, file: string) {
  try {
    return readTables(bytes, file);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', (cause as AppError).message, {
      fix: 'Run `earshot train --undo`, then `earshot train` again.',
      cause,
    });
  }
}

function readTables(bytes: Buffer | undefined, file: string) {
  if (!bytes) throw broken(file, 'is missing');
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)))
    throw broken(file, 'is not a model that this version of Earshot can read');
  const end = bytes.indexOf('\n', MAGIC.length);
  const {
    sha256: wanted,
    words,
    heads: told,
    ...head
  } = readHeader(bytes.subarray(MAGIC.length, end).toString(), file);
  const payload = bytes.subarray(end + 1);
  if (sha256(payload) !== wanted) throw broken(file, 'is damaged: its checksum is wrong');
  const take = takerOf(gunzipSync(payload, { maxOutputLength: MOST_UNPACKED }));
  const wordHashes = take(Int32Array, words);
  const wordTells = take(Uint8Array, words);
  const heads = told.map(({ bits, ...one }): [HeadName, Head] => {
    const size = one.labels.length;
    const bias = take(Float32Array, size);
    const traits = take(Float32Array, size * head.traits.length);
    const pieces = take(Int8Array, size << bits);
    return [one.name, { ...one, bias, traits, pieces, words: take(Int8Array, size * words) }];
  });
  return { ...head, wordHashes, wordTells, heads: Object.fromEntries(heads) as Partial<Model['heads']> };
}

function readHeader(json: string, file: string): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(json));
  } catch (cause) {
    throw broken(file, 'has a header that cannot be read', cause);
  }
}

type Table = Int32Array | Uint8Array | Float32Array | Int8Array;
type TableOf<T extends Table> = { new (buffer: ArrayBuffer): T; BYTES_PER_ELEMENT: number };

/** Gives one table after the other, as copies, because their places are not aligned. */
function takerOf(payload: Buffer) {
  let at = 0;
  return <T extends Table>(kind: TableOf<T>, count: number): T => {
    const bytes = payload.subarray(at, (at += count * kind.BYTES_PER_ELEMENT));
    return new kind(Uint8Array.from(bytes).buffer);
  };
}

const bytesOf = (table: Table): Buffer => Buffer.from(table.buffer, table.byteOffset, table.byteLength);
const sha256 = (payload: Buffer): string => createHash('sha256').update(payload).digest('hex');
const broken = (file: string, what: string, cause?: unknown): AppError =>
  new AppError('CONFIG_INVALID', `${file} ${what}.`, { fix: FIX, cause });
