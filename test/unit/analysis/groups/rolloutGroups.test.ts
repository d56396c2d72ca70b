import assert from 'node:assert/strict';
import { groupAdvantage, RewardSums } from '../../../../src/analysis/groups/groupAdvantage';
import { groupIdentity } from '../../../../src/analysis/groups/groupIdentity';
import { RolloutGroups } from '../../../../src/analysis/groups/rolloutGroups';
import type { Trajectory } from '../../../../src/trajectory/trajectory';

function close(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe('groups', () => {
  it('have the mean, the sample deviation and the advantages of GRPO', () => {
    const groups = new RolloutGroups();
    const rewards = [2, 0.8, 0, -0.2];
    rewards.forEach((reward, index) => groups.add({ index, key: 'q', step: 3, reward }));
    const group = groups.groupOf(2);
    // torch.tensor([2, .8, 0, -.2]).std() is 0.99833 (n - 1), not the 0.86458 of the whole.
    close(group?.spread?.mean, 0.65);
    close(group?.spread?.deviation, Math.sqrt((1.35 ** 2 + 0.15 ** 2 + 0.65 ** 2 + 0.85 ** 2) / 3));
    close(groups.advantageOf(0), 1.35 / ((group?.spread?.deviation ?? 0) + 1e-6));
    assert.deepEqual(group?.members, [0, 1, 2, 3]);
    assert.equal(group.spread?.isDead, false);
  });

  it('are dead where all rewards are equal, and alone where there is one', () => {
    const groups = new RolloutGroups();
    for (const index of [0, 1, 2]) groups.add({ index, key: 'dead', reward: 0.1 + 0.2 });
    groups.add({ index: 3, key: 'alone', reward: 2 });
    assert.deepEqual(
      [0, 1, 2].map((index) => groups.advantageOf(index)),
      [0, 0, 0],
    );
    assert.deepEqual([groups.groupOf(0)?.spread?.isDead, groups.groupOf(3)?.spread?.isDead], [true, false]);
    close(groups.advantageOf(3), 2 / (1 + 1e-6));
  });

  it('keep steps apart, take rows in any order, and leave rows without a reward out of the figures', () => {
    const groups = new RolloutGroups();
    groups.add({ index: 9, key: 'q', step: 1, reward: 1 });
    groups.add({ index: 4, key: 'q', step: 2, reward: 0 });
    groups.add({ index: 2, key: 'q', step: 1 });
    groups.add({ index: 3, key: 'q', step: 1, reward: NaN });
    groups.add({ index: 9, key: 'q', step: 1, reward: 5 });
    assert.deepEqual(groups.groupOf(2)?.members, [9, 2, 3]);
    assert.equal(groups.groupOf(2)?.spread?.count, 1);
    assert.deepEqual(
      [groups.advantageOf(2), groups.advantageOf(3), groups.advantageOf(77)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      [...groups.groups()].map(({ step }) => step),
      [1, 2],
    );
    const none = new RolloutGroups();
    none.add({ index: 0, key: 'q' });
    assert.equal(none.groupOf(0)?.spread, undefined);
  });

  it('stay exact far from zero', () => {
    const sums = new RewardSums();
    for (const reward of [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]) sums.add(reward);
    const spread = sums.spread();
    assert.equal(spread?.deviation, Math.sqrt(30));
    close(spread && groupAdvantage(1e9 + 4, spread), -6 / (Math.sqrt(30) + 1e-6));
  });
});

describe('the identity of a group', () => {
  const rollout = (more: Partial<Trajectory>): Pick<Trajectory, 'group' | 'prompt' | 'groundTruth'> => ({
    prompt: { user: 'What?', question: 'What?', images: [{ kind: 'blank', visualTokens: 12 }] },
    groundTruth: 'cap',
    ...more,
  });
  const key = (more: Partial<Trajectory> = {}): string | undefined =>
    groupIdentity(rollout(more) as Trajectory)?.key;

  it('is the uid where there is one', () => {
    assert.deepEqual(groupIdentity(rollout({ group: { key: 'u1', provenance: 'uid' } }) as Trajectory), {
      key: 'u1',
      provenance: 'uid',
    });
  });

  it('is made of prompt, ground truth and the number of visual tokens elsewhere', () => {
    assert.equal(key(), key());
    assert.match(key() ?? '', /^[0-9a-f]{16}$/);
    const derived = { key: 'd', provenance: 'derived' } as const;
    const wider = {
      user: 'What?',
      question: 'What?',
      images: [{ kind: 'blank', visualTokens: 13 }],
    } as const;
    const others = [
      key({ groundTruth: 'hat' }),
      key({ prompt: wider }),
      key({ group: derived }),
      key({ group: derived, prompt: wider }),
    ];
    assert.equal(new Set([key(), ...others]).size, 5);
    assert.equal(key({ prompt: { user: '', question: '', images: [] } }), undefined);
  });
});
