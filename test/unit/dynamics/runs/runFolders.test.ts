import assert from 'node:assert/strict';
import { runFolders } from '../../../../src/dynamics/runs/runFolders';

const log = (name: string, ...sameRun: string[]) => ({
  path: `/w/${name}`,
  root: '/w',
  sameRun: sameRun.map((other) => `/w/${other}`),
});
const folders = (...logs: ReturnType<typeof log>[]) => [...runFolders(logs).values()];

describe('runFolders', () => {
  it('takes the folder that a log lies in', () => {
    assert.deepEqual(folders(log('a/x.jsonl'), log('a/y.log'), log('b/z.log')), ['/w/a', '/w/a', '/w/b']);
  });

  it('joins what was found to belong together, by files of a log too', () => {
    assert.deepEqual(folders(log('exp/logs/x.log', 'exp/dump/steps/1.jsonl'), log('exp/dump/steps')), [
      '/w/exp',
      '/w/exp',
    ]);
    assert.deepEqual(folders(log('logs/x.log', 'nowhere.jsonl')), ['/w/logs']);
  });

  it('lets one folder stand for a run that is spread over all of what was searched', () => {
    const joined = folders(log('logs/x.log', 'dump/x/r.jsonl'), log('dump/x/r.jsonl'), log('other/y.log'));
    assert.deepEqual(joined, ['/w/dump/x', '/w/dump/x', '/w/other']);
  });

  it('ends where links run in a circle', () => {
    const joined = folders(log('A/x.log', 'B/r'), log('B/r', 'A/a/q'), log('A/a/q', 'A/x.log'));
    assert.equal(new Set(joined).size, 1);
  });
});
