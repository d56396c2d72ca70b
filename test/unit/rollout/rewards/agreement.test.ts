import assert from 'node:assert/strict';
import { deepeyesEvalReader } from '../../../../src/readers/trajectories/deepeyesEval';
import { judgeByRule } from '../../../../src/rollout/rewards/accuracyRule';
import { rolloutToScore } from '../../../../src/rollout/rewards/scoreRollout';
import { offeredOptions } from '../../../../src/rollout/rewards/options';
import { fixturePath, fixtureValues, readGood } from '../../../support/readFixture';

const FILES = [
  'result_direct_attributes_tmp_acc.jsonl',
  '4node_ds4_step_72/result_direct_attributes_tmp_acc.jsonl',
  'merge_ds1_step48_ds4_step40/result_direct_attributes_tmp_acc.jsonl',
  'merge_ds1_step48_ds4_step40/result_relative_position_tmp_acc.jsonl',
];

describe('judgeByRule on judged V* answers', () => {
  it('decides nine of ten, and always as the recorded judge did', () => {
    let answers = 0;
    let decided = 0;
    for (const file of FILES) {
      for (const value of fixtureValues(fixturePath('deepeyes-vstar', file))) {
        const trajectory = readGood(deepeyesEvalReader, value, file);
        if (!trajectory.verdict) continue;
        const { user, question, groundTruth = '' } = rolloutToScore(trajectory);
        const answer = trajectory.prediction ?? '';
        const judgement = judgeByRule({ answer, groundTruth, question, options: offeredOptions(user) });
        answers++;
        if (judgement.correct === undefined) continue;
        decided++;
        assert.equal(judgement.correct, trajectory.verdict.correct, `${answer} | ${groundTruth}`);
      }
    }
    assert.ok(answers > 100, `${answers} answers`);
    assert.ok(decided >= 0.9 * answers, `${decided} of ${answers}`);
  });
});
