import assert from 'node:assert/strict';
import { filesOfQuery, queryOfFiles } from '../../../../src/host/trajectories/filesOfLog';

const RANKS = ['/dump/rollout_data_rank0.jsonl', '/dump/rollout_data_rank1.jsonl'];
const [FIRST = ''] = RANKS;

describe('the files of a log', () => {
  it('are in its address', () => {
    const query = queryOfFiles(RANKS);
    assert.ok(query !== undefined);
    assert.deepEqual(filesOfQuery(FIRST, query), RANKS);
    assert.equal(queryOfFiles([...RANKS, '/other/rank2.jsonl']), undefined);
  });

  it('are the one that it names, whatever else its address says', () => {
    for (const query of [
      '',
      'line=5',
      'files=',
      'files=rank1',
      'files={"0":"x"}',
      'files=[]',
      'files=["rollout_data_rank1.jsonl"]',
      'files=["rollout_data_rank0.jsonl","../secret.jsonl"]',
      'files=["rollout_data_rank0.jsonl","/etc/passwd"]',
      'files=["rollout_data_rank0.jsonl",".."]',
      'files=["rollout_data_rank0.jsonl",7]',
    ])
      assert.deepEqual(filesOfQuery(FIRST, query), [FIRST], query);
  });
});
