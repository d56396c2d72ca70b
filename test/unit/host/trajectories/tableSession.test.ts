import assert from 'node:assert/strict';
import { silentLogger } from '../../../../src/common/logger';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { OpenedSource } from '../../../../src/host/trajectories/openedSource';
import { isTextLog } from '../../../../src/host/trajectories/recordText';
import { TrajectorySession } from '../../../../src/host/trajectories/trajectorySession';
import { goldenLog } from '../../../support/goldenLogs';
import { FakeImages } from '../support/fakes';

const actions = {
  chooseImageFolder: () => Promise.resolve(false),
  revealRecord: () => Promise.resolve(),
  showInCurves: () => Promise.resolve(),
};

describe('the editor over a Parquet file', () => {
  const file = goldenLog('trl', 'chat', 'completions_00001.parquet');
  const opened = new OpenedSource(() => openTrajectorySource([file], { index: 'inProcess' }));
  const session = new TrajectorySession(opened, new FakeImages(), actions, silentLogger);
  after(() => {
    session.dispose();
    opened.dispose();
  });

  it('says what it is', async () => {
    await (await opened.source).indexed();
    const view = await session.ready();
    assert.equal(view.status, 'ready');
    assert.match(JSON.stringify(view), /TRL completions/);
  });

  it('shows its rows and a rollout, in what a page can be sent', async () => {
    const rows = await session.rows(0, 50);
    assert.equal(rows.length, 8);
    assert.ok(
      rows.every((row) => row.status === 'ok' && row.question.startsWith('What is the color of the ')),
    );
    const view = await session.trajectory(2);
    const sent = JSON.stringify(view);
    assert.match(sent, /accuracy_reward/);
    assert.match(sent, /"advantage"/);
  });

  it('is offered for such files, and never as text', () => {
    assert.equal(isTextLog(file), false);
    assert.equal(isTextLog('/run/1.jsonl'), true);
  });
});
