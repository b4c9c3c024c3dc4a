import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { createCircuits } from '../../src/pipeline/circuits.ts';

const at = (seconds: number) => new Date(1_000_000 + seconds * 1_000);
const away = new AppError('REMOTE_TIMEOUT', 'no answer');

function failing(times: number) {
  const circuits = createCircuits();
  for (let round = 0; round < times; round++) circuits.note('a', away, at(round), at(round));
  return circuits;
}

describe('circuits', () => {
  it('open after three faults in a row, for this destination only, and longer each time', () => {
    expect(failing(2).waitMs('a', at(2))).toBe(0);
    expect(failing(3).waitMs('a', at(2))).toBe(10_000);
    expect(failing(4).waitMs('a', at(3))).toBe(20_000);
    expect(failing(30).waitMs('a', at(29))).toBe(600_000);
    expect(failing(3).waitMs('b', at(2))).toBe(0);
  });

  it('count a herd of attempts as one', () => {
    const circuits = failing(3);
    for (let herd = 0; herd < 8; herd++) circuits.note('a', away, at(1), at(3));
    expect(circuits.waitMs('a', at(3))).toBe(9_000);
  });

  it('let one ask for all after the pause, and close with its success', () => {
    const circuits = failing(3);
    expect(circuits.waitMs('a', at(13))).toBe(0);
    expect(circuits.waitMs('a', at(13))).toBeGreaterThan(0);
    circuits.note('a', undefined, at(13), at(14));
    expect(circuits.waitMs('a', at(14))).toBe(0);
  });

  it('learn nothing from what did not reach the destination', () => {
    const circuits = failing(3);
    circuits.note('a', new AppError('NOT_FOUND', 'erased'), at(4), at(4));
    expect(circuits.waitMs('a', at(4))).toBe(8_000);
  });
});
