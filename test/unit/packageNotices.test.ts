import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { collectNotices, noticesText } from '../../scripts/lib/notices.mjs';
import { runtimeModules } from '../../scripts/lib/runtimeModules.mjs';
import { TARGETS } from '../../scripts/lib/targets.mjs';
import { PROJECT_ROOT } from '../support/sources';

const inRoot = (file: string): string => path.join(PROJECT_ROOT, file);

describe('THIRD_PARTY_NOTICES', () => {
  before(() => {
    assert.ok(existsSync(inRoot('out/meta/trajectory.json')), 'the bundles are not built: npm run build');
  });

  it('is what a fresh generation gives', () => {
    const stored = readFileSync(inRoot('THIRD_PARTY_NOTICES'), 'utf8');
    assert.equal(stored === noticesText(), true, 'THIRD_PARTY_NOTICES is stale: npm run notices');
  });

  it('names each runtime package of each target', () => {
    const names = collectNotices().map((notice) => notice.name);
    const covered = (name: string): boolean =>
      names.includes(name) ||
      ['@img/sharp-', '@koromix/koffi-'].some(
        (prefix) => name.startsWith(prefix) && names.some((known) => known.includes(`${prefix}*`)),
      );
    const modules = Object.values(TARGETS).flatMap((target) => runtimeModules(target));
    assert.deepEqual(
      modules.filter(({ name }) => !covered(name)),
      [],
    );
  });

  it('names the copyleft and the attribution licences', () => {
    const licences = collectNotices().map((notice) => `${notice.name}: ${notice.licence}`);
    assert.ok(licences.some((line) => line.startsWith('libvips') && line.includes('LGPL-3.0-or-later')));
    assert.ok(licences.some((line) => line.startsWith('@vscode/codicons') && line.includes('CC-BY-4.0')));
    assert.ok(licences.includes('qs, rewritten as neoqs (inside openai): BSD-3-Clause'));
  });

  it('lists the parts of libvips as the installed binary does', function () {
    const readme = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']
      .map((name) => inRoot(`node_modules/@img/sharp-libvips-${name}/README.md`))
      .find((file) => existsSync(file));
    if (readme === undefined) this.skip();
    const rows = [...readFileSync(readme, 'utf8').matchAll(/^\| ([\w-]+) +\| /gm)].map((match) => match[1]);
    const parts = JSON.parse(readFileSync(inRoot('scripts/licences/libvips-parts.json'), 'utf8')) as object;
    assert.deepEqual(
      Object.keys(parts),
      rows.filter((row) => row !== 'Library'),
    );
  });
});
