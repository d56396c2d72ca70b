import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { openChecked } from '../../../../src/host/trajectories/openChecked';
import type { WorkspaceTrust } from '../../../../src/host/trust';
import { numbered, shortOf, tinyReader } from '../../files/support/tinyLog';

describe('opening in a restricted workspace', () => {
  let base: string;
  let inside: string;
  let outside: string;
  let trust: WorkspaceTrust;
  beforeEach(async () => {
    base = await realpath(mkdtempSync(path.join(tmpdir(), 'checked-')));
    inside = path.join(base, 'workspace');
    outside = path.join(base, 'outside.jsonl');
    mkdirSync(inside);
    writeFileSync(outside, numbered(100, 110));
    trust = { trusted: false, folders: [inside] };
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('takes a file of the workspace, and a link outside only with trust', async () => {
    writeFileSync(path.join(inside, 'log.jsonl'), numbered(0, 3));
    const opened = await openChecked(path.join(inside, 'log.jsonl'), () => trust);
    assert.ok((await opened.size()) > 0);
    await opened.close();
    const link = path.join(inside, 'link.jsonl');
    symlinkSync(outside, link);
    await assert.rejects(
      openChecked(link, () => trust),
      { code: 'denied' },
    );
    const trusted = await openChecked(link, () => ({ ...trust, trusted: true }));
    await trusted.close();
  });

  it('does not follow a log that is replaced by a link while it is open', async () => {
    const log = path.join(inside, 'log.jsonl');
    writeFileSync(log, numbered(0, 3));
    const source = await openTrajectorySource(log, {
      index: 'inProcess',
      readers: [tinyReader],
      openFile: (file) => openChecked(file, () => trust),
    });
    await source.indexed();
    const link = path.join(inside, 'new');
    symlinkSync(outside, link);
    renameSync(link, log);
    await source.refresh();
    assert.match(source.state.failure ?? '', /not trusted/);
    for (let index = 0; index < 10; index++) {
      const short = await source.record(index).then(shortOf, () => 'none');
      assert.ok(!short.startsWith('10'), `record ${short} of the file outside was read`);
    }
    source.dispose();
  });
});
