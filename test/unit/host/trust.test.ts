import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode } from '../../../src/common/errors';
import { checkMayRead, isInside } from '../../../src/host/trust';

describe('reading in a restricted workspace', () => {
  let root: string;
  let inside: string;
  let outside: string;
  let link: string;

  before(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'trust-')));
    mkdirSync(path.join(root, 'folder'));
    inside = path.join(root, 'folder', 'log.jsonl');
    outside = path.join(root, 'log.jsonl');
    link = path.join(root, 'folder', 'link.jsonl');
    writeFileSync(inside, '{}');
    writeFileSync(outside, '{}');
    symlinkSync(outside, link);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const codeOf = async (file: string, trusted: boolean): Promise<string> => {
    try {
      await checkMayRead(file, { trusted, folders: [path.join(root, 'folder')] });
      return 'read';
    } catch (error) {
      return errorCode(error);
    }
  };

  it('is allowed below the folder and nowhere else', async () => {
    assert.equal(await codeOf(inside, false), 'read');
    assert.equal(await codeOf(outside, false), 'denied');
    assert.equal(await codeOf(path.join(root, 'folder', '..', 'log.jsonl'), false), 'denied');
  });

  it('follows links before it decides', async () => {
    assert.equal(await codeOf(link, false), 'denied');
  });

  it('says when there is nothing', async () => {
    assert.equal(await codeOf(path.join(root, 'folder', 'none.jsonl'), false), 'missing');
  });

  it('is not limited once trust is granted', async () => {
    assert.equal(await codeOf(outside, true), 'read');
    assert.equal(await codeOf(link, true), 'read');
  });

  it('takes a name that only begins with dots for a name', () => {
    assert.equal(isInside(path.join(root, '..folder', 'x'), root), true);
    assert.equal(isInside(path.join(root, '..', 'x'), root), false);
    assert.equal(isInside(`${root}-twin`, root), false);
  });
});
