import assert from 'node:assert/strict';
import type { SignalName } from '../../../../src/analysis/signals/signal';
import type { SignalReports } from '../../../../src/analysis/signals/signals';
import { signalInput, SIGNALS, signalsOf } from '../../../../src/analysis/signals/signals';
import { answerText } from '../../../../src/analysis/signals/answerText';
import { planZoom } from '../../../../src/rollout/tools/imageZoomIn';
import { turnsOfResponse } from '../../../../src/trajectory/segment';
import type { ToolReport } from '../../../../src/trajectory/toolReport';
import type { Trajectory } from '../../../../src/trajectory/trajectory';

const CROP =
  '\n<|im_start|>user\n<|vision_start|><|image_pad|><|image_pad|><|vision_end|><|im_end|>\n<|im_start|>assistant\n';
const REFUSED = '\n<|im_start|>user\nError: ZOOM IN ARGUMENTS ARE INVALID<|im_end|>\n<|im_start|>assistant\n';
const call = (box: readonly number[], more = ''): string =>
  `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]${more}}}</tool_call><|im_end|>`;
const zoom = (...box: number[]): string => call(box) + CROP;

function rollout(response: string, more: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: { start: 0, end: 0 } },
    prompt: {
      user: 'What?',
      question: 'What?',
      images: [{ kind: 'file', path: 'a.jpg', size: { width: 1000, height: 800 } }],
    },
    turns: turnsOfResponse(response, 'trainingV2'),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'evaluation',
    extras: new Map(),
    ...more,
  };
}
const noSize = { prompt: { user: 'What?', question: 'What?', images: [{ kind: 'blank' as const }] } };

function value(
  name: SignalName,
  response: string,
  more: Partial<Trajectory> = {},
  reports: SignalReports = {},
): boolean | undefined {
  return signalsOf(signalInput(rollout(response, more), reports))[name];
}

describe('signals', () => {
  it('have names, words and explanations of their own', () => {
    assert.equal(new Set(SIGNALS.map(({ name }) => name)).size, 7);
    assert.equal(new Set(SIGNALS.map(({ words }) => words)).size, 7);
    for (const { explanation } of SIGNALS) assert.match(explanation, /^[A-Z].{20,}\.$/s);
  });

  it('hold for no rollout without calls, as far as that is known', () => {
    assert.deepEqual(signalsOf(signalInput(rollout('<answer>cap</answer>'))), {
      rightButMissed: false,
      repeatedBox: false,
      wholeImageBox: false,
      rejectedInTraining: false,
      emptyZoom: false,
      longAnswer: false,
      callAndAnswer: false,
    });
  });

  it('see a right answer whose boxes all miss', () => {
    const right = { verdict: { correct: true, provenance: 'stored' as const } };
    const wrong = { verdict: { correct: false, provenance: 'stored' as const } };
    const groundTruthBoxes = [{ x1: 100, y1: 100, x2: 200, y2: 200 }];
    const miss = zoom(191, 100, 400, 400);
    // 9 of 100 columns are covered here, 10 there.
    assert.equal(value('rightButMissed', miss, { ...right, groundTruthBoxes }), true);
    assert.equal(value('rightButMissed', zoom(190, 100, 400, 400), { ...right, groundTruthBoxes }), false);
    assert.equal(value('rightButMissed', miss + zoom(0, 0, 900, 700), { ...right, groundTruthBoxes }), false);
    assert.equal(value('rightButMissed', miss, { ...wrong, groundTruthBoxes }), false);
    assert.equal(value('rightButMissed', miss, { groundTruthBoxes }), undefined, 'nobody judged');
    assert.equal(value('rightButMissed', miss, right), undefined, 'no ground truth');
    assert.equal(value('rightButMissed', miss, { ...right, groundTruthBoxes: [] }), undefined);
    const unplaced = { ...right, groundTruthBoxes, ...noSize, frame: 'relative1000' as const };
    assert.equal(value('rightButMissed', miss, unplaced), undefined);
  });

  it('see a repeated box, on the same picture only', () => {
    const twice = zoom(1, 2, 300, 400) + zoom(1, 2, 300, 400);
    assert.equal(value('repeatedBox', twice), true);
    assert.equal(value('repeatedBox', zoom(1, 2, 300, 400) + zoom(1, 2, 300, 401)), false);
    const second = call([1, 2, 300, 400], ', "img_idx": 1');
    const first = call([1, 2, 300, 400], ', "img_idx": 0') + CROP;
    assert.equal(value('repeatedBox', first + second, { zoomVariant: 'qwen3Vl' }), false);
    assert.equal(value('repeatedBox', first + first, { zoomVariant: 'qwen3Vl' }), true);
  });

  it('see a box that is the whole image', () => {
    assert.equal(value('wholeImageBox', zoom(0, 0, 1000, 719)), false);
    assert.equal(value('wholeImageBox', zoom(0, 0, 1000, 720)), true);
    assert.equal(value('wholeImageBox', zoom(-50, -50, 2000, 2000)), true);
    assert.equal(value('wholeImageBox', zoom(10, 10, 20, 20) + zoom(0, 0, 1000, 800)), true);
    assert.equal(value('wholeImageBox', zoom(0, 0, 1000, 800), noSize), undefined);
    assert.equal(value('wholeImageBox', zoom(0, 0, 1000, 1000), { frame: 'relative1000' }), true);
  });

  it('see a box that training would have refused, by its rules, its word, or the box alone', () => {
    const by = (box: number[]): readonly ToolReport[] => {
      const [turn] = turnsOfResponse(call(box), 'trainingV2');
      return (turn?.parts ?? []).flatMap((part) =>
        part.kind === 'toolCall'
          ? [planZoom(part.call, { width: 1000, height: 800 }, { variant: 'trainingV2', frame: 'original' })]
          : [],
      );
    };
    const of = (box: number[]): boolean | undefined =>
      value('rejectedInTraining', zoom(...box), {}, { trainingReports: by(box) });
    assert.deepEqual(
      [of([10, 10, 40, 90]), of([10, 10, 41, 90]), of([990, 10, 1090, 90])],
      [true, false, true],
    );
    assert.equal(value('rejectedInTraining', zoom(10, 10, 40, 90)), true, 'clamping makes it only smaller');
    assert.equal(value('rejectedInTraining', zoom(10, 10, 41, 90)), undefined);
    const training = { zoomVariant: 'trainingV2' as const };
    assert.equal(value('rejectedInTraining', call([990, 10, 1090, 90]) + REFUSED, training), true);
  });

  it('see a zoom that shows next to nothing', () => {
    assert.equal(value('emptyZoom', zoom(100, 100, 127, 300)), true, 'a side of 27');
    assert.equal(value('emptyZoom', zoom(100, 100, 128, 300)), false);
    assert.equal(value('emptyZoom', zoom(100, 100, 137, 137)), true, '37 to 56 is 1.51 times');
    assert.equal(value('emptyZoom', zoom(100, 100, 141, 160)), false, '41 x 60 to 56 x 84 is 1.38 times');
    assert.equal(value('emptyZoom', zoom(980, 100, 1200, 400)), true, '20 pixels are inside');
    assert.equal(value('emptyZoom', call([100, 100, 110, 110]) + REFUSED), false, 'no crop came back');
    assert.equal(value('emptyZoom', zoom(100, 100, 120, 120), { zoomVariant: 'miniO3' }), undefined);
    const report = (width: number): ToolReport => ({
      tool: 'zoom', frame: 'original', clamped: false, grown: false,
      cropSize: { width, height: 40 }, resizedSize: { width: 56, height: 84 },
    }); // prettier-ignore
    assert.equal(value('emptyZoom', zoom(0, 0, 500, 500), {}, { reports: [report(60)] }), false);
    assert.equal(value('emptyZoom', zoom(0, 0, 500, 500), {}, { reports: [report(60), report(30)] }), true);
  });

  it('see long answers, in characters', () => {
    assert.equal(value('longAnswer', `<answer>${'x'.repeat(999)}</answer>`), false);
    assert.equal(value('longAnswer', `<answer>${'x'.repeat(1000)}</answer>`), true);
    assert.equal(value('longAnswer', `<answer>${'😀'.repeat(999)}</answer>`), false);
    assert.equal(value('longAnswer', 'no answer'), undefined);
    assert.equal(answerText(rollout('<answer>a</answer>', { prediction: ' b ' })), 'b');
  });

  it('see a call and an answer in one turn', () => {
    assert.equal(value('callAndAnswer', `<answer>x</answer>${call([1, 2, 90, 90])}`), true);
    assert.equal(value('callAndAnswer', `${zoom(1, 2, 90, 90)}<answer>x</answer>`), false);
  });
});
