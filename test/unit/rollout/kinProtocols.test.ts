import assert from 'node:assert/strict';
import type { ImcotError } from '../../../src/common/errors';
import { protocolByName, ROLLOUT_PROTOCOLS } from '../../../src/rollout/protocols/protocolByName';
import type { RolloutEvent } from '../../../src/rollout/rolloutEvents';
import type { ZoomReport } from '../../../src/trajectory/toolReport';
import type { PlayedRollout } from './support/rolloutLog';
import { playScript } from './support/rolloutLog';

const ANSWER = { says: '<answer>B</answer>' };

function reports({ events }: PlayedRollout): ZoomReport[] {
  const calls = events.filter(
    (event): event is Extract<RolloutEvent, { type: 'toolCall' }> => event.type === 'toolCall',
  );
  return calls.flatMap(({ report }) => (report.tool === 'zoom' ? [report] : []));
}

function sources({ events }: PlayedRollout): (number | undefined)[] {
  return events.flatMap((event) => (event.type === 'toolCall' ? [event.on?.picture] : []));
}

function indexed(box: readonly number[], index: number): { readonly says: string } {
  const call = { name: 'image_zoom_in_tool', arguments: { bbox_2d: box, label: 'x', img_idx: index } };
  return { says: `<tool_call>${JSON.stringify(call)}</tool_call>` };
}

function grounding(box: readonly number[], source: string): { readonly says: string } {
  return { says: `<think>a</think><grounding>${JSON.stringify({ bbox_2d: box, source })}</grounding>` };
}

describe('protocols by name', () => {
  it('gives each, and names them when there is none', () => {
    for (const protocol of ROLLOUT_PROTOCOLS) assert.equal(protocolByName(protocol.name), protocol);
    assert.equal(new Set(ROLLOUT_PROTOCOLS.map(({ name }) => name)).size, ROLLOUT_PROTOCOLS.length);
    assert.throws(
      () => protocolByName('deepeyes'),
      (error: ImcotError) => error.code === 'usage' && error.message.includes('deepeyes-v2, '),
    );
  });
});

describe('Qwen3-VL (section 1, kin: img_idx of any image so far, thousandths, factor 32, min_pixels 256*32*32)', () => {
  const protocol = protocolByName('qwen3-vl');

  it('cuts from the picture that img_idx names, crops included', async () => {
    const turns = [
      indexed([0, 0, 500, 500], 0),
      indexed([0, 0, 100, 100], 1),
      indexed([500, 0, 900, 500], -3),
      ANSWER,
    ];
    const played = await playScript({ protocol, turns });
    assert.deepEqual(sources(played), [0, 1, 0]);
    const [first, second, third] = reports(played);
    assert.deepEqual(first?.piece?.box, { x1: 0, y1: 0, x2: 140, y2: 112 });
    // 140 x 112 is raised to 256 tokens at least: the factor is sqrt(262144 / 15680) = 4.089.
    assert.deepEqual([first?.resizedSize, first?.visualTokens], [{ width: 576, height: 480 }, 270]);
    assert.deepEqual(second?.piece?.size, { width: 576, height: 480 });
    assert.deepEqual(second?.piece?.box, { x1: 0, y1: 0, x2: 58, y2: 48 });
    assert.deepEqual(third?.piece?.box, { x1: 140, y1: 0, x2: 252, y2: 112 });
    assert.equal(played.trajectory.frame, 'relative1000');
    assert.equal(played.trajectory.zoomVariant, 'qwen3Vl');
    assert.equal(played.sequence.images[1]?.pixels.width, 576);
  });

  it('counts pixels of a crop as the model saw it, where boxes are said to', async () => {
    const turns = [indexed([0, 0, 140, 112], 0), indexed([0, 0, 294, 238], 1), ANSWER];
    const [first, second] = reports(await playScript({ protocol, turns, settings: { frame: 'resized' } }));
    assert.deepEqual(first?.piece?.box, { x1: 0, y1: 0, x2: 140, y2: 112 });
    // The crop of 576 x 480 reached this model, whose sides are multiples of 28, as 588 x 476.
    assert.deepEqual(second?.piece?.box, { x1: 0, y1: 0, x2: 288, y2: 240 });
  });

  it('grows a side under 32 about the middle and cuts off what is outside', async () => {
    const turns = [indexed([500, 500, 536, 536], 0), indexed([0, 0, 10, 10], 0), ANSWER];
    const [inside, corner] = reports(await playScript({ protocol, turns }));
    // The numbers are what the same arithmetic gives in Python, where 20 half pixels of width become 21 by their last bit.
    assert.deepEqual(inside?.piece?.box, { x1: 124, y1: 100, x2: 167, y2: 133 });
    // What remains in the corner is not larger than 32, so the box stays as it is.
    assert.deepEqual([corner?.grown, corner?.piece?.box], [false, { x1: 0, y1: 0, x2: 3, y2: 2 }]);
  });

  it('answers what it can not do in its own words', async () => {
    const played = await playScript({ protocol, turns: [indexed([0, 0, 500, 500], 3), ANSWER] });
    assert.equal(reports(played)[0]?.rejected, 'noImage');
    assert.match(played.trajectory.turns[0]?.observation?.raw ?? '', /^Tool Execution Error/);
    assert.equal(
      played.trajectory.turns[0]?.observation?.error,
      played.trajectory.turns[0]?.observation?.raw,
    );
  });
});

describe('Mini-o3 (section 1, kin: grounding in fractions of the source, a crop of a crop allowed)', () => {
  const protocol = protocolByName('mini-o3');

  it('cuts from the original and from observations', async () => {
    const turns = [
      grounding([0, 0, 0.5, 0.5], 'original_image'),
      grounding([0.5, 0.5, 1, 1], 'observation_1'),
      grounding([0, 0, 1, 1], 'observation_2'),
      ANSWER,
    ];
    const played = await playScript({ protocol, turns });
    assert.deepEqual(sources(played), [0, 1, 2]);
    const [first, second] = reports(played);
    assert.deepEqual(first?.resizedSize, { width: 140, height: 112 });
    assert.deepEqual(second?.piece?.size, { width: 140, height: 112 });
    assert.deepEqual(second?.piece?.box, { x1: 70, y1: 56, x2: 140, y2: 112 });
    const raws = played.trajectory.turns.map((turn) => turn.observation?.raw);
    assert.deepEqual(raws.slice(0, 2), [
      'After the above Action 0, here is the the zoom-in image (Observation 1):\n<image>',
      'After the above Action 1, here is the the zoom-in image (Observation 2):\n<image>',
    ]);
    const parts = played.trajectory.turns[1]?.parts ?? [];
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['thought', 'toolCall'],
    );
    const call = parts[1];
    assert.ok(call?.kind === 'toolCall' && call.call.status === 'parsed' && call.acted);
    assert.equal(call.text, '{"bbox_2d":[0.5,0.5,1,1],"source":"observation_1"}');
    assert.equal(call.call.arguments.get('source'), 'observation_1');
  });

  it('knows no other tags, no missing observation, and no text that is not JSON', async () => {
    const other = await playScript({
      protocol,
      turns: [{ says: '<tool_call>{"bbox_2d": [0, 0, 1, 1]}</tool_call>' }],
    });
    assert.equal(other.trajectory.outcome.status, 'finished');
    assert.deepEqual(reports(other), []);
    const turns = [grounding([0, 0, 1, 1], 'observation_1'), { says: '<grounding>x</grounding>' }, ANSWER];
    const played = await playScript({ protocol, turns });
    assert.deepEqual(
      reports(played).map(({ rejected }) => rejected),
      ['noImage', 'unparsable'],
    );
  });
});

describe('Chain-of-Focus (section 1, kin: box 1.5 times, crop 2 times, at least 112)', () => {
  it('enlarges boxes and scales crops', async () => {
    const call = (box: string): string =>
      `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": ${box}}}</tool_call>`;
    const turns = [{ says: call('[100, 100, 140, 140]') }, { says: call('[0, 0, 20, 20]') }, ANSWER];
    const played = await playScript({ protocol: protocolByName('chain-of-focus'), turns });
    const [first, second] = reports(played);
    assert.deepEqual(first?.piece?.box, { x1: 90, y1: 90, x2: 150, y2: 150 });
    assert.deepEqual(
      [first?.cropSize, first?.resizedSize],
      [
        { width: 60, height: 60 },
        { width: 112, height: 112 },
      ],
    );
    assert.deepEqual(second?.piece?.box, { x1: 0, y1: 0, x2: 25, y2: 25 });
    assert.deepEqual(second?.resizedSize, { width: 112, height: 112 });
  });
});
