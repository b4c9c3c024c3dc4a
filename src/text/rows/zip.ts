import { inflateRawSync } from 'node:zlib';
import { AppError } from '../../domain/errors.ts';
import { notInFormat } from '../decode.ts';

/** Unpacks the file of that name, to at most so many bytes; undefined where there is none. */
export type Unzip = (name: string, maxBytes: number) => Buffer | undefined;

interface Entry {
  method: number;
  packedBytes: number;
  offset: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** The end may be followed by a comment of this length. */
const MAX_COMMENT = 65_535;
const MAX_ENTRIES = 10_000;
const STORED = 0;
const DEFLATED = 8;

export const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * The files of a ZIP archive by name. Only what is asked for is unpacked, and what it says of its own size is not
 * believed. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * @throws {AppError} `SOURCE_SHAPE` for what is no whole archive, `REMOTE_TOO_LARGE` while unpacking too much.
 */
export function openZip(bytes: Uint8Array, expected: string): Unzip {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const broken = () => notInFormat(expected, 'a ZIP archive that is broken or cut off');
  const entries = guarded(() => directoryOf(archive), broken);
  if (entries === undefined) throw broken();
  return (name, maxBytes) => {
    const entry = entries.get(name);
    if (entry === undefined) return undefined;
    const packed = guarded(() => packedOf(archive, entry), broken);
    if (packed === undefined || (entry.method !== STORED && entry.method !== DEFLATED)) throw broken();
    if (entry.method === STORED) return packed;
    try {
      return inflateRawSync(packed, { maxOutputLength: maxBytes });
    } catch (thrown) {
      throw (thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(name, maxBytes) : broken();
    }
  };
}

/** Every place that lies outside of the archive shows that it is broken. */
function guarded<T>(read: () => T, broken: () => AppError): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof RangeError ? broken() : thrown;
  }
}

function directoryOf(archive: Buffer): Map<string, Entry> | undefined {
  const end = endOf(archive);
  if (end === undefined) return undefined;
  const count = Math.min(archive.readUInt16LE(end + 10), MAX_ENTRIES);
  const entries = new Map<string, Entry>();
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== ENTRY) return undefined;
    const [name, extra, comment] = [28, 30, 32].map((place) => archive.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    entries.set(archive.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + name), {
      method: archive.readUInt16LE(at + 10),
      packedBytes: archive.readUInt32LE(at + 20),
      offset: archive.readUInt32LE(at + 42),
    });
    at += ENTRY_BYTES + name + extra + comment;
  }
  return entries;
}

function endOf(archive: Buffer): number | undefined {
  const first = Math.max(0, archive.length - END_BYTES - MAX_COMMENT);
  for (let at = archive.length - END_BYTES; at >= first; at--) if (archive.readUInt32LE(at) === END) return at;
  return undefined;
}

function packedOf(archive: Buffer, { offset, packedBytes }: Entry): Buffer | undefined {
  if (archive.readUInt32LE(offset) !== LOCAL) return undefined;
  const start = offset + LOCAL_BYTES + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  return start + packedBytes > archive.length ? undefined : archive.subarray(start, start + packedBytes);
}

function tooLarge(name: string, maxBytes: number): AppError {
  return new AppError('REMOTE_TOO_LARGE', `${name.slice(0, 100)} unpacks to more than ${maxBytes / 1_048_576} MB.`, {
    fix: 'Save the sheet as CSV, which is read in pieces of any number.',
  });
}
