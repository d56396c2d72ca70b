import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ResizeFlavour } from '../../../src/common/smartResize';
import {
  QWEN25_LIMITS,
  roundHalfEven,
  smartResize,
  tooThinToResize,
  visualTokenCount,
} from '../../../src/common/smartResize';
import { ImcotError } from '../../../src/common/errors';
import { readGolden } from '../../support/goldenImages';

type Outcome = [number, number] | 'error';
type Row = [number, number, number, number, number, Outcome, Outcome];

const { cases } = readGolden('smartResize.json') as { cases: Row[] };

function outcome(row: Row, flavour: ResizeFlavour): Outcome {
  const [height, width, minPixels, maxPixels, factor] = row;
  try {
    const size = smartResize({ width, height }, { factor, minPixels, maxPixels }, flavour);
    return [size.height, size.width];
  } catch (thrown) {
    assert.ok(thrown instanceof ImcotError && thrown.code === 'input', String(thrown));
    return 'error';
  }
}

describe('roundHalfEven', () => {
  it('takes halves to the even neighbour, negative ones too', () => {
    const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5].map((value) => roundHalfEven(value) + 0);
    assert.deepEqual(halves, [-2, -2, 0, 0, 2, 2, 4]);
  });

  it('takes the rest to the nearest', () => {
    assert.equal(roundHalfEven(0.49999999999999994), 0);
    assert.equal(roundHalfEven(2.500001), 3);
    assert.equal(roundHalfEven(-2.500001), -3);
  });
});

describe('smartResize', () => {
  it('gives the published check values', () => {
    const tokens = (width: number, height: number) => {
      const resized = smartResize({ width, height });
      return [resized.width, resized.height, visualTokenCount(resized)];
    };
    assert.deepEqual(tokens(31, 31), [56, 56, 4]);
    assert.deepEqual(tokens(165, 174), [168, 168, 36]);
    assert.deepEqual(tokens(1920, 1080), [1932, 1092, 2691]);
    assert.deepEqual(tokens(2250, 1500), [2240, 1512, 4320]);
    assert.deepEqual(tokens(4032, 4032), [3584, 3584, 16384]);
    assert.deepEqual(tokens(6000, 8000), [3080, 4116, 16170]);
    assert.equal(smartResize({ width: 700, height: 70 }).height, 56, '2.5 factors round to 2');
    assert.equal(smartResize({ width: 700, height: 42 }).height, 56, '1.5 factors round to 2');
  });

  it(`gives what qwen-vl-utils gives in all ${cases.length} cases`, () => {
    assert.ok(cases.length >= 379);
    for (const row of cases) assert.deepEqual(outcome(row, 'qwenVlUtils'), row[5], JSON.stringify(row));
  });

  it(`gives what transformers gives in all ${cases.length} cases`, () => {
    for (const row of cases) assert.deepEqual(outcome(row, 'transformers'), row[6], JSON.stringify(row));
    assert.ok(
      cases.some((row) => String(row[5]) !== String(row[6])),
      'the flavours never part',
    );
  });

  it("has no ratio limit in the evaluation's flavour, and takes fractions", () => {
    assert.throws(() => smartResize({ width: 5700, height: 28 }), /too thin/);
    assert.deepEqual(smartResize({ width: 5700, height: 28 }, QWEN25_LIMITS, 'evaluation'), {
      width: 5712,
      height: 28,
    });
    assert.deepEqual(smartResize({ width: 0, height: 3000 }, QWEN25_LIMITS, 'evaluation'), {
      width: 28,
      height: 2996,
    });
    assert.throws(() => smartResize({ width: 0, height: 30 }, QWEN25_LIMITS, 'evaluation'), /empty/);
    assert.deepEqual(smartResize({ width: 70.4, height: 97.9 }, QWEN25_LIMITS, 'evaluation'), {
      width: 84,
      height: 84,
    });
  });

  it('stays on the grid and within the limits for pictures of usual shape', () => {
    const side = fc.integer({ min: 28, max: 20000 });
    const check = (width: number, height: number): void => {
      fc.pre(!tooThinToResize({ width, height }));
      const resized = smartResize({ width, height });
      const area = resized.width * resized.height;
      assert.equal(resized.width % 28, 0);
      assert.equal(resized.height % 28, 0);
      assert.ok(area <= QWEN25_LIMITS.maxPixels && area >= QWEN25_LIMITS.minPixels, `${area}`);
      assert.deepEqual(smartResize({ width: height, height: width }).width, resized.height);
    };
    fc.assert(fc.property(side, side, check), { numRuns: 2000 });
  });
});
