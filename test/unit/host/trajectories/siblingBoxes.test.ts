import assert from 'node:assert/strict';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import { siblingBoxes } from '../../../../src/host/trajectories/siblingBoxes';
import { planTrajectoryView } from '../../../../src/host/trajectories/trajectoryViewModel';
import type { SiblingGroup } from '../../../../src/protocol/listView';
import type { TrajectoryView } from '../../../../src/protocol/trajectoryView';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { answer, trajectory, turn, zoomCall } from '../support/fakes';

function groupOf(count: number): SiblingGroup {
  return { count, rows: Array.from({ length: count }, (_, index) => ({ index })), rewarded: 0 };
}

const viewOf = (of: Trajectory, size = { width: 1000, height: 800 }): TrajectoryView =>
  planTrajectoryView({
    trajectory: of,
    facts: trajectoryFacts(of),
    resolved: new Map([
      ['original:0', { state: 'available', path: '/a.png', size, label: 'a.png' } as never],
    ]),
    truth: { boxes: [{ x1: 0, y1: 0, x2: 100, y2: 100 }], from: 'record' },
  }).view;

type Four = [number, number, number, number];

const zooms = (...boxes: readonly Four[]): Trajectory =>
  trajectory([...boxes.map((box) => turn([zoomCall(box)], [{ kind: 'blank' }])), turn([answer('a')])]);

describe('the boxes of a group', () => {
  it('tells what each sibling cut on the picture that they share, refused calls as such', async () => {
    const records = [
      zooms([0, 0, 100, 100], [900, 700, 1200, 900]),
      zooms([50, 50, 40, 90]),
      undefined,
      trajectory([turn([answer('a')])]),
    ];
    const asked: number[] = [];
    const group = { ...groupOf(4), rows: groupOf(4).rows.map((row) => ({ ...row, reward: row.index })) };
    const found = await siblingBoxes(1, {
      siblings: async () => group,
      view: async (index) => {
        asked.push(index);
        const record = records[index];
        return record && viewOf(record);
      },
    });
    assert.ok(found);
    assert.deepEqual(asked, [0, 1, 2, 3]);
    assert.deepEqual([found.count, found.leftOut], [4, 0]);
    assert.deepEqual(
      found.rollouts.map(({ index, reward, boxes }) => [index, reward, boxes.length]),
      [
        [0, 0, 2],
        [1, 1, 1],
        [2, 2, 0],
        [3, 3, 0],
      ],
    );
    const [first, second] = found.rollouts;
    assert.deepEqual(first?.boxes[0], { call: 1, box: { x1: 0, y1: 0, x2: 100, y2: 100 }, iou: 1 });
    // What lies outside of the picture was not cut.
    assert.deepEqual(first?.boxes[1], { call: 2, box: { x1: 900, y1: 700, x2: 1000, y2: 800 }, iou: 0 });
    assert.deepEqual(second?.boxes, [
      { call: 1, box: { x1: 50, y1: 50, x2: 40, y2: 90 }, rejected: true, iou: 0 },
    ]);
  });

  it('tells no more than 64 rollouts around the one that was asked for, and 32 boxes of each', async () => {
    const many = viewOf(zooms(...Array.from({ length: 40 }, (_, at): Four => [at, at, at + 50, at + 50])));
    const found = await siblingBoxes(90, { siblings: async () => groupOf(100), view: async () => many });
    assert.equal(found?.count, 100);
    assert.deepEqual(
      found?.rollouts.map(({ index }) => index),
      Array.from({ length: 64 }, (_, at) => 36 + at),
    );
    assert.ok(found?.rollouts.every(({ boxes }) => boxes.length === 32 && boxes[31]?.call === 32));
    assert.equal(found?.leftOut, 64 * 8);
  });

  it('knows nothing of a record without a group', async () => {
    const view = (): Promise<never> => Promise.reject(new Error('nothing is to be read'));
    assert.equal(await siblingBoxes(0, { siblings: async () => undefined, view }), undefined);
  });
});
