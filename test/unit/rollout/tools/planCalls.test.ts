import assert from 'node:assert/strict';
import { planRotate } from '../../../../src/rollout/tools/imageRotate';
import type { ToolOptions } from '../../../../src/rollout/tools/imageZoomIn';
import { explainsTokens, planCall, planCalls } from '../../../../src/rollout/tools/planCalls';
import type { ToolCall } from '../../../../src/trajectory/toolCall';
import type { Turn } from '../../../../src/trajectory/turn';
import { rotateCall, zoomCall } from './toolCalls';

const IMAGE = { width: 1920, height: 1080 };
const V2: ToolOptions = { variant: 'trainingV2', frame: 'original' };
const V5: ToolOptions = { variant: 'trainingV5', frame: 'original' };

function turn(...calls: readonly (readonly [ToolCall, boolean])[]): Turn {
  const range = { start: 0, end: 0 };
  const parts = calls.map(([call, acted]) => ({
    kind: 'toolCall' as const,
    range,
    text: call.text,
    closed: true,
    call,
    acted,
  }));
  return { raw: '', parts: [{ kind: 'thought', range, text: '', closed: true }, ...parts] };
}

describe('planRotate', () => {
  it('turns the whole original and keeps its size', () => {
    const report = planRotate(rotateCall(-30), IMAGE, V2);
    assert.deepEqual(report, {
      tool: 'rotate',
      angle: -30,
      size: IMAGE,
      resizedSize: { width: 1932, height: 1092 },
      visualTokens: 2691,
    });
  });

  it('says why it does not turn', () => {
    const missing = planRotate(rotateCall(), IMAGE, V2);
    assert.deepEqual([missing.rejected, missing.environmentError], ['noAngle', "Error: 'angle'"]);
    assert.equal(planRotate(rotateCall(NaN), IMAGE, V2).rejected, 'noAngle');
    const elsewhere = planRotate(rotateCall(90), IMAGE, { variant: 'evaluation' });
    assert.equal(elsewhere.rejected, 'unknownTool');
  });
});

describe('planCall', () => {
  it('takes the rotate tool for one only where the producer runs it', () => {
    assert.equal(planCall(rotateCall(90), IMAGE, V2).tool, 'rotate');
    const swift = planCall(rotateCall(90), IMAGE, { ...V2, variant: 'msSwift', frame: 'resized' });
    assert.deepEqual([swift.tool, swift.rejected], ['zoom', 'unknownTool']);
    assert.match(swift.environmentError ?? '', /Error: Unknown tool name: image_rotate_tool$/);
    const evaluation = planCall(rotateCall(90), IMAGE, { ...V2, variant: 'evaluation' });
    assert.deepEqual([evaluation.tool, evaluation.rejected], ['zoom', 'noBox']);
  });
});

describe('planCalls', () => {
  const good = zoomCall([0, 0, 100, 100]);
  const bad = zoomCall([5, 5, 5, 5]);

  it('reports every call where it stands, and always on the first image of the prompt', () => {
    const planned = planCalls([turn([good, false], [good, true]), turn(), turn([bad, true])], IMAGE, V2);
    const where = planned.map(({ turn: index, part, acted }) => [index, part, acted]);
    assert.deepEqual(where, [
      [0, 1, false],
      [0, 2, true],
      [2, 1, true],
    ]);
    assert.ok(planned.every(({ source }) => source?.kind === 'prompt' && source.image === 0));
    assert.deepEqual(
      planned.map((call) => call.observationImage),
      [undefined, 0, undefined],
    );
    assert.deepEqual(
      planned.map(({ report }) => report.rejected),
      [undefined, undefined, 'empty'],
    );
  });

  it('numbers the pictures that come back, and in v5 one refused call takes them all', () => {
    const images = (options: ToolOptions, ...calls: (readonly [ToolCall, boolean])[]) =>
      planCalls([turn(...calls)], IMAGE, options).map((call) => call.observationImage);
    assert.deepEqual(images(V5, [good, true], [rotateCall(90), true], [good, false]), [0, 1, undefined]);
    assert.deepEqual(images(V5, [good, true], [bad, true]), [undefined, undefined]);
    assert.deepEqual(images(V5, [good, true], [bad, false]), [0, undefined]);
  });
});

describe('explainsTokens', () => {
  it('compares the recorded count with the one that follows from the box', () => {
    const report = planCall(zoomCall([0, 0, 165, 174]), IMAGE, V2);
    assert.equal(explainsTokens(report, 36), true);
    assert.equal(explainsTokens(report, 42), false);
    assert.equal(explainsTokens(planCall(zoomCall([5, 5, 5, 5]), IMAGE, V2), 36), undefined);
  });
});
