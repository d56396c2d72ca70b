import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8, parseJson, previewJson } from '../../../src/common/json';

function valueOf(text: string): unknown {
  const result = parseJson(text);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(valueOf(JSON.stringify(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('reads bare NaN and infinities as numbers, also where they stand alone', () => {
    assert.deepEqual(valueOf('{"a":NaN,"b":[Infinity,-Infinity, NaN ],"c":-0.5}'), {
      a: NaN,
      b: [Infinity, -Infinity, NaN],
      c: -0.5,
    });
    assert.deepEqual(valueOf('NaN'), NaN);
    assert.equal(valueOf('-Infinity'), -Infinity);
  });

  it('leaves the words alone inside strings, escaped quotes included', () => {
    const text = '{"say":"NaN, \\"Infinity\\" \\\\","n":NaN,"key NaN":"-Infinity","end":"\\\\"}';
    assert.deepEqual(valueOf(text), {
      say: 'NaN, "Infinity" \\',
      n: NaN,
      'key NaN': '-Infinity',
      end: '\\',
    });
  });

  it('does not read longer words that hold them', () => {
    for (const text of ['[NaNa]', '[xNaN]', '[Infinity1]', '[-NaN]', '{"a":NaN', '[+Infinity]']) {
      assert.equal(parseJson(text).ok, false, text);
    }
  });

  it('reads any value with non-finite numbers that a Python writer would write', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    const words = fc.constantFrom('NaN', '"NaN"', '\\"Infinity\\', '-Infinity', '\\', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(words, number)), (pairs) => {
        const text = `[${pairs.map(([word, value]) => `[${JSON.stringify(word)},${String(value)}]`).join()}]`;
        assert.deepEqual(
          valueOf(text),
          pairs.map(([word, value]) => [word, Object.is(value, -0) ? 0 : value]),
        );
      }),
    );
  });

  it('does not mind a byte order mark, line ends, blanks and NUL characters around the text', () => {
    for (const text of [
      '\ufeff{"a":1}',
      '{"a":1}\r',
      '{"a":1}\r\n',
      '{"a":1}\0\0\0',
      '\ufeff {"a":1} \0\n',
    ]) {
      assert.deepEqual(valueOf(text), { a: 1 }, JSON.stringify(text));
    }
  });

  it('says where the text goes wrong', () => {
    assert.deepEqual(parseJson('\ufeff{"a":tru}'), {
      ok: false,
      error: 'Unexpected token \'}\', "{"a":tru}" is not valid JSON',
    });
    const broken = parseJson('\ufeff{"a":1 "b"}');
    assert.ok(!broken.ok);
    assert.equal(broken.position, 8);
    const short = parseJson('{"a":');
    assert.ok(!short.ok);
    assert.equal(short.position, 5);
    for (const text of ['', '\0', '\ufeff', '   ']) assert.equal(parseJson(text).ok, false);
  });

  it('keeps __proto__ and constructor as own properties and pollutes nothing', () => {
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"n":NaN}';
    const value = valueOf(text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'n']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(valueOf('{"__proto__":NaN}') as object), ['__proto__']);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('reads a hundred thousand nested lists, with NaN at the bottom too', () => {
    const depth = 100_000;
    assert.ok(parseJson('['.repeat(depth) + ']'.repeat(depth)).ok);
    assert.ok(parseJson(`${'['.repeat(depth)}NaN${']'.repeat(depth)}`).ok);
    assert.equal(parseJson('['.repeat(depth)).ok, false);
  });
});

describe('decodeUtf8', () => {
  it('reads what is not UTF-8 as U+FFFD and keeps a byte order mark', () => {
    assert.equal(decodeUtf8(Uint8Array.of(0x61, 0xff, 0x62)), 'a\ufffdb');
    assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa');
  });
});

describe('previewJson', () => {
  it('is JSON where nothing had to be cut', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(JSON.parse(previewJson(value, text.length + 10)), JSON.parse(text));
      }),
    );
  });

  it('never gets longer than asked and marks what it cut', () => {
    const value = { list: [1, 2, 3], text: 'x'.repeat(1000), '😀😀': '😀😀😀😀' };
    for (let length = 1; length < 200; length++) {
      const text = previewJson(value, length);
      assert.ok(text.length <= length);
      assert.ok(text.endsWith('…'));
      assert.equal(decodeUtf8(new TextEncoder().encode(text)), text, 'no half of a pair');
    }
  });

  it('ends in time on deep and huge values, where JSON.stringify overflows', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    assert.throws(() => JSON.stringify(deep), RangeError);
    assert.equal(previewJson(deep, 1000), `${'['.repeat(32)}…${']'.repeat(32)}`);
    assert.equal(previewJson('y'.repeat(5_000_000), 10), '"yyyyyyyy…');
    assert.equal(previewJson(new Array(5_000_000).fill(1), 5), '[1,1…');
  });

  it('shows what JSON has no word for', () => {
    assert.equal(previewJson([NaN, undefined, 10n], 100), '[NaN,undefined,10]');
    assert.equal(previewJson(new Map<string, unknown>([['a', new Map([['b', 1]])]]), 100), '{"a":{"b":1}}');
  });
});
