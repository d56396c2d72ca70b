import assert from 'node:assert/strict';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import { settingsView } from '../../../../src/host/trajectories/settingsView';
import { lookedFor, planTrajectoryView } from '../../../../src/host/trajectories/trajectoryViewModel';
import type { PartView, ToolCallView, TrajectoryView } from '../../../../src/protocol/trajectoryView';
import { protocolByName } from '../../../../src/rollout/protocols/protocolByName';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import type { ScriptedRun } from '../../rollout/support/rolloutLog';
import { gradient, playScript, zoom } from '../../rollout/support/rolloutLog';

const ANSWER = { says: '<answer>B</answer>' };

function viewOf(trajectory: Trajectory): TrajectoryView {
  const { view } = planTrajectoryView({ trajectory, facts: trajectoryFacts(trajectory), resolved: NOTHING });
  return view;
}
const NOTHING = new Map<string, never>();

async function played(
  run: ScriptedRun,
): Promise<{ readonly view: TrajectoryView; readonly calls: ToolCallView[] }> {
  const { trajectory } = await playScript(run);
  const view = viewOf(trajectory);
  const parts = view.turns.flatMap((turn) => turn.parts);
  return { view, calls: parts.flatMap((part) => (part.kind === 'toolCall' ? [part.call] : [])) };
}

const grounding = (box: readonly number[], source: string): { readonly says: string } => ({
  says: `<grounding>${JSON.stringify({ bbox_2d: box, source })}</grounding>`,
});
const observed = (view: TrajectoryView, turn: number): Extract<PartView, { kind: 'observation' }> => {
  const part = view.turns[turn]?.parts.at(-1);
  assert.ok(part?.kind === 'observation');
  return part;
};

describe('the view of a rollout of this project', () => {
  it('places boxes of a small view, and tells a crop as it was cut and as it was seen', async () => {
    const settings = {
      frame: 'resized',
      view: { minPixels: 224 * 224, maxPixels: 224 * 224 },
      crop: { minPixels: 112 * 112, maxPixels: 112 * 112 },
    } as const;
    const turns = [{ says: zoom([56, 49, 112, 98]) }, ANSWER];
    const { view, calls } = await played({ turns, settings, task: { pictures: [gradient(448, 392)] } });
    // 448 x 392 is seen as 224 x 196: one number of the model is two pixels.
    assert.deepEqual(view.originals[0]?.resizedSize, { width: 224, height: 196 });
    assert.deepEqual(calls[0]?.place, { image: 'original:0', box: { x1: 112, y1: 98, x2: 224, y2: 196 } });
    const [crop] = observed(view, 0).images;
    assert.deepEqual(crop?.cutSize, { width: 112, height: 98 });
    assert.deepEqual(crop?.size, crop?.resizedSize);
    assert.equal(crop?.call, 1);
  });

  it('lays the boxes of crops of crops onto the original', async () => {
    const turns = [
      grounding([0.5, 0, 1, 0.5], 'original_image'),
      grounding([0.5, 0.5, 1, 1], 'observation_1'),
      grounding([0, 0, 0.5, 1], 'observation_2'),
      grounding([0, 0, 1, 1], 'observation_9'),
      ANSWER,
    ];
    const run = { protocol: protocolByName('mini-o3'), turns, task: { pictures: [gradient(800, 800)] } };
    const { calls } = await played(run);
    assert.deepEqual(
      calls.map(({ source }) => source),
      ['original:0', 'observation:0:0', 'observation:1:0', undefined],
    );
    const boxes = calls.map(({ place }) => place && { image: place.image, ...place.box });
    assert.deepEqual(boxes[0], { image: 'original:0', x1: 400, y1: 0, x2: 800, y2: 400 });
    assert.deepEqual(boxes[1], { image: 'original:0', x1: 600, y1: 200, x2: 800, y2: 400 });
    assert.deepEqual(boxes[2], { image: 'original:0', x1: 600, y1: 200, x2: 700, y2: 400 });
    assert.equal(boxes[3], undefined);
    assert.equal(calls[3]?.report?.rejected, 'noImage');
  });

  it('shows what a call is about to bring, while the answer to it is awaited', async () => {
    const { trajectory } = await playScript({ turns: [{ says: zoom([10, 10, 90, 80]) }, ANSWER] });
    const [first] = trajectory.turns;
    assert.ok(first);
    const { observation: _observation, ...unanswered } = first;
    const running: Trajectory = { ...trajectory, turns: [unanswered], outcome: { status: 'running' } };
    const size = { width: 280, height: 224 };
    const input = { kind: 'path', key: 'k', path: '/p.png' } as const;
    const resolved = new Map(
      lookedFor(running).map(([id]) => [id, { state: 'available', input, size } as const]),
    );
    const plan = planTrajectoryView({ trajectory: running, facts: trajectoryFacts(running), resolved });
    const awaited = observed(plan.view, 0);
    assert.equal(awaited.pending, true);
    assert.equal(awaited.images[0]?.state, 'available');
    assert.equal(plan.plans.get('observation:0:0')?.kind, 'rebuilt');
    const ended: Trajectory = { ...running, outcome: { status: 'cancelled' } };
    assert.equal(viewOf(ended).turns[0]?.parts.at(-1)?.kind, 'toolCall');
  });

  it('does not take tokens of observations that nobody counted for none', async () => {
    const { view } = await played({ turns: [{ says: zoom([10, 10, 90, 80]) }, ANSWER] });
    assert.ok(view.modelTokens !== undefined && view.modelTokens > 0);
    assert.equal('observationTokens' in view, false);
  });
});

describe('settings for people', () => {
  it('name what the agent loop recorded, and keep what only their writer knows', async () => {
    const { view } = await played({
      turns: [ANSWER],
      settings: {
        sampling: { temperature: 0.7, seed: 20_250_101 },
        maxTurns: 3,
        view: { minPixels: 50_176, maxPixels: 50_176 },
        crop: { maxPixels: 12_544 },
      },
    });
    const settings = new Map(view.settings);
    assert.equal(settings.get('Model'), 'scripted');
    assert.equal(settings.get('Protocol'), 'deepeyes-v2 (DeepEyes v2, as in training)');
    assert.equal(settings.get('Device'), 'script');
    assert.equal(settings.get('Temperature'), '0.7');
    assert.equal(settings.get('Seed'), '20250101');
    assert.equal(settings.get('Turns at most'), '3');
    assert.equal(settings.get('Response tokens'), '20,480');
    assert.equal(settings.get('Image seen at'), '50,176 px of area');
    assert.equal(settings.get('Crops seen at'), 'at most 12,544 px of area');
    assert.deepEqual(
      view.extras.filter(([name]) => name === 'settings' || name === 'model'),
      [],
    );
  });

  it('show a value that is none of those under its own name, cut short', () => {
    const given = { temperature: 0, seed: 'many', mood: { deep: [1] }, protocol: 'x'.repeat(5000) };
    const settings = new Map(settingsView(new Map([['settings', given]])));
    assert.equal(settings.get('Temperature'), '0 (the most likely token)');
    assert.equal(settings.get('seed'), '"many"');
    assert.equal(settings.get('mood'), '{"deep":[1]}');
    assert.ok((settings.get('Protocol')?.length ?? 0) <= 401);
    assert.deepEqual(
      settingsView(
        new Map<string, unknown>([
          ['settings', 'none'],
          ['model', 7],
        ]),
      ),
      [],
    );
  });
});
