import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StopMatch } from '../../../src/inference/stopStrings';
import { StopStrings } from '../../../src/inference/stopStrings';
import { checkProperty } from '../../support/property';

/** Pushes pieces until one completes a stop string: the match, and where it ends in the whole text. */
function feed(
  stopStrings: readonly string[],
  pieces: readonly string[],
): (StopMatch & { total: number }) | undefined {
  const matcher = new StopStrings(stopStrings);
  let before = 0;
  for (const piece of pieces) {
    const match = matcher.push(piece);
    if (match) {
      assert.ok(match.end >= 1 && match.end <= piece.length, `end ${match.end} of ${piece.length}`);
      return { ...match, total: before + match.end };
    }
    before += piece.length;
  }
  return undefined;
}

describe('stop strings', () => {
  it('finds one inside a piece and tells where it ends', () => {
    assert.deepEqual(new StopStrings(['</a>']).push('x</a>yz'), { stopString: '</a>', end: 5 });
  });

  it('finds one across pieces', () => {
    assert.deepEqual(feed(['</tool_call>'], ['a</to', 'ol', '_', 'call', '>b']), {
      stopString: '</tool_call>',
      end: 1,
      total: 13,
    });
  });

  it('is not led astray by a false start', () => {
    assert.equal(feed(['aab'], ['aa', 'a', 'b'])?.total, 4);
    assert.equal(feed(['abc'], ['ab', 'x', 'c', 'ab']), undefined);
  });

  it('takes the one that ends first, of those the longest', () => {
    assert.equal(feed(['bcd', 'c'], ['abcd'])?.stopString, 'c');
    assert.equal(feed(['c', 'bc', 'abc'], ['ab', 'c'])?.stopString, 'abc');
  });

  it('never matches without strings, and refuses an empty one', () => {
    assert.equal(feed([], ['a', '']), undefined);
    assert.throws(() => new StopStrings(['a', '']), { name: 'ImcotError', code: 'usage' });
  });

  it('agrees with a search of the whole text', () => {
    const letters = (max: number): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom('a', 'b', 'é', '😀'), { minLength: 1, maxLength: max })
        .map((all) => all.join(''));
    const pieces = fc.array(fc.oneof(letters(5), fc.constant('')), { maxLength: 12 });
    checkProperty(
      fc.property(fc.array(letters(4), { maxLength: 4 }), pieces, (stopStrings, parts) => {
        const whole = parts.join('');
        const ends = stopStrings
          .filter((stop) => whole.includes(stop))
          .map((stop) => ({ stop, end: whole.indexOf(stop) + stop.length }))
          .sort((a, b) => a.end - b.end || b.stop.length - a.stop.length);
        const found = feed(stopStrings, parts);
        assert.equal(found?.total, ends[0]?.end);
        assert.equal(found?.stopString, ends[0]?.stop);
      }),
      { numRuns: 2000 },
    );
  });
});
