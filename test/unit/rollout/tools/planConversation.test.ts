import assert from 'node:assert/strict';
import { protocolByName } from '../../../../src/rollout/protocols/protocolByName';
import { recordedToolOptions } from '../../../../src/rollout/recordedToolOptions';
import type { RolloutEvent } from '../../../../src/rollout/rolloutEvents';
import { planCalls } from '../../../../src/rollout/tools/planCalls';
import type { Turn } from '../../../../src/trajectory/turn';
import type { ScriptedRun } from '../support/rolloutLog';
import { gradient, playScript, zoom } from '../support/rolloutLog';

const SIZE = { width: 280, height: 224 };
const ANSWER = { says: '<answer>B</answer>' };

function indexed(box: readonly number[], index: number): { readonly says: string } {
  const call = { name: 'image_zoom_in_tool', arguments: { bbox_2d: box, label: 'x', img_idx: index } };
  return { says: `<tool_call>${JSON.stringify(call)}</tool_call>` };
}

function grounding(box: readonly number[], source: string): { readonly says: string } {
  return { says: `<grounding>${JSON.stringify({ bbox_2d: box, source })}</grounding>` };
}

/** What the loop did with each call, and what the log tells of it. */
async function bothOf(
  run: ScriptedRun,
  sizes: Parameters<typeof planCalls>[1] = SIZE,
  change: (turns: readonly Turn[]) => readonly Turn[] = (turns) => turns,
): Promise<{ readonly did: readonly unknown[]; readonly planned: ReturnType<typeof planCalls> }> {
  const { events, trajectory } = await playScript(run);
  const did = events
    .filter((event): event is Extract<RolloutEvent, { type: 'toolCall' }> => event.type === 'toolCall')
    .map(({ report }) => report);
  const planned = planCalls(change(trajectory.turns), sizes, (size) => recordedToolOptions(trajectory, size));
  return { did, planned };
}

const reportsOf = (planned: ReturnType<typeof planCalls>): unknown[] => planned.map(({ report }) => report);

describe('calls of a recorded rollout, worked out from its log', () => {
  it('are what the loop did, where boxes count pixels of a view of its own size', async () => {
    const settings = {
      frame: 'resized',
      view: { minPixels: 224 * 224, maxPixels: 224 * 224 },
      crop: { minPixels: 112 * 112, maxPixels: 112 * 112 },
      minBoxSideAbove: 12,
    } as const;
    const { did, planned } = await bothOf({ settings, turns: [{ says: zoom([20, 30, 90, 84]) }, ANSWER] });
    assert.deepEqual(reportsOf(planned), did);
    const [call] = planned;
    assert.ok(call?.report.tool === 'zoom');
    // The view of 280 x 224 within 224 x 224 pixels of area is 224 x 196: 20 / 224 * 280 = 25.
    assert.equal(call.report.placed?.x1, 25);
    assert.deepEqual(call.source, { kind: 'prompt', image: 0 });
  });

  it('are what the loop did, where calls name crops by their index', async () => {
    const turns = [
      indexed([0, 0, 500, 500], 0),
      indexed([0, 0, 100, 100], 1),
      indexed([0, 0, 900, 900], -1),
      indexed([0, 0, 900, 900], 9),
      ANSWER,
    ];
    const { did, planned } = await bothOf({ protocol: protocolByName('qwen3-vl'), turns });
    assert.equal(did.length, 4);
    assert.deepEqual(reportsOf(planned), did);
    assert.deepEqual(
      planned.map(({ source }) => source),
      [
        { kind: 'prompt', image: 0 },
        { kind: 'observation', turn: 0, image: 0 },
        { kind: 'observation', turn: 1, image: 0 },
        undefined,
      ],
    );
  });

  it('are what the loop did, where calls name observations', async () => {
    const turns = [
      grounding([0.5, 0, 1, 0.5], 'original_image'),
      grounding([0.25, 0.25, 0.75, 0.75], 'observation_1'),
      grounding([0, 0, 0.5, 1], 'original_image'),
      grounding([0, 0, 0.5, 1], 'observation_7'),
      ANSWER,
    ];
    const { did, planned } = await bothOf({ protocol: protocolByName('mini-o3'), turns });
    assert.deepEqual(reportsOf(planned), did);
    assert.deepEqual(
      planned.map(({ source }) => source && `${source.kind} ${source.image}`),
      ['prompt 0', 'observation 0', 'prompt 0', undefined],
    );
  });

  it('know the size of a crop by its call where the log kept nothing of it', async () => {
    const turns = [indexed([0, 0, 500, 500], 0), indexed([0, 0, 100, 100], 1), ANSWER];
    const blank = (all: readonly Turn[]): Turn[] =>
      all.map((turn) => ({
        ...turn,
        ...(turn.observation && { observation: { ...turn.observation, images: [{ kind: 'blank' }] } }),
      }));
    const { did, planned } = await bothOf({ protocol: protocolByName('qwen3-vl'), turns }, SIZE, blank);
    assert.deepEqual(reportsOf(planned), did);
  });

  it('tell the prompt’s images apart, and leave out a call on one whose size nobody knows', async () => {
    const run = {
      protocol: protocolByName('qwen3-vl'),
      task: { pictures: [gradient(280, 224), gradient(560, 448)] },
      turns: [indexed([0, 0, 500, 500], 1), indexed([0, 0, 500, 500], 2), ANSWER],
    };
    const known = await bothOf(run, [SIZE, { width: 560, height: 448 }]);
    assert.deepEqual(reportsOf(known.planned), known.did);
    const unknown = await bothOf(run, [SIZE, undefined]);
    // The crop of the unknown image was recorded with its size, so the call on it can be told.
    assert.deepEqual(
      unknown.planned.map(({ turn }) => turn),
      [1],
    );
  });
});
