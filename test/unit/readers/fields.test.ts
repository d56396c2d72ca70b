import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  asFiniteNumber,
  asInteger,
  asNumber,
  asNumbers,
  asPlainText,
  asRecord,
  asText,
  asTexts,
  field,
  kindOf,
} from '../../../src/readers/fields';

describe('fields', () => {
  const numbers: readonly (readonly [unknown, number | undefined])[] = [
    [1.5, 1.5],
    ['1.0', 1],
    ['-0.4', -0.4],
    ['1e-6', 1e-6],
    ['True', 1],
    ['False', 0],
    [true, 1],
    ['nan', NaN],
    ['-inf', -Infinity],
    ['0x10', undefined],
    ['', undefined],
    [' ', undefined],
    ['1.0.0', undefined],
    ['one', undefined],
    [null, undefined],
    [[1], undefined],
    [{}, undefined],
  ];
  for (const [value, expected] of numbers) {
    it(`asNumber reads ${JSON.stringify(value)} as ${String(expected)}`, () => {
      assert.ok(Object.is(asNumber(value), expected));
    });
  }

  it('asFiniteNumber and asInteger refuse what is neither', () => {
    assert.equal(asFiniteNumber('NaN'), undefined);
    assert.equal(asInteger('21'), 21);
    assert.equal(asInteger(1.5), undefined);
    assert.equal(asInteger(Infinity), undefined);
  });

  it('lists are of one kind, and aligned ones of one length', () => {
    assert.equal(asTexts(['a', 1]), undefined);
    assert.equal(asNumbers([1, 2], 3), undefined);
    assert.deepEqual(asNumbers([1, null, '2'], 3), [1, NaN, 2]);
  });

  it('what an object inherits is no field', () => {
    assert.equal(field({}, 'toString'), undefined);
    assert.equal(field(JSON.parse('{"__proto__": 1}') as Record<string, unknown>, '__proto__'), 1);
  });

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        for (const read of [asNumber, asInteger, asText, asPlainText, asTexts, asRecord, kindOf]) read(value);
        asNumbers(value, 2);
      }),
    );
  });
});
