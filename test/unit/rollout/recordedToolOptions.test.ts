import assert from 'node:assert/strict';
import { recordedToolOptions } from '../../../src/rollout/recordedToolOptions';
import { planCalls } from '../../../src/rollout/tools/planCalls';
import { protocolByName } from '../../../src/rollout/protocols/protocolByName';
import type { RolloutEvent } from '../../../src/rollout/rolloutEvents';
import type { ScriptedRun } from './support/rolloutLog';
import { gradient, playScript, zoom } from './support/rolloutLog';

/** Whether a reader of the log works out what the loop did. */
async function agrees(run: ScriptedRun): Promise<void> {
  const { events, trajectory } = await playScript(run);
  const did = events.filter(
    (event): event is Extract<RolloutEvent, { type: 'toolCall' }> => event.type === 'toolCall',
  );
  const size = run.task?.pictures?.[0]?.pixels ?? { width: 280, height: 224 };
  const options = recordedToolOptions(trajectory, { width: size.width, height: size.height });
  const planned = planCalls(trajectory.turns, { width: size.width, height: size.height }, options);
  assert.ok(did.length > 0);
  assert.deepEqual(
    planned.filter(({ acted }) => acted).map(({ report }) => report),
    did.map(({ report }) => report),
  );
}

describe('tool options of a recorded rollout', () => {
  const turns = [
    { says: zoom([20, 20, 40, 44]) },
    { says: zoom([10, 10, 14, 90]) },
    { says: '<answer>B</answer>' },
  ];

  it('lead to what the loop did, by the usual rules', () => agrees({ turns }));

  it('with a smaller view and crops of their own', () =>
    agrees({
      turns,
      task: { pictures: [gradient(1344, 1344)] },
      settings: {
        frame: 'resized',
        view: { maxPixels: 50176 },
        crop: { minPixels: 12544, maxPixels: 15680 },
        minBoxSideAbove: 20,
      },
    }));

  it('with the limits of another protocol', () => {
    const call = {
      name: 'image_zoom_in_tool',
      arguments: { bbox_2d: [0, 0, 300, 300], label: 'x', img_idx: 0 },
    };
    const says = `<tool_call>${JSON.stringify(call)}</tool_call>`;
    return agrees({
      protocol: protocolByName('qwen3-vl'),
      turns: [{ says }, { says: '<answer>B</answer>' }],
    });
  });

  it('pass over settings of any other shape', () => {
    const image = { width: 280, height: 224 };
    const usual = recordedToolOptions(
      { zoomVariant: 'trainingV2', frame: 'original', extras: new Map() },
      image,
    );
    for (const settings of [7, null, { view: 3, crop: { minPixels: 'x' }, minBoxSideAbove: [] }]) {
      const extras = new Map([['settings', settings]]);
      assert.deepEqual(
        recordedToolOptions({ zoomVariant: 'trainingV2', frame: 'original', extras }, image),
        usual,
      );
    }
    const none = recordedToolOptions(
      { zoomVariant: 'trainingV2', frame: 'original', extras: new Map() },
      { width: 0, height: 5 },
    );
    assert.equal(none.resized, undefined);
  });
});
