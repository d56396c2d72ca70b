import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../../src/common/base64';

describe('base64', () => {
  it('writes what Node writes and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeBase64(bytes);
        assert.equal(text, Buffer.from(bytes).toString('base64'));
        assert.deepEqual(decodeBase64(text), bytes);
      }),
    );
  });

  it('refuses everything that is not padded base64', () => {
    for (const text of [
      'A',
      'AA',
      'AAA',
      'A===',
      '====',
      'AA=A',
      'AAA ',
      'AA\nA',
      'AA-_',
      'ÄÄÄÄ',
      'AA€=',
      'AAAA=',
    ]) {
      assert.equal(decodeBase64(text), undefined, text);
    }
    assert.deepEqual(decodeBase64(''), new Uint8Array(0));
  });
});
