import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runtimeModules } from '../../scripts/lib/runtimeModules.mjs';
import { TARGETS, thisTarget } from '../../scripts/lib/targets.mjs';
import { checkContents, REQUIRED } from '../../scripts/lib/vsixContents.mjs';
import { listZip } from '../../scripts/lib/zip.mjs';
import { PROJECT_ROOT } from '../support/sources';

type TargetName = keyof typeof TARGETS;

describe('the list of what may ship', () => {
  const modules = runtimeModules(TARGETS['linux-x64']);
  const binary = 'node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64-0.1.2.node';
  const good = [...new Set([...REQUIRED, ...modules.map(({ place }) => `${place}/package.json`), binary])];

  it('is content with what is needed', () => {
    assert.deepEqual(checkContents(good, modules), []);
  });

  const unwanted = [
    'dist/extension.js.map',
    'dist/webview/trajectory.js.map',
    'src/extension.ts',
    'out/test/integration/a.test.js',
    'test/unit/a.test.ts',
    'package-lock.json',
    'media/readme/editor.png',
    'media/demo/samples/../../secret.txt',
    'node_modules/@img/sharp-win32-x64/lib/sharp-win32-x64.node',
    'node_modules/@img/sharp-libvips-darwin-arm64/lib/libvips-cpp.dylib',
    'node_modules/sharp/src/common.cc',
    'node_modules/sharp/install/build.js',
    'node_modules/sharp/dist/index.d.cts',
    'node_modules/esbuild/package.json',
    '.env',
  ];
  for (const file of unwanted) {
    it(`refuses ${file}`, () => {
      assert.deepEqual(checkContents([...good, file], modules), [`must not ship: ${file}`]);
    });
  }

  it('misses a required file, a runtime package and the binary', () => {
    const without = (gone: string): string[] =>
      checkContents(
        good.filter((file) => file !== gone),
        modules,
      );
    assert.deepEqual(without('dist/cli.js'), ['is missing: dist/cli.js']);
    assert.deepEqual(without('node_modules/semver/package.json'), ['is missing: semver']);
    assert.deepEqual(without(binary), ['is missing: the binary of sharp']);
  });

  for (const [name, target] of Object.entries(TARGETS)) {
    it(`takes for ${name} the binaries of ${name} alone`, () => {
      const binaries = runtimeModules(target).filter((module) => module.name.startsWith('@img/sharp-'));
      assert.ok(binaries.length > 0);
      assert.deepEqual(
        binaries.map((module) => module.name.endsWith(`-${name}`)),
        binaries.map(() => true),
      );
    });
  }
});

describe('the VSIX of this platform', () => {
  const target = (TARGETS as Partial<typeof TARGETS>)[thisTarget as TargetName];
  const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const vsix = path.join(PROJECT_ROOT, 'out', `imcot-debugger-${thisTarget}-${manifest.version}.vsix`);

  before(function () {
    if (target === undefined) this.skip();
    this.timeout(180_000);
    execFileSync(process.execPath, ['scripts/package.mjs'], { cwd: PROJECT_ROOT, stdio: 'pipe' });
  });

  it('holds what may ship, all that must, and nothing else', () => {
    assert.ok(target);
    const files = listZip(vsix).map((entry) => entry.name);
    const inside = files
      .filter((name) => name.startsWith('extension/'))
      .map((name) => name.slice('extension/'.length));
    assert.deepEqual(files.filter((name) => !name.startsWith('extension/')).sort(), [
      '[Content_Types].xml',
      'extension.vsixmanifest',
    ]);
    // vsce renames three files.
    const renamed = inside.map(
      (name) =>
        ({ 'readme.md': 'README.md', 'changelog.md': 'CHANGELOG.md', 'LICENSE.txt': 'LICENSE' })[name] ??
        name,
    );
    assert.deepEqual(checkContents(renamed, runtimeModules(target)), []);
  });

  it('keeps the launcher executable', function () {
    if (process.platform === 'win32') this.skip();
    const launcher = listZip(vsix).find((entry) => entry.name === 'extension/dist/bin/imcot');
    assert.equal(launcher?.executable, true);
  });
});
