import assert from 'node:assert/strict';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import type { ResolvedImage } from '../../../../src/host/images/resolvedImage';
import { lookedFor, planTrajectoryView } from '../../../../src/host/trajectories/trajectoryViewModel';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { available, trajectory, turn, zoomCall } from '../support/fakes';

const plan = (value: Trajectory, original: ResolvedImage = available(1000, 800)) =>
  planTrajectoryView({
    trajectory: value,
    facts: trajectoryFacts(value),
    resolved: new Map(lookedFor(value).map(([id]) => [id, original])),
  });
const observed = (planned: ReturnType<typeof plan>, index = 0) => {
  const part = planned.view.turns[index]?.parts.at(-1);
  assert.ok(part?.kind === 'observation');
  return part.images;
};
const BLANK = { kind: 'blank' } as const;

describe('the view of a trajectory', () => {
  it('has the original with the size at which it was seen', () => {
    const { view, plans } = plan(trajectory([]));
    assert.deepEqual(view.originals, [
      {
        id: 'original:0',
        kind: 'original',
        label: 'photo.jpg',
        size: { width: 1000, height: 800 },
        resizedSize: { width: 1008, height: 812 },
        visualTokens: 36 * 29,
        state: 'available',
      },
    ]);
    assert.equal(plans.get('original:0')?.kind, 'whole');
  });

  it('makes a blank observation anew from the call of its turn', () => {
    const planned = plan(trajectory([turn([zoomCall([100, 100, 265, 274])], [BLANK])]));
    const [image] = observed(planned);
    assert.equal(image?.kind, 'rebuilt');
    assert.equal(image?.state, 'available');
    assert.deepEqual(image?.size, { width: 165, height: 174 });
    assert.deepEqual(image?.resizedSize, { width: 168, height: 168 });
    assert.equal(image?.visualTokens, 36);
    assert.equal(planned.plans.get('observation:0:0')?.kind, 'rebuilt');
  });

  it('takes the call that the environment acted on, not the others of the turn', () => {
    const parts = [zoomCall([0, 0, 500, 500], false), zoomCall([100, 100, 265, 274])];
    const [image] = observed(plan(trajectory([turn(parts, [BLANK])])));
    assert.deepEqual(image?.size, { width: 165, height: 174 });
  });

  it('misses no closing tag where the evaluation stops generating at it', () => {
    const open = { ...zoomCall([0, 0, 90, 90]), closed: false };
    const ignored = { ...zoomCall([0, 0, 80, 80], false), closed: false };
    const closedIn = (zoomVariant: Trajectory['zoomVariant']) =>
      plan(trajectory([turn([open, ignored])], { zoomVariant })).view.turns[0]?.parts.map(
        (part) => part.kind !== 'observation' && part.closed,
      );
    assert.deepEqual(closedIn('evaluation'), [true, false]);
    assert.deepEqual(closedIn('trainingV2'), [false, false]);
  });

  it('numbers the calls over all turns', () => {
    const { view } = plan(trajectory([turn([zoomCall([0, 0, 90, 90])]), turn([zoomCall([0, 0, 80, 80])])]));
    const numbers = view.turns.flatMap(({ parts }) =>
      parts.map((part) => (part.kind === 'toolCall' ? part.call.number : undefined)),
    );
    assert.deepEqual(numbers, [1, 2]);
  });

  it('offers no picture of a crop that the tool refused, and says why', () => {
    const planned = plan(trajectory([turn([zoomCall([0, 0, 20, 20])], [BLANK])]));
    const [image] = observed(planned);
    assert.equal(image?.state, 'unknown');
    assert.ok(image?.message);
    assert.equal(planned.plans.has('observation:0:0'), false);
  });

  it('offers one rebuilt image for a call, not one for each blank', () => {
    const planned = plan(trajectory([turn([zoomCall([0, 0, 90, 90])], [BLANK, BLANK])]));
    assert.deepEqual(
      observed(planned).map(({ state }) => state),
      ['available', 'unknown'],
    );
  });

  it('says where an original was looked for, and still knows the crop by a recorded size', () => {
    const missing: ResolvedImage = { state: 'missing', message: 'Not found.', tried: ['/a/photo.jpg'] };
    const images = [{ kind: 'file', path: 'photo.jpg', size: { width: 1000, height: 800 } }] as const;
    const prompt = { user: '', question: '', images };
    const planned = plan(trajectory([turn([zoomCall([100, 100, 265, 274])], [BLANK])], { prompt }), missing);
    assert.deepEqual(planned.view.originals[0]?.tried, ['/a/photo.jpg']);
    const [crop] = observed(planned);
    assert.equal(crop?.state, 'missing');
    assert.deepEqual(crop?.size, { width: 165, height: 174 });
    assert.equal(planned.plans.size, 0);
  });

  it('has no report where the size of the original is not known', () => {
    const missing: ResolvedImage = { state: 'missing', message: 'Not found.' };
    const { view } = plan(trajectory([turn([zoomCall([0, 0, 90, 90])])]), missing);
    const [part] = view.turns[0]?.parts ?? [];
    assert.ok(part?.kind === 'toolCall');
    assert.equal('report' in part.call, false);
  });

  it('keeps what is not recorded absent, and zero zero', () => {
    const { view } = plan(trajectory([]));
    for (const name of ['step', 'reward', 'verdict', 'modelTokens', 'groundTruth'] as const) {
      assert.equal(name in view, false, name);
    }
    assert.equal(plan(trajectory([], { step: 0 })).view.step, 0);
  });

  it('cuts extra fields short, however deep they go', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const extras = new Map<string, unknown>([
      ['deep', deep],
      ['long', 'x'.repeat(100_000)],
    ]);
    const { view } = plan(trajectory([], { extras }));
    assert.ok(view.extras.every(([, text]) => text.length <= 2001));
  });
});
