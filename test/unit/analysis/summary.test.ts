import assert from 'node:assert/strict';
import { SummaryBuilder } from '../../../src/analysis/summary';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import type { ModelPart, Turn } from '../../../src/trajectory/turn';

const RANGE = { start: 0, end: 0 };

function call(box: readonly number[], label?: string): ModelPart {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  return {
    kind: 'toolCall',
    range: RANGE,
    text: '',
    closed: true,
    acted: true,
    call: {
      status: 'parsed',
      text: '',
      name: 'image_zoom_in_tool',
      arguments: new Map(),
      box: { x1, y1, x2, y2 },
      ...(label !== undefined && { label }),
    },
  };
}

const answer: ModelPart = { kind: 'answer', range: RANGE, text: 'x', closed: true };

const turn = (parts: readonly ModelPart[], result?: 'crop' | 'error'): Turn => ({
  raw: '',
  parts,
  ...(result === 'crop' && {
    observation: { kind: 'observation', raw: '', text: '', images: [{ kind: 'blank' }] },
  }),
  ...(result === 'error' && {
    observation: { kind: 'observation', raw: '', text: '', images: [], error: 'Error: no' },
  }),
});

function trajectory(turns: readonly Turn[], more: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: RANGE },
    prompt: { user: 'q', question: 'q', images: [] },
    turns,
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras: new Map(),
    ...more,
  };
}

const right = { verdict: { correct: true, provenance: 'stored' } } as const;
const wrong = { verdict: { correct: false, provenance: 'stored' } } as const;

describe('summary', () => {
  it('counts verdicts by split, or by the group that is given', () => {
    const builder = new SummaryBuilder();
    builder.add(trajectory([], { ...right, split: 'a' }), 'file');
    builder.add(trajectory([], { ...wrong, split: 'a', outcome: { status: 'error' } }), 'file');
    builder.add(trajectory([]), 'file');
    const rest = {
      zoomCount: { mean: 0, histogram: { 0: 2 } },
      iou: { mean: null, rollouts: 0 },
      secondThoughts: { total: 0, named: 0 },
    };
    assert.deepEqual(builder.groupSummaries(), [
      { name: 'a', total: 2, correct: 1, incorrect: 1, unjudged: 0, accuracy: 0.5, ...rest },
      {
        ...{ name: 'file', total: 1, correct: 0, incorrect: 0, unjudged: 1, accuracy: null, ...rest },
        zoomCount: { mean: 0, histogram: { 0: 1 } },
      },
    ]);
    const { total, correct, incorrect, unjudged, accuracy } = builder.summary();
    assert.deepEqual([total, correct, incorrect, unjudged, accuracy], [3, 1, 1, 1, 0.5]);
  });

  it('tells zooms, IoU and thoughts of each group', () => {
    const truth = { groundTruthBoxes: [{ x1: 0, y1: 0, x2: 10, y2: 10 }] };
    const looks = turn([call([0, 0, 10, 5], 'red kite')], 'crop');
    const says = (text: string): Turn =>
      turn([{ kind: 'thought', range: RANGE, text, closed: true }, answer]);
    const builder = new SummaryBuilder();
    const one = [looks, says('I see  a Red\nkite with K.')];
    const two = [looks, turn([call([20, 20, 30, 30], 'x')], 'crop'), says('A blue kite with K.')];
    builder.add(trajectory(one, { ...truth, split: 'one' }), 'g');
    builder.add(trajectory(two, { ...truth, split: 'two' }), 'g');
    builder.add(trajectory([says('Three.')], { split: 'none' }), 'g');
    const rows = builder
      .groupSummaries()
      .map(({ zoomCount, iou, secondThoughts }) => [
        ...[zoomCount.mean, zoomCount.histogram],
        ...[iou, secondThoughts],
      ]);
    assert.deepEqual(rows, [
      [1, { 1: 1 }, { mean: 0.5, rollouts: 1 }, { total: 1, named: 1 }],
      [2, { 2: 1 }, { mean: 0.25, rollouts: 1 }, { total: 1, named: 0 }],
      [0, { 0: 1 }, { mean: null, rollouts: 0 }, { total: 0, named: 0 }],
    ]);
    const { iou, secondThoughts } = builder.summary();
    assert.deepEqual(
      [iou, secondThoughts],
      [
        { mean: 0.375, rollouts: 2 },
        { total: 2, named: 1 },
      ],
    );
  });

  it('counts crops, boxes and odd turns', () => {
    const builder = new SummaryBuilder();
    builder.add(
      trajectory([
        turn([call([0, 0, 30, 100], 'a')], 'crop'),
        turn([call([0, 0, 30, 100])], 'crop'),
        turn([call([0, 0, 27.5, 90])], 'error'),
        turn([call([50, 50, 10, 10]), answer]),
      ]),
      'g',
    );
    builder.add(trajectory([turn([call([0, 0, 31, 31], '')], 'crop'), turn([answer])]), 'g');
    builder.add(trajectory([turn([answer])]), 'g');
    const { zoomCount, boxes, toolErrors, multiZoom, noZoom, toolAndAnswerTurns, missingLabel } =
      builder.summary();
    assert.deepEqual(zoomCount, { mean: 1, histogram: { 0: 1, 1: 1, 2: 1 } });
    assert.deepEqual(boxes, { total: 5, minSideAtMost30: 4, minSideBelow28: 2, repeated: 1 });
    assert.deepEqual(
      { toolErrors, multiZoom, noZoom, toolAndAnswerTurns, missingLabel },
      {
        toolErrors: 1,
        multiZoom: 1,
        noZoom: 1,
        toolAndAnswerTurns: 1,
        missingLabel: 3,
      },
    );
  });

  it('merges to what one builder would have counted', () => {
    const rollouts = [
      trajectory([turn([call([0, 0, 9, 9])], 'crop')], { ...right, split: 'a' }),
      trajectory([turn([call([0, 0, 9, 9])], 'error')], wrong),
      trajectory([turn([answer])], { split: 'b' }),
    ];
    const one = new SummaryBuilder();
    const merged = new SummaryBuilder();
    for (const rollout of rollouts) {
      one.add(rollout, 'g');
      const part = new SummaryBuilder();
      part.add(rollout, 'g');
      merged.merge(part);
    }
    assert.deepEqual(merged.summary(), one.summary());
    assert.deepEqual(merged.groupSummaries(), one.groupSummaries());
    assert.deepEqual(merged.signalTotals(), one.signalTotals());
  });

  it('counts the rollouts of each signal, and those that leave it open', () => {
    const builder = new SummaryBuilder();
    builder.add(
      trajectory([turn([call([0, 0, 50, 50])], 'crop'), turn([call([0, 0, 50, 50]), answer])]),
      'g',
    );
    builder.add(trajectory([turn([call([0, 0, 20, 50])], 'crop')]), 'g');
    builder.add(trajectory([turn([answer])]), 'g');
    assert.deepEqual(builder.signalTotals(), {
      rightButMissed: { found: 0, unknown: 2 },
      repeatedBox: { found: 1, unknown: 0 },
      wholeImageBox: { found: 0, unknown: 2 },
      rejectedInTraining: { found: 0, unknown: 1 },
      emptyZoom: { found: 1, unknown: 0 },
      longAnswer: { found: 0, unknown: 1 },
      callAndAnswer: { found: 1, unknown: 0 },
    });
    const told = new SummaryBuilder();
    const rejected = {
      tool: 'zoom',
      frame: 'original',
      clamped: false,
      grown: false,
      rejected: 'tooSmall',
    } as const;
    const evaluated = trajectory([turn([call([0, 0, 40, 50])], 'crop')], { zoomVariant: 'evaluation' });
    told.add(evaluated, 'g', { trainingReports: [rejected] });
    assert.deepEqual(told.signalTotals().rejectedInTraining, { found: 1, unknown: 0 });
  });

  it('knows no mean and no accuracy of nothing', () => {
    const summary = new SummaryBuilder().summary();
    assert.equal(summary.accuracy, null);
    assert.deepEqual(summary.zoomCount, { mean: null, histogram: {} });
  });
});
