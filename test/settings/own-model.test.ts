import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownModelFile, readOwnModel, replaceOwnModel, undoOwnModel } from '../../src/settings/own-model.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-own-'));
  file = ownModelFile(join(folder, 'data'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (text?: string) => replaceOwnModel(file, text === undefined ? undefined : Buffer.from(text));
const there = () => readOwnModel(file)?.toString();

it('is nothing at first, and nothing again after the first was undone', () => {
  expect(there()).toBeUndefined();
  expect(undoOwnModel(file)).toBe('nothing');
  put('one');
  expect(there()).toBe('one');
  expect(undoOwnModel(file)).toBe('shipped');
  expect(there()).toBeUndefined();
});

it('comes back as it was before the last training', () => {
  put('one');
  put('two');
  expect(undoOwnModel(file)).toBe('before');
  expect(there()).toBe('one');
  put();
  expect(there()).toBeUndefined();
  expect(undoOwnModel(file)).toBe('before');
  expect(there()).toBe('one');
});

it('does not bring back what was before something that was undone', () => {
  put('one');
  put();
  put('two');
  expect(undoOwnModel(file)).toBe('shipped');
  expect(there()).toBeUndefined();
});

it('is for its owner alone, and leaves nothing aside', () => {
  put('one');
  put('two');
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readdirSync(dirname(file)).toSorted()).toEqual(['own.model', 'own.model.before']);
});

it('tells where the folder cannot be used', () => {
  writeFileSync(join(folder, 'data'), 'a file');
  expect(() => put('one')).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  expect(existsSync(file)).toBe(false);
});
