import { describe, expect, it } from 'vitest';
import { readModel, readSupplement, writeModel } from '../../src/enrich/model-file.ts';
import { handMadeModel, handMadeSupplement } from './trained.ts';

const written = (): Buffer => writeModel(handMadeModel());
const told = (bytes: Buffer | undefined) => () => readModel(bytes, 'config/models/x.model');

describe('the file of the trained model', () => {
  it('comes back as it was written', () => {
    expect(readModel(written(), 'x')).toEqual(handMadeModel());
  });

  it('is refused with its name and a fix where it is missing, something else, damaged or cut short', () => {
    const [other, damaged] = [written(), written()];
    other[0] = 0;
    damaged[damaged.length - 1]! ^= 1;
    expect(told(undefined)).toThrow('config/models/x.model is missing');
    expect(told(other)).toThrow('is not a model that this version of Earshot can read');
    expect(told(damaged)).toThrow('checksum');
    expect(told(written().subarray(0, -3))).toThrow('checksum');
    expect(told(Buffer.from('EARSHOT MODEL 2\n{"version":1}\n'))).toThrow('header');
    expect(told(undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', fix: expect.stringContaining('npm run train') as string }),
    );
  });

  it('is refused where it does not tell all that is asked', () => {
    const bytes = written();
    const text = bytes.toString('latin1').replace('"name":"outcome"', '"name":"step"   ');
    expect(told(Buffer.from(text, 'latin1'))).toThrow('does not tell the outcome');
  });

  it('may hold a supplement, which is refused beside another model and without its language', () => {
    const model = handMadeModel();
    expect(readSupplement(writeModel(handMadeSupplement()), 'x', model)).toEqual(handMadeSupplement());
    const newer = { ...model, version: 2 };
    expect(() => readSupplement(writeModel(handMadeSupplement()), 'x', newer)).toThrow('beside another model');
    expect(() => readSupplement(writeModel(model), 'x', model)).toThrow('language and licence');
  });
});
