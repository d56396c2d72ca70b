import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boxFromArray, boxToArray } from '../../../../src/common/boundingBox';
import { planZoom } from '../../../../src/rollout/tools/imageZoomIn';
import type { ToolOptions } from '../../../../src/rollout/tools/imageZoomIn';
import type { ToolCall } from '../../../../src/trajectory/toolCall';
import type { ZoomReport } from '../../../../src/trajectory/toolReport';
import type { ZoomVariant } from '../../../../src/trajectory/trajectory';
import { zoomCall } from './toolCalls';

const IMAGE = { width: 1000, height: 800 };
const VARIANTS: readonly ZoomVariant[] = ['trainingV2', 'trainingV5', 'evaluation', 'verl', 'msSwift'];

function zoom(
  variant: ZoomVariant,
  box: readonly number[],
  options: Partial<ToolOptions> = {},
  image = IMAGE,
) {
  return planZoom(zoomCall(box), image, { variant, frame: 'original', ...options });
}

function cut(report: ZoomReport): number[] | undefined {
  return report.piece && boxToArray(report.piece.box);
}

describe('planZoom, training v2', () => {
  it('cuts a good box as it stands and says what the policy saw', () => {
    const report = zoom('trainingV2', [100, 200, 265, 374]);
    assert.deepEqual(cut(report), [100, 200, 265, 374]);
    assert.deepEqual(report.cut, report.placed);
    assert.deepEqual([report.clamped, report.grown, report.rejected], [false, false, undefined]);
    assert.deepEqual(report.cropSize, { width: 165, height: 174 });
    assert.deepEqual(report.resizedSize, { width: 168, height: 168 });
    assert.equal(report.visualTokens, 36);
  });

  it('clamps first and then rounds each corner half to even', () => {
    const report = zoom('trainingV2', [-10.5, 0.5, 60.5, 1300.2]);
    assert.deepEqual(cut(report), [0, 0, 60, 800]);
    assert.equal(report.clamped, true);
    assert.deepEqual(report.placed && boxToArray(report.placed), [-10.5, 0.5, 60.5, 1300.2]);
  });

  it('refuses a shorter side of 30 pixels and takes 30.5', () => {
    const refused = zoom('trainingV2', [10, 10, 40, 300]);
    assert.equal(refused.rejected, 'tooSmall');
    assert.equal(refused.cut, undefined);
    assert.equal(refused.visualTokens, undefined);
    assert.match(refused.rejection ?? '', /30 x 290 pixels.*above 30/);
    assert.equal(refused.environmentError, 'Error: ZOOM IN ARGUMENTS ARE INVALID');
    assert.deepEqual(zoom('trainingV2', [10, 10, 40.5, 300]).cropSize, { width: 30, height: 290 });
  });

  it('judges the clamped box: a good box that leaves little inside is too small', () => {
    assert.equal(zoom('trainingV2', [980, 100, 1100, 400]).rejected, 'tooSmall');
    assert.equal(zoom('trainingV2', [960, 100, 1100, 400]).rejected, undefined);
  });

  it('tells inverted, empty and outside apart', () => {
    assert.equal(zoom('trainingV2', [300, 10, 100, 200]).rejected, 'inverted');
    assert.equal(zoom('trainingV2', [10, 300, 100, 200]).rejected, 'inverted');
    assert.equal(zoom('trainingV2', [100, 10, 100, 200]).rejected, 'empty');
    assert.equal(zoom('trainingV2', [1000, 10, 1200, 200]).rejected, 'outside');
    assert.equal(zoom('trainingV2', [-300, 10, 0, 200]).rejected, 'outside');
  });

  it('takes sides up to 100 to 1', () => {
    const long = { width: 9000, height: 800 };
    assert.equal(zoom('trainingV2', [0, 0, 4000, 40], {}, long).rejected, undefined);
    const refused = zoom('trainingV2', [0, 0, 4001, 40], {}, long);
    assert.equal(refused.rejected, 'tooThin');
    assert.equal(refused.environmentError, 'Error: ZOOM IN ARGUMENTS ARE INVALID');
  });

  it('answers unreadable calls, other tools and missing boxes in the words of the environment', () => {
    const options: ToolOptions = { variant: 'trainingV2', frame: 'original' };
    const torn: ToolCall = { status: 'unparsable', text: ' {"name": ', error: 'Expecting value: line 1' };
    assert.equal(
      planZoom(torn, IMAGE, options).environmentError,
      'Error: Invalid tool call format: {"name":. Error: Expecting value: line 1',
    );
    const v5 = planZoom(torn, IMAGE, { ...options, variant: 'trainingV5' });
    assert.equal(v5.environmentError, 'Error: Expecting value: line 1');
    const other: ToolCall = { status: 'parsed', text: '{}', name: 'search', arguments: new Map() };
    assert.equal(planZoom(other, IMAGE, options).environmentError, 'Error: Unknown tool name: search');
    assert.equal(planZoom(other, IMAGE, options).rejected, 'unknownTool');
    const bare = planZoom({ ...other, name: 'image_zoom_in_tool' }, IMAGE, options);
    assert.equal(bare.environmentError, "Error: 'bbox_2d'");
    assert.equal(bare.rejected, 'noBox');
    assert.equal(bare.requested, undefined);
  });
});

describe('planZoom, training v5', () => {
  it('grows a small box to 28 pixels about its centre, in proportion', () => {
    const report = zoom('trainingV5', [100, 100, 110, 120]);
    assert.deepEqual(cut(report), [91, 82, 119, 138]);
    assert.deepEqual([report.grown, report.clamped], [true, false]);
    assert.deepEqual(report.requested && boxToArray(report.requested), [100, 100, 110, 120]);
  });

  it('leaves the image when it grows at the border', () => {
    assert.deepEqual(cut(zoom('trainingV5', [0, 0, 10, 10])), [-9, -9, 19, 19]);
    assert.deepEqual(cut(zoom('trainingV5', [995, 795, 1100, 900])), [983, 783, 1012, 812]);
  });

  it('takes a box of 29 pixels as it stands', () => {
    const report = zoom('trainingV5', [10, 10, 39, 300]);
    assert.deepEqual([cut(report), report.grown], [[10, 10, 39, 300], false]);
    assert.equal(zoom('trainingV5', [10, 10, 10.1, 300]).rejected, 'tooThin');
  });
});

describe('planZoom, evaluation', () => {
  it('clamps nothing: the outside is black and counts', () => {
    const report = zoom('evaluation', [-50, -20, 60.5, 1000]);
    assert.deepEqual(cut(report), [-50, -20, 60, 1000]);
    assert.deepEqual([report.clamped, report.rejected], [false, undefined]);
    assert.equal(zoom('evaluation', [5000, 5000, 5100, 5100]).rejected, undefined);
  });

  it('cuts what training refuses, with as many tokens as the resized crop has', () => {
    const report = zoom('evaluation', [10, 10, 20, 20]);
    assert.deepEqual(report.resizedSize, { width: 56, height: 56 });
    assert.equal(report.visualTokens, 4);
  });

  it('resizes by the box before rounding', () => {
    // 41.9 pixels round to 28 on the grid, while the crop is 42 pixels wide, which would round to 56.
    const report = zoom('evaluation', [0.45, 0, 42.35, 280]);
    assert.deepEqual(report.cropSize, { width: 42, height: 280 });
    assert.deepEqual(report.resizedSize, { width: 28, height: 280 });
    const training = zoom('trainingV2', [0.45, 0, 42.35, 280]);
    assert.deepEqual(training.resizedSize, { width: 56, height: 280 });
  });

  it('stops where Pillow or Python raise, without words for the model', () => {
    const inverted = zoom('evaluation', [50.4, 50, 50.3, 80]);
    assert.equal(inverted.rejected, 'inverted');
    assert.equal(inverted.environmentError, undefined);
    assert.equal(zoom('evaluation', [50, 50, 50, 80]).rejected, 'empty');
    assert.equal(zoom('evaluation', [0, 0, 1e7, 1e7]).rejected, 'tooLarge');
    assert.equal(zoom('evaluation', [0, 0, 9000, 30]).rejected, 'tooThin');
    assert.deepEqual(zoom('evaluation', [50, 0, 50, 3000]).resizedSize, { width: 28, height: 2996 });
  });

  it("does not look at the tool's name", () => {
    const call: ToolCall = { ...zoomCall([0, 0, 100, 100]), name: 'anything' };
    const report = planZoom(call, IMAGE, { variant: 'evaluation', frame: 'original' });
    assert.deepEqual(cut(report), [0, 0, 100, 100]);
  });
});

describe('planZoom, verl', () => {
  it('cuts from the processed image and reports original pixels too', () => {
    const image = { width: 4032, height: 4032 };
    const report = zoom('verl', [0, 0, 896, 448], { frame: 'resized' }, image);
    assert.deepEqual(report.piece, {
      from: 'processed',
      size: { width: 3584, height: 3584 },
      box: { x1: 0, y1: 0, x2: 896, y2: 448 },
    });
    assert.deepEqual(report.cut, { x1: 0, y1: 0, x2: 1008, y2: 504 });
    const original = zoom('verl', [0, 0, 1008, 504], { frame: 'original' }, image);
    assert.deepEqual(original.piece, report.piece);
  });

  it('moves a grown box inside the image', () => {
    const image = { width: 1008, height: 812 };
    const options = { frame: 'resized' } as const;
    assert.deepEqual(cut(zoom('verl', [0, 0, 10, 10], options, image)), [0, 0, 28, 28]);
    assert.deepEqual(cut(zoom('verl', [1000, 806, 1100, 900], options, image)), [970, 784, 1008, 812]);
    assert.deepEqual(cut(zoom('verl', [100, 100, 110, 120], options, image)), [91, 82, 119, 138]);
  });

  it('shrinks what would outgrow the image, and refuses what is then too small', () => {
    const report = zoom('verl', [0, 400, 1008, 420], { frame: 'resized' }, { width: 1008, height: 812 });
    assert.equal(report.rejected, 'tooSmall');
    assert.equal(
      report.environmentError,
      'Error: The specified bounding box [0, 400, 1008, 420] is invalid or results in a crop smaller than the minimum size of 28x28.',
    );
  });

  it('prints the box as Python would, floats with their point', () => {
    const box = [300, 10.5, 100, 200];
    const text = '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [300.0, 10.50, 1e2, 200]}}';
    const call: ToolCall = { ...zoomCall(box), text };
    const report = planZoom(call, IMAGE, { variant: 'verl', frame: 'resized' });
    assert.match(report.environmentError ?? '', /bounding box \[300\.0, 10\.5, 100\.0, 200\] is invalid/);
  });

  it('has its own words for a missing box', () => {
    const call: ToolCall = { status: 'parsed', text: '', name: 'image_zoom_in_tool', arguments: new Map() };
    const report = planZoom(call, IMAGE, { variant: 'verl', frame: 'resized' });
    assert.equal(report.environmentError, 'Error: bbox_2d parameter is missing or not a list of 4 numbers.');
  });
});

describe('planZoom, ms-swift', () => {
  const words = (box: number[]): string =>
    (zoom('msSwift', box, { frame: 'resized' }).environmentError ?? '').replace(/^.*\. Error: /, '');

  it('cuts from the processed image by the rules of v2', () => {
    const report = zoom('msSwift', [980, 100, 1040, 400], { frame: 'resized' });
    assert.equal(report.rejected, 'tooSmall', 'clamped to 1008, 28 pixels are left');
    const taken = zoom('msSwift', [960, 100, 1040, 400], { frame: 'resized' });
    assert.deepEqual(taken.piece?.size, { width: 1008, height: 812 });
    assert.deepEqual(cut(taken), [960, 100, 1008, 400]);
  });

  it('shows the failed assertion with the clamped corners', () => {
    const report = zoom('msSwift', [300, 10, 100, 200], { frame: 'resized' });
    assert.equal(
      report.environmentError,
      `Error: Invalid tool call format: ${zoomCall([300, 10, 100, 200]).text}. Error: invalid shape for left=300, top=10, right=100, bottom=200`,
    );
    assert.equal(words([-5, 0, 20, 40]), 'height=40, width=20 is too small');
    assert.equal(words([0.5, 0, 21, 40]), 'height=40, width=20.5 is too small');
    assert.equal(words([-1, 5, 900, 6]), 'aspect ratio error: left=0, top=5, right=900, bottom=6');
  });
});

describe('planZoom, frames', () => {
  it('places thousandths and fractions by the image that is cut', () => {
    const thousandths = zoom('trainingV2', [100, 125, 500, 500], { frame: 'relative1000' });
    assert.deepEqual(cut(thousandths), [100, 100, 500, 400]);
    assert.deepEqual(
      cut(zoom('trainingV2', [0.1, 0.125, 0.5, 0.5], { frame: 'relative1' })),
      [100, 100, 500, 400],
    );
  });

  it('scales the resized frame back, and says so when its size is not known', () => {
    const unknown = zoom('trainingV2', [100, 100, 500, 400], { frame: 'resized' });
    assert.equal(unknown.rejected, 'unknownFrame');
    assert.equal(unknown.environmentError, undefined);
    const resized = { width: 500, height: 400 };
    const known = zoom('trainingV2', [100, 100, 400, 300], { frame: 'resized', resized });
    assert.deepEqual(cut(known), [200, 200, 800, 600]);
    const limits = { factor: 28, minPixels: 3136, maxPixels: 28 * 28 * 100 };
    const derived = zoom('trainingV2', [28, 28, 140, 140], { frame: 'resized', limits });
    assert.deepEqual(derived.cut && boxToArray(derived.cut), [91, 100, 455, 500]);
  });
});

describe('planZoom, any box', () => {
  it('never throws, and what it cuts has tokens, integer corners and the rules of its variant', () => {
    const number = fc.oneof(
      fc.integer({ min: -300, max: 1400 }),
      fc.double({ min: -50, max: 1100, noNaN: true }),
      fc.constantFrom(0, -0, 1e9, -1e308, 1e308, 5e-324),
    );
    const frames = fc.constantFrom<ToolOptions['frame']>('original', 'resized', 'relative1000', 'relative1');
    const check = (box: number[], variant: ZoomVariant, frame: ToolOptions['frame']): void => {
      const report = zoom(variant, box, { frame });
      assert.equal(report.rejected === undefined, report.cut !== undefined);
      assert.equal(report.rejected === undefined, report.rejection === undefined);
      if (!report.piece || !report.cropSize || report.visualTokens === undefined) return;
      const { x1, y1, x2, y2 } = report.piece.box;
      assert.ok([x1, y1, x2, y2].every(Number.isInteger));
      assert.deepEqual(report.cropSize, { width: x2 - x1, height: y2 - y1 });
      assert.ok(Number.isInteger(report.visualTokens) && report.visualTokens >= 4);
      if (variant === 'trainingV2' || variant === 'msSwift') {
        assert.equal(report.grown, false, 'growth is never reached behind the test on 30 pixels');
        assert.ok(x1 >= 0 && y1 >= 0 && x2 <= report.piece.size.width && y2 <= report.piece.size.height);
        assert.ok(Math.min(x2 - x1, y2 - y1) >= 30);
      }
      if (variant === 'trainingV5' || variant === 'verl') assert.ok(Math.min(x2 - x1, y2 - y1) >= 28);
      if (variant === 'verl') assert.ok(x1 >= 0 && y1 >= 0 && x2 <= 1008 && y2 <= 812);
    };
    const box = fc.array(number, { minLength: 4, maxLength: 4 });
    fc.assert(fc.property(box, fc.constantFrom(...VARIANTS), frames, check), { numRuns: 5000 });
  });

  it('reads its own test boxes', () => {
    assert.equal(boxFromArray([1, 2, 3, Infinity]), undefined);
  });
});
