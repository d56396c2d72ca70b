import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TokenHistory } from '../../../src/inference/tokenHistory';
import { checkProperty } from '../../support/property';

const state = (history: TokenHistory): unknown => [
  history.slice(),
  [...history.distinct()].sort((a, b) => a - b),
];

describe('token history', () => {
  it('keeps order and distinct ids through adding, taking back and copying', () => {
    const step = fc.oneof(
      fc.record({ add: fc.array(fc.nat({ max: 6 }), { maxLength: 6 }) }),
      fc.record({ rewind: fc.integer({ min: -1, max: 12 }) }),
      fc.constant({ copy: true }),
    );
    checkProperty(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let history = new TokenHistory();
        let model: number[] = [];
        for (const one of steps) {
          if ('add' in one) {
            history.addAll(one.add);
            model.push(...one.add);
          } else if ('rewind' in one) {
            history.rewind(one.rewind);
            model = model.slice(0, Math.max(0, one.rewind));
          } else {
            const old = history;
            history = history.copy();
            old.add(100);
          }
          assert.deepEqual(state(history), [model, [...new Set(model)].sort((a, b) => a - b)]);
          assert.equal(history.length, model.length);
          assert.equal(history.distinctCount, new Set(model).size);
          assert.equal(history.at(0), model[0]);
          for (let id = 0; id < 8; id++) assert.equal(history.has(id), model.includes(id));
        }
      }),
      { numRuns: 500 },
    );
  });
});
