import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/settings/shipped.ts';
import { hashOf, linesOf } from './sets.ts';

/** Where the teacher's answers are kept, so that it is asked only once; ignored by git. */
export const CACHE = join(packageRoot(), 'train/.cache');
export const TEACHER_SIZE = 384;
const BYTES = TEACHER_SIZE * 2;
/** Letters of a text that the teacher reads: the time grows faster than the length. */
const READ = 400;

/** Runs `teacher.py` with the Python of `EARSHOT_PYTHON` (default `python3`), at low priority. */
export function askTeacher(...words: string[]): void {
  const python = process.env['EARSHOT_PYTHON'] ?? 'python3';
  mkdirSync(CACHE, { recursive: true });
  execFileSync('nice', ['-n', '10', python, join(packageRoot(), 'train/teacher.py'), ...words], {
    cwd: CACHE,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const NAMES = join(CACHE, 'texts.names');
const readNames = (): string[] => (existsSync(NAMES) ? linesOf(readFileSync(NAMES, 'utf8')) : []);
let names: Set<string> | undefined;

/** Whether the teacher has read a text before. */
export const isKnown = (text: string): boolean => (names ??= new Set(readNames())).has(hashOf(text));

/** The teacher's vectors of whole texts, in their order; those that are not in the cache are asked for. */
export function vectorsOf(texts: readonly string[]): Float32Array[] {
  const vectors = join(CACHE, 'texts.f16');
  const missing = [...new Map(texts.filter((text) => !isKnown(text)).map((text) => [hashOf(text), text]))];
  if (missing.length > 0) {
    const lines = missing.map(([, text]) => JSON.stringify(text.slice(0, READ)));
    writeFileSync(join(CACHE, 'new.jsonl'), `${lines.join('\n')}\n`);
    askTeacher('embed', 'new.jsonl', 'new.f16');
    appendFileSync(vectors, readFileSync(join(CACHE, 'new.f16')));
    appendFileSync(NAMES, `${missing.map(([name]) => name).join('\n')}\n`);
  }
  const places = new Map(readNames().map((name, place) => [name, place]));
  const all = readFileSync(vectors);
  return texts.map((text) => {
    const at = places.get(hashOf(text))! * BYTES;
    return halfFloats(all.subarray(at, at + BYTES));
  });
}

/** IEEE 754 half precision, little endian. */
export function halfFloats(bytes: Buffer): Float32Array {
  const numbers = new Float32Array(bytes.length / 2);
  for (let index = 0; index < numbers.length; index++) {
    const bits = bytes.readUInt16LE(index * 2);
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    numbers[index] = bits >> 15 ? -size : size;
  }
  return numbers;
}
