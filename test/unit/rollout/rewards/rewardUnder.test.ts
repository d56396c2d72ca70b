import assert from 'node:assert/strict';
import { recoverReward } from '../../../../src/analysis/recoverReward';
import type { RewardFormula } from '../../../../src/analysis/rewardFormula';
import {
  ALL_FORMULAS,
  areSameReward,
  rewardFormula,
  rewardLattice,
} from '../../../../src/analysis/rewardFormula';
import { composeReward } from '../../../../src/rollout/rewards/composite';
import type { RewardBasis } from '../../../../src/rollout/rewards/rewardBasis';
import { FORMULA_RULES, rewardBasis } from '../../../../src/rollout/rewards/rewardBasis';
import { rewardOfTrajectory, rewardUnder } from '../../../../src/rollout/rewards/rewardUnder';
import { turnsOfResponse } from '../../../../src/trajectory/segment';
import type { Trajectory } from '../../../../src/trajectory/trajectory';

const NONE: RewardBasis = { isJudged: false, crops: 0, searched: false };
const CROP =
  '\n<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|><|im_end|>\n<|im_start|>assistant\n';
const ZOOM =
  '<think>a</think><tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 300, 400]}}</tool_call><|im_end|>';
const SAID = '<think>b</think><answer>cap</answer>';

function named(name: string): RewardFormula {
  const formula = rewardFormula(name);
  assert.ok(formula, name);
  return formula;
}

function rollout(response: string, more: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: { start: 0, end: 0 } },
    prompt: { user: 'What?', question: 'What?', images: [] },
    turns: turnsOfResponse(response, 'trainingV2'),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras: new Map(),
    ...more,
  };
}
const trained = (response: string, total: number, more: Partial<Trajectory> = {}): Trajectory =>
  rollout(response, { reward: recoverReward(total, { response }), ...more });

describe('rewardUnder', () => {
  it('gives what the formula gives, whichever formula the total was made by', () => {
    let explained = 0;
    for (const formula of ALL_FORMULAS)
      for (const made of ALL_FORMULAS)
        for (const correct of [true, false])
          for (const kept of [true, false])
            for (const crops of [0, 1, 3]) {
              const searched = crops === 3;
              const facts = {
                accuracy: { correct, reason: '' },
                form: { kept, reason: '' },
                crops,
                searched,
              };
              const { total } = composeReward(made, facts);
              const expected = composeReward(formula, facts).total;
              assert.ok(total !== undefined && expected !== undefined);
              const reward = rewardUnder(formula, {
                total,
                correct,
                isJudged: true,
                broken: kept ? [] : FORMULA_RULES,
                wrong: [],
                crops,
                searched,
              });
              const what = `${made.name} by ${formula.name}`;
              assert.ok(reward.total !== undefined && areSameReward(reward.total, expected), what);
              const isOwn = areSameReward(total, expected);
              assert.equal(reward.totalProvenance, isOwn ? undefined : 'recomputed', what);
              assert.equal(reward.unknown, undefined, what);
              if (isOwn) explained++;
            }
    assert.ok(explained > 144, 'each formula explains its own totals at least');
  });

  it('recovers from a total alone exactly the parts that all combinations share', () => {
    let open = 0;
    for (const formula of ALL_FORMULAS)
      for (const { total } of rewardLattice(formula)) {
        const reward = rewardUnder(formula, { ...NONE, total: Math.fround(total) });
        const all = rewardLattice(formula).filter((other) => areSameReward(other.total, total));
        for (const { name } of formula.terms) {
          const values = new Set(all.map(({ values: own }) => (own.get(name) ?? 0) + 0));
          const part = reward.parts.find((one) => one.name === name);
          if (values.size === 1) {
            assert.deepEqual([part?.value, part?.provenance], [[...values][0], 'recovered'], formula.name);
          } else {
            open++;
            assert.equal(part, undefined, `${formula.name} ${total}: ${name} is not known`);
            assert.match(reward.unknown?.find((one) => one.name === name)?.reason ?? '', /^Several/);
          }
        }
        assert.equal(reward.total, Math.fround(total));
        assert.equal(reward.totalProvenance, undefined);
      }
    assert.ok(open > 0);
  });

  it('tells several combinations apart by what the text says', () => {
    const formula = named('deepeyes-further-crops');
    // A wrong answer after three crops, or a right one after none.
    const open = rewardUnder(formula, { ...NONE, total: 0.8 });
    assert.deepEqual(
      open.unknown?.map(({ name }) => name),
      ['accuracy', 'format', 'crop', 'furtherCrops'],
    );
    const wrong = rewardUnder(formula, { ...NONE, total: 0.8, broken: [], crops: 3 });
    assert.deepEqual(
      wrong.parts.map(({ name, value, provenance }) => [name, value, provenance]),
      [
        ['accuracy', 0, 'recovered'],
        ['format', 0, 'recomputed'],
        ['crop', 1, 'recomputed'],
        ['furtherCrops', 2, 'recomputed'],
      ],
    );
    assert.equal(rewardUnder(formula, { ...NONE, total: 0.8, broken: [] }).parts[0]?.value, 1);
    // With five crops right and wrong give the same.
    const same = rewardUnder(formula, { ...NONE, total: 1.2, broken: [], crops: 5 });
    assert.deepEqual(
      same.unknown?.map(({ name }) => name),
      ['accuracy', 'furtherCrops'],
    );
    assert.equal(same.total, 1.2);
  });

  it('knows no total where nobody has judged, and says so; 0 is never made up', () => {
    const reward = rewardOfTrajectory(named('deepeyes'), rollout(ZOOM + CROP + SAID));
    assert.equal(reward?.total, undefined);
    assert.deepEqual(
      reward?.unknown?.map(({ name }) => name),
      ['accuracy', 'tool'],
    );
    assert.equal(reward?.unknown?.[0]?.reason, 'Nobody has judged the answer.');
    assert.deepEqual(
      reward?.parts.map(({ name, value }) => [name, value]),
      [['format', 0]],
    );
  });

  it('takes a judged evaluation, and one that ended in an error', () => {
    const verdict = { correct: true, provenance: 'stored' as const };
    const right = rewardOfTrajectory(
      named('ablation-unconditional'),
      rollout(ZOOM + CROP + SAID, { verdict }),
    );
    assert.equal(right?.total, 2);
    assert.equal(right.totalProvenance, 'recomputed');
    assert.deepEqual(
      right.parts.map(({ provenance }) => provenance),
      ['stored', 'recomputed', 'recomputed'],
    );
    const failed = rewardOfTrajectory(
      named('deepeyes'),
      rollout(ZOOM, { verdict: { ...verdict, correct: false }, outcome: { status: 'error' } }),
    );
    assert.equal(failed?.total, undefined, 'the form of what is lost is not known');
    assert.deepEqual(failed?.unknown, [
      { name: 'format', reason: 'The record does not hold the whole response.' },
    ]);
  });

  it('makes nothing up of a rollout that goes on or was cancelled', () => {
    for (const status of ['running', 'cancelled'] as const)
      assert.equal(rewardOfTrajectory(named('deepeyes'), rollout(SAID, { outcome: { status } })), undefined);
  });

  it('works another formula out of the parts of a total', () => {
    const trajectory = trained(ZOOM + CROP + SAID, 2);
    assert.equal(trajectory.reward?.formula, 'deepeyes');
    const same = rewardOfTrajectory(named('deepeyes'), trajectory);
    assert.equal(same, trajectory.reward);
    const none = rewardOfTrajectory(named('ablation-none'), trajectory);
    assert.deepEqual([none?.total, none?.totalProvenance], [0.8, 'recomputed']);
    assert.deepEqual(
      none?.parts.map(({ provenance }) => provenance),
      ['recovered', 'recomputed'],
    );
    assert.equal(rewardOfTrajectory(named('deepeyes-tool-2.0'), trajectory)?.total, 3);
    assert.equal(rewardOfTrajectory(named('deepeyes-v2'), trajectory)?.total, 1);
    // Mathematics wants a box.
    assert.equal(rewardOfTrajectory(named('deepeyes-math'), trajectory)?.total, -0.4);
  });

  it('explains a total of an older formula that the released ones do not give', () => {
    const trajectory = trained(ZOOM + CROP + SAID, 3);
    assert.equal(trajectory.reward?.formula, undefined);
    const reward = rewardOfTrajectory(named('deepeyes-tool-2.0'), trajectory);
    assert.deepEqual([reward?.total, reward?.totalProvenance], [3, undefined]);
    assert.deepEqual(
      reward?.parts.map(({ name, value, provenance }) => [name, value, provenance]),
      [
        ['accuracy', 1, 'recovered'],
        ['format', 0, 'recomputed'],
        ['tool', 1, 'recomputed'],
      ],
    );
    // A total that the older formula gives too, but not with this form: it is the released one's.
    const other = rewardOfTrajectory(named('deepeyes-tool-1.0-crop-0.2'), trained(ZOOM + CROP + SAID, 2));
    assert.deepEqual([other?.total?.toFixed(6), other?.totalProvenance], ['2.200000', 'recomputed']);
  });

  it("believes the file's own fault of form, and a crop that its dump has lost", () => {
    const faulty = trained(ZOOM + CROP + SAID, 1.8);
    const reward = rewardOfTrajectory(named('ablation-none'), faulty);
    assert.equal(reward?.total?.toFixed(6), '0.600000');
    const format = reward.parts.find(({ name }) => name === 'format');
    assert.deepEqual([format?.value, format?.provenance], [-1, 'recovered']);
    const lost = trained(ZOOM + SAID, 2);
    assert.equal(rewardBasis(lost).crops, 0);
    assert.equal(rewardOfTrajectory(named('ablation-unconditional'), lost)?.total, 2);
  });

  it('calls an answer of 1000 characters wrong, whatever a verdict says', () => {
    const verdict = { correct: true, provenance: 'stored' as const };
    const long = rollout(`<think>b</think><answer>${'x'.repeat(1000)}</answer>`, { verdict });
    assert.equal(rewardOfTrajectory(named('deepeyes'), long)?.total, -0.2);
  });

  it('is the same by the basis alone, as a list works it out', () => {
    for (const total of [2, 1.8, 0.8, 0.6, 0, -0.2, 1.2, 3, 0.123, undefined])
      for (const response of [SAID, ZOOM + CROP + SAID, `${ZOOM}${CROP}<think>${SAID}`, '\\boxed{4}']) {
        const trajectory = total === undefined ? rollout(response) : trained(response, total);
        for (const formula of ALL_FORMULAS) {
          const whole = rewardOfTrajectory(formula, trajectory);
          const bare = rewardUnder(formula, rewardBasis(trajectory));
          assert.equal(bare.total, whole?.total, formula.name);
          const values = (reward: typeof whole): unknown =>
            reward?.parts.map(({ name, value }) => [name, value]);
          assert.deepEqual(values(bare), values(whole));
        }
      }
  });
});
