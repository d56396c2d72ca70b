import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import { imcotReader } from '../../../../src/readers/trajectories/imcot';
import type { Ask } from '../../../../src/rollout/rewards/judge';
import type { RolloutToScore } from '../../../../src/rollout/rewards/scoreRollout';
import { rolloutToScore, scoreRollout } from '../../../../src/rollout/rewards/scoreRollout';
import { eventLine } from '../../../../src/trajectory/eventLog';
import { readGood } from '../../../support/readRecords';

const USER = 'Question: What is the color of the cap?\nOptions:\nA. red\nB. blue\n\n';
const rollout = (response: string, more: Partial<RolloutToScore> = {}): RolloutToScore => ({
  response,
  user: USER,
  question: 'What is the color of the cap?',
  groundTruth: 'red',
  crops: 1,
  ...more,
});
const GOOD = '<think>x</think><answer>A</answer>';

describe('scoreRollout', () => {
  it('a right answer with a crop gets 2.0 and says which rule decided', async () => {
    const { verdict, reward } = await scoreRollout(rollout(GOOD));
    assert.equal(reward.total, 2);
    assert.equal(reward.formula, 'deepeyes');
    assert.deepEqual(verdict, {
      correct: true,
      provenance: 'recomputed',
      by: 'rule: option',
      reason: 'The answer names option A by its letter; right is A.',
    });
  });

  it('without answer tags the words behind the thoughts are judged, special tokens aside', async () => {
    const { verdict } = await scoreRollout(rollout('<think>blue?</think>The answer is A.<|im_end|>'));
    assert.equal(verdict?.correct, true);
  });

  it('1000 characters are wrong without anybody being asked', async () => {
    const ask: Ask = () => assert.fail('asked');
    const response = `<answer>${'x'.repeat(1000)}</answer>`;
    const { verdict, reward } = await scoreRollout(rollout(response), { accuracy: { by: 'judge', ask } });
    assert.equal(verdict?.by, 'format');
    assert.equal(reward.total, -0.2);
  });

  it('mathematics: one box right, two boxes a format error, none wrong', async () => {
    const math = (response: string): Promise<{ reward: { total?: number } }> =>
      scoreRollout(rollout(response, { user: 'How much?', groundTruth: '1/2' }), {
        formula: 'deepeyes-math',
      });
    assert.equal((await math('<think></think>\\boxed{\\frac{1}{2}}')).reward.total, 1.2);
    assert.equal((await math('\\boxed{3} \\boxed{0.5}')).reward.total?.toFixed(9), '0.800000000');
    assert.equal((await math('0.5')).reward.total, -0.4);
  });

  it('what no rule decides stays open, or goes to the judge, whose words are kept', async () => {
    const open = rollout('<answer>crimson</answer>');
    const byRule = await scoreRollout(open);
    assert.equal(byRule.verdict, undefined);
    assert.equal(byRule.reward.total, undefined);
    assert.deepEqual(
      byRule.reward.unknown?.map(({ name }) => name),
      ['accuracy', 'tool'],
    );
    let asked = 0;
    const ask: Ask = () => Promise.resolve((asked++, 'Verdict: 1'));
    const judged = await scoreRollout(open, { accuracy: { by: 'ruleThenJudge', ask } });
    assert.equal(judged.verdict?.by, 'judge');
    assert.equal(judged.reward.total, 2);
    assert.deepEqual(judged.reward.parts[0]?.replies, ['Verdict: 1']);
    await scoreRollout(rollout(GOOD), { accuracy: { by: 'ruleThenJudge', ask } });
    assert.equal(asked, 1);
    await scoreRollout(rollout(GOOD), { accuracy: { by: 'judge', ask } });
    assert.equal(asked, 2);
  });

  it('what no rule decides is wrong where answers are right to the letter or wrong, unless a judge alone decides', async () => {
    const open = rollout('<answer>crimson</answer>');
    const { verdict, reward } = await scoreRollout(open, { exact: true });
    assert.deepEqual([verdict?.correct, verdict?.by, reward.total], [false, 'rule: exact text', 0]);
    const same = await scoreRollout(rollout('<answer>Red.</answer>', { user: '' }), { exact: true });
    assert.equal(same.verdict?.correct, true, 'other rules still find it right');
    const judge = { by: 'judge', ask: () => Promise.resolve('Verdict: 1') } as const;
    assert.equal((await scoreRollout(open, { exact: true, accuracy: judge })).verdict?.correct, true);
  });

  it('a judge without a verdict leaves it open, with what it said', async () => {
    const ask: Ask = () => Promise.resolve('perhaps');
    const { verdict, reward } = await scoreRollout(rollout(GOOD), { accuracy: { by: 'judge', ask } });
    assert.equal(verdict, undefined);
    assert.deepEqual(reward.unknown?.[0]?.replies, ['perhaps', 'perhaps', 'perhaps']);
    assert.match(reward.unknown?.[0]?.reason ?? '', /no verdict/);
  });

  it('nobody asked, or no right answer known: not judged, and why', async () => {
    const nobody = await scoreRollout(rollout(GOOD), { accuracy: { by: 'nobody' } });
    assert.equal(nobody.reward.unknown?.[0]?.reason, 'Nobody was asked to judge the answer.');
    const { groundTruth: _, ...unknown } = rollout(GOOD);
    assert.equal((await scoreRollout(unknown)).reward.unknown?.[0]?.reason, 'The right answer is not known.');
  });

  it('a formula that does not exist is named, with those that do', async () => {
    await assert.rejects(
      scoreRollout(rollout(GOOD), { formula: 'x' }),
      (thrown: unknown) =>
        thrown instanceof ImcotError && thrown.code === 'usage' && /deepeyes-math/.test(thrown.message),
    );
  });

  it('scores a recorded rollout, and reads back from the file all that it wrote', async () => {
    const start = { event: 'start', prompt: { user: USER }, groundTruth: 'red' } as const;
    const events = [
      start,
      {
        event: 'text',
        turn: 0,
        text: '<think>a</think><tool_call>{"name": "image_zoom_in_tool"}</tool_call>',
      },
      {
        event: 'observation',
        turn: 0,
        raw: '<|vision_start|><|image_pad|><|vision_end|>',
        images: [{ kind: 'blank' }],
      },
      { event: 'text', turn: 1, text: '<think>b</think><answer>crimson</answer>' },
      { event: 'outcome', status: 'finished' },
    ] as const;
    const parsed = events.map((event): unknown => JSON.parse(eventLine(0, event)));
    const scored = rolloutToScore(readGood(imcotReader, ...parsed).trajectory);
    assert.equal(scored.crops, 1);
    const ask: Ask = () => Promise.resolve('Verdict: 1');
    const score = await scoreRollout(scored, { accuracy: { by: 'ruleThenJudge', ask } });
    const open = await scoreRollout(scored);
    for (const { verdict, reward } of [score, open]) {
      const lines = [
        ...(verdict ? [eventLine(0, { event: 'verdict', ...verdict })] : []),
        eventLine(0, { event: 'reward', ...reward }),
      ];
      const read = readGood(
        imcotReader,
        ...parsed,
        ...lines.map((line): unknown => JSON.parse(line)),
      ).trajectory;
      assert.deepEqual(read.verdict, verdict);
      assert.deepEqual(read.reward, reward);
    }
    assert.equal(score.reward.total, 2);
  });
});
