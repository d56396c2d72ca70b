import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJson } from '../../../src/common/json';
import { writeJson } from '../../../src/common/jsonWriter';

function readBack(value: unknown): unknown {
  const result = parseJson(writeJson(value));
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

describe('writeJson', () => {
  it('is read back equal, with NaN, infinities, negative zero, lone surrogates and any keys', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.constantFrom(NaN, Infinity, -Infinity, -0, 'NaN', '\ud800', '"\\NaN'),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        // Null prototypes of generated objects are not part of the value.
        assert.deepEqual(readBack(original), normal(original));
      }),
    );
  });

  it('leaves out what is undefined and writes a Map as an object', () => {
    assert.equal(
      writeJson({ a: undefined, b: [undefined], c: new Map([['d', 1]]) }),
      '{"b":[null],"c":{"d":1}}',
    );
  });

  it('writes one line', () => {
    assert.equal(writeJson({ text: 'a\nb\r\u2028' }).includes('\n'), false);
  });

  it('cuts what is nested too deeply instead of overflowing', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = { deep };
    assert.ok(writeJson(deep).length < 5000);
    assert.ok(parseJson(writeJson(deep)).ok);
  });
});

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const copy = {};
  for (const [key, held] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: normal(held),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
