import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ImcotError } from '../../../../src/common/errors';
import { silentLogger } from '../../../../src/common/logger';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { retryWhenChanged } from '../../../../src/host/trajectories/fileChange';
import { OpenedSource } from '../../../../src/host/trajectories/openedSource';
import { TrajectorySession } from '../../../../src/host/trajectories/trajectorySession';
import type { SourceView } from '../../../../src/protocol/trajectoryView';
import type { TrajectorySource } from '../../../../src/readers/trajectorySource';
import { answer, FakeImages, FakeSource, read, trajectory, turn } from '../support/fakes';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const actions = {
  chooseImageFolder: () => Promise.resolve(true),
  revealRecord: () => Promise.resolve(),
  showInCurves: () => Promise.resolve(),
};

describe('a source that is opened', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'opened-'));
    file = path.join(folder, 'log.imcot.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is tried again when a file that did not open has changed', async () => {
    writeFileSync(file, '');
    let tries = 0;
    const open = (): Promise<TrajectorySource> => {
      tries++;
      return openTrajectorySource(file, { index: 'inProcess' });
    };
    const opened = new OpenedSource(open, retryWhenChanged(file, 20));
    await assert.rejects(opened.source, /is empty/);
    await delay(120);
    assert.equal(tries, 1, 'nothing has changed');
    const reopened = new Promise<void>((resolve) => opened.onDidReopen(resolve));
    appendFileSync(file, '{"imcot":1}\n{"t":0,"event":"start","prompt":{"user":"Who?"}}\n');
    await reopened;
    assert.equal((await opened.source).format, 'imcot');
    const triesToOpen: number = tries;
    appendFileSync(file, '{"t":1,"event":"start","prompt":{"user":"When?"}}\n');
    await delay(120);
    assert.equal(tries, triesToOpen, 'an open file follows itself');
    opened.dispose();
  });

  it('is left alone when it was refused, and when it is let go', async () => {
    let tries = 0;
    const failing = (code: 'denied' | 'input') => (): Promise<TrajectorySource> => {
      tries++;
      return Promise.reject(new ImcotError(code, 'No.'));
    };
    writeFileSync(file, 'x');
    const refused = new OpenedSource(failing('denied'), retryWhenChanged(file, 20));
    const gone = new OpenedSource(failing('input'), retryWhenChanged(file, 20));
    await settled();
    gone.dispose();
    appendFileSync(file, 'y');
    await delay(150);
    assert.equal(tries, 2);
    refused.dispose();
  });

  it('is followed by the session even when an older one opens after it', async () => {
    const sources = ['old', 'new'].map((text) => new FakeSource([read(trajectory([turn([answer(text)])]))]));
    const finish: (() => void)[] = [];
    const opened = new OpenedSource<TrajectorySource>(
      () =>
        new Promise((resolve) => {
          const source = sources[finish.length];
          assert.ok(source);
          finish.push(() => resolve(source));
        }),
    );
    const session = new TrajectorySession(opened, new FakeImages(), actions, silentLogger);
    const seen: SourceView[] = [];
    session.onDidChangeSource((view) => seen.push(view));
    opened.reopen();
    finish[1]?.();
    await settled();
    finish[0]?.();
    await settled();
    assert.equal(sources[0]?.disposed, true);
    const before = seen.length;
    sources[0]?.change({ generation: 5 });
    assert.equal(seen.length, before, 'what was let go is not followed');
    sources[1]?.change({ generation: 1 });
    assert.equal(seen.length, before + 1);
    const view = await session.trajectory(0);
    assert.ok(!('status' in view));
    assert.equal(view.turns[0]?.parts[0]?.text, 'new');
    session.dispose();
  });
});
