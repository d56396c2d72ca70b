import assert from 'node:assert/strict';
import { recoverReward } from '../../../src/analysis/recoverReward';
import { REWARD_FORMULAS, rewardFormula, rewardLattice } from '../../../src/analysis/rewardFormula';
import type { Reward } from '../../../src/trajectory/reward';

const totals = (name: string): number[] => {
  const formula = rewardFormula(name);
  assert.ok(formula);
  return rewardLattice(formula)
    .map(({ total }) => Math.round(total * 10) / 10 + 0)
    .sort((a, b) => b - a);
};
const values = (reward: Reward): Record<string, number> =>
  Object.fromEntries(reward.parts.map((part) => [part.name, part.value]));
const text = '<think>a</think><answer>b</answer>';

describe('rewardLattice', () => {
  it('of DeepEyes is 2.0, 1.8, 0.8, 0.6, 0.0, -0.2: tool counts only with accuracy', () => {
    assert.deepEqual(totals('deepeyes'), [2, 1.8, 0.8, 0.6, 0, -0.2]);
  });
  it('of its mathematics is 1.2, 0.8, 0.0, -0.4', () => {
    assert.deepEqual(totals('deepeyes-math'), [1.2, 0.8, 0, -0.4]);
  });
  it('has no total twice within a formula, so parts follow from the total', () => {
    for (const formula of REWARD_FORMULAS) {
      const all = totals(formula.name);
      assert.equal(new Set(all).size, all.length, formula.name);
    }
  });
});

describe('recoverReward', () => {
  it('gives all parts back for every outcome of every formula, as 32-bit floats too', () => {
    for (const formula of REWARD_FORMULAS) {
      for (const outcome of rewardLattice(formula)) {
        const reward = recoverReward(Math.fround(outcome.total), {
          dataSource: formula.dataSources[0] ?? '',
        });
        assert.equal(reward.formula, formula.name);
        assert.deepEqual(
          values(reward),
          Object.fromEntries([...outcome.values].map(([name, value]) => [name, value + 0])),
        );
        assert.ok(reward.parts.every((part) => part.provenance === 'recovered' && part.weight !== undefined));
      }
    }
  });

  it('0.8 is in both: candidates unless something tells', () => {
    const reward = recoverReward(0.800000011920929);
    assert.deepEqual(reward.parts, []);
    assert.deepEqual(reward.candidates, ['deepeyes', 'deepeyes-math']);
    assert.equal(reward.formula, undefined);
  });

  it('a \\boxed{} without <answer> tells: mathematics with a format error', () => {
    const reward = recoverReward(0.8, { response: '<think>x</think>\\boxed{4} or \\boxed{5}' });
    assert.deepEqual(values(reward), { accuracy: 1, format: -1 });
  });

  it('no \\boxed{} tells: mathematics would have given -0.4', () => {
    assert.equal(recoverReward(0.8, { response: text }).formula, 'deepeyes');
    assert.deepEqual(values(recoverReward(0, { response: 'words' })), { accuracy: 0, format: 0, tool: 0 });
    assert.equal(recoverReward(-0.4, { response: 'words' }).formula, 'deepeyes-math');
  });

  it('a response with both kinds of answer leaves it open', () => {
    const reward = recoverReward(0.8, { response: `${text}\\boxed{4}` });
    assert.deepEqual(reward.candidates, ['deepeyes', 'deepeyes-math']);
  });

  it('a total that no formula has explains nothing', () => {
    for (const total of [0.5, 1e9, 1.9, -3])
      assert.deepEqual(recoverReward(total, { response: text }), { total, parts: [] });
  });

  it('0 is a reward, absent is none', () => {
    assert.equal(recoverReward(0, { response: text }).total, 0);
    assert.deepEqual(recoverReward(undefined), { parts: [] });
  });

  it('keeps stored parts, and recovers the others around them', () => {
    const stored = [{ name: 'accuracy', value: 1, provenance: 'stored' as const }];
    const reward = recoverReward(2, { response: text, stored });
    assert.deepEqual(
      reward.parts.map(({ name, value, provenance }) => [name, value, provenance]),
      [
        ['accuracy', 1, 'stored'],
        ['format', 0, 'recovered'],
        ['tool', 1, 'recovered'],
      ],
    );
  });

  it('a stored part that contradicts the formula stays alone', () => {
    const stored = [{ name: 'accuracy', value: 0, provenance: 'stored' as const }];
    assert.deepEqual(recoverReward(2, { response: text, stored }), { total: 2, parts: stored });
  });
});
