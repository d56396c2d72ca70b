import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { metricLogsNear } from '../../../../src/host/dynamics/metricLogsNear';
import { ScratchFolder } from '../../../support/scratchFolder';
import { curveCsv, verlConsole } from '../../../support/curveFiles';
import { rolloutLine } from '../../../integration/support/curves';
import { PROJECT_ROOT } from '../../../support/sources';

const TRUSTED = { trusted: true, folders: [] };

describe('the metrics near a log of rollouts', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  const curve = [{ key: 'critic/score/mean', values: [0.1, 0.2, 0.3] }];
  const dump = (name: string): string => folder.write(name, rolloutLine(PROJECT_ROOT, 1, 0));

  it('are those of the run that wrote it, found by their names', async () => {
    const log = dump('work/rollout_data/vstar/exp7.jsonl');
    dump('work/rollout_data/vstar/exp8.jsonl');
    const metrics = folder.write('work/logs/exp7.log', verlConsole(curve));
    folder.write('work/logs/exp8.log', verlConsole(curve));
    folder.write('work/logs/exp7.txt', 'Nothing but words.\n');
    assert.deepEqual(await metricLogsNear(log, TRUSTED), [metrics]);
  });

  it('are the nearest first, where several lead to it', async () => {
    const log = dump('work/run/rollouts.jsonl');
    const [beside, above] = [
      folder.write('work/run/metrics.csv', curveCsv(curve)),
      folder.write('work/run/logs/train.log', verlConsole(curve)),
    ];
    assert.deepEqual(await metricLogsNear(log, TRUSTED), [beside, above]);
  });

  it('are none that may not be read', async () => {
    const log = dump('work/run/rollouts.jsonl');
    folder.write('secret/metrics.csv', curveCsv(curve));
    folder.write('work/run/metrics.csv', curveCsv(curve));
    symlinkSync(path.join(folder.path, 'secret/metrics.csv'), path.join(folder.path, 'work/run/linked.csv'));
    const inRun = { trusted: false, folders: [path.join(folder.path, 'work/run')] };
    assert.deepEqual(await metricLogsNear(log, inRun), [path.join(folder.path, 'work/run/metrics.csv')]);
    const elsewhere = { trusted: false, folders: [path.join(folder.path, 'secret')] };
    assert.deepEqual(await metricLogsNear(log, elsewhere), []);
  });
});
