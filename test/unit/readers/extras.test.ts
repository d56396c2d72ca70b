import assert from 'node:assert/strict';
import { DEPTH_MARK, extrasOf, withBoundedDepth } from '../../../src/readers/extras';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

describe('extras', () => {
  it('are all fields that were not used, in file order, with __proto__ among them', () => {
    const record = JSON.parse('{"b": 1, "__proto__": {"x": 1}, "a": null}') as Record<string, unknown>;
    assert.deepEqual([...extrasOf(record, new Set(['b'])).keys()], ['__proto__', 'a']);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  it('keep values that are not deep as they are', () => {
    const value = nested(60);
    assert.equal(withBoundedDepth(value), value);
  });

  it('cut what is nested 100,000 deep', () => {
    const cut = withBoundedDepth(nested(100_000));
    const text = JSON.stringify(cut);
    assert.ok(text.includes(DEPTH_MARK));
    assert.ok(text.length < 2000);
  });
});
