import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runtimeModules } from '../../scripts/lib/runtimeModules.mjs';
import { inferenceLibraries, TARGETS, thisTarget } from '../../scripts/lib/targets.mjs';
import { checkContents, REQUIRED } from '../../scripts/lib/vsixContents.mjs';
import { listZip } from '../../scripts/lib/zip.mjs';
import { silentLogger } from '../../src/common/logger';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import { readLog } from '../support/demoModel';
import { PROJECT_ROOT } from '../support/sources';

type TargetName = keyof typeof TARGETS;

describe('the list of what may ship', () => {
  const modules = runtimeModules(TARGETS['linux-x64']);
  const binary = 'node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64-0.1.2.node';
  const ofModels = [
    'koffi/LICENSE.txt',
    'koffi/index.cjs',
    'koffi/src/koffi/index.cjs',
    'koffi/src/koffi/src/static.cjs',
    '@koromix/koffi-linux-x64/index.js',
    '@koromix/koffi-linux-x64/linux_x64/koffi.node',
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
  ].map((file) => `node_modules/${file}`);
  const ofSqlite = ['node.mjs', 'sqlite-wasm/jswasm/sqlite3-node.mjs', 'sqlite-wasm/jswasm/sqlite3.wasm'].map(
    (file) => `node_modules/@sqlite.org/sqlite-wasm/${file}`,
  );
  const manifests = modules.map(({ place }) => `${place}/package.json`);
  const good = [...new Set([...REQUIRED, ...manifests, ...ofModels, ...ofSqlite, binary])];

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
    'media/demo/images/samples/more.jpg',
    'media/demo/model/optimizer.safetensors',
    'media/demo/model/pytorch_model.bin',
    'test/fixtures/demo-scenes/scene_06.jpg',
    'node_modules/@img/sharp-win32-x64/lib/sharp-win32-x64.node',
    'node_modules/@img/sharp-libvips-darwin-arm64/lib/libvips-cpp.dylib',
    'node_modules/sharp/src/common.cc',
    'node_modules/sharp/install/build.js',
    'node_modules/sharp/dist/index.d.cts',
    'node_modules/esbuild/package.json',
    'node_modules/@sqlite.org/sqlite-wasm/sqlite-wasm/jswasm/sqlite3-worker1.js',
    'node_modules/koffi/cnoke.cjs',
    'node_modules/koffi/src/koffi/src/trampolines.cjs',
    'node_modules/@koromix/koffi-linux-x64/musl_x64/koffi.node',
    'node_modules/@koromix/koffi-win32-x64/win32_x64/koffi.node',
    'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
    'node_modules/onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
    'node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll',
    'node_modules/onnxruntime-node/script/install.js',
    'node_modules/onnxruntime-node/dist/index.js',
    'node_modules/adm-zip/package.json',
    'node_modules/global-agent/package.json',
    'node_modules/onnxruntime-common/package.json',
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
    for (const file of ofModels) assert.equal(without(file).length, 1, file);
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

  for (const [name, target] of Object.entries(TARGETS)) {
    it(`takes for ${name} the model runtime of ${name}, where there is one`, () => {
      const names = runtimeModules(target).map((module) => module.name);
      const own = names.filter((module) => /^(koffi|onnxruntime|@koromix)/.test(module));
      const wanted = ['@koromix/koffi-' + name, 'koffi', 'onnxruntime-node'];
      assert.deepEqual(own, name === 'darwin-x64' ? [] : wanted);
      assert.ok(!names.some((module) => /adm-zip|global-agent|onnxruntime-common/.test(module)));
    });
  }

  it('takes what ONNX Runtime loads beside itself on Windows', () => {
    const target = TARGETS['win32-arm64'];
    const folder = 'node_modules/onnxruntime-node/bin/napi-v6/win32/arm64';
    for (const file of ['onnxruntime.dll', 'DirectML.dll', 'dxcompiler.dll', 'dxil.dll']) {
      assert.deepEqual(checkContents([`${folder}/${file}`], runtimeModules(target)).filter(refuses), []);
    }
    const other = `${folder}/onnxruntime_binding.node`;
    assert.deepEqual(checkContents([other], runtimeModules(target)).filter(refuses), [
      `must not ship: ${other}`,
    ]);
  });
});

const refuses = (problem: string): boolean => problem.startsWith('must not ship');

/** Opens the reference checkpoint in a worker and lets it say three tokens. */
async function generate(workerPath: string, cacheFolder: string): Promise<string[]> {
  const worker = startInferenceProcess({ workerPath, logger: silentLogger });
  try {
    const model = await worker.open(
      {
        folder: path.join(PROJECT_ROOT, 'test/golden/qwen2_5_vl/checkpoint'),
        provider: 'cpu',
        precision: 'full',
        contextLength: 256,
        threads: 1,
        cacheFolder,
        maxCacheBytes: 1e6,
        sequenceMemoryBytes: 1e8,
      },
      { onProgress: () => undefined, signal: new AbortController().signal },
    );
    const sequence = await model.start();
    await sequence.appendText('What is there?');
    const said: string[] = [];
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 3 })) {
      said.push(event.text);
    }
    return said;
  } finally {
    worker.dispose();
    await worker.gone;
  }
}

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

  describe('unpacked', () => {
    let folder = '';
    before(function () {
      assert.ok(target);
      if (inferenceLibraries(target).length === 0) this.skip();
      // Outside of the project, where Node would find what is missing in the project's own packages.
      folder = mkdtempSync(path.join(tmpdir(), 'vsix-'));
      cpSync(path.join(PROJECT_ROOT, 'out', 'package', thisTarget, 'stage'), folder, { recursive: true });
    });
    after(() => {
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
    });

    it('runs a model with what it holds', async () => {
      const text = await generate(path.join(folder, 'dist', 'inferenceWorker.js'), folder);
      assert.equal(text.length, 4, text.join('|'));
    }).timeout(60_000);

    it('brings its demo: model, pictures, questions, and the command that plays them', async () => {
      const images = path.join(folder, 'media/demo/images');
      const lines = readFileSync(path.join(images, 'questions.jsonl'), 'utf8').trimEnd().split('\n');
      const questions = lines.map((line) => JSON.parse(line) as Record<string, string>);
      assert.ok(questions.length >= 6, `${questions.length} questions`);
      for (const { image } of questions) assert.ok(existsSync(path.join(images, image!)), image);
      const { image, question, answer } = questions[0]!;
      const log = path.join(folder, 'rollout.imcot.jsonl');
      const asked = ['--image', path.join(images, image!), '--question', question!, '--answer', answer!];
      const args = ['run', '--model', 'demo', ...asked, '--provider', 'cpu', '--out', log];
      execFileSync(process.execPath, [path.join(folder, 'dist/cli.js'), ...args], {
        cwd: folder,
        stdio: 'pipe',
      });
      const { trajectories, damage } = await readLog(log);
      assert.deepEqual(damage, []);
      assert.equal(trajectories.length, 1);
      assert.equal(trajectories[0]!.verdict?.correct, true);
      assert.equal(trajectories[0]!.turns[0]!.observation?.images.length, 1);
    }).timeout(60_000);
  });

  it('keeps the launcher executable', function () {
    if (process.platform === 'win32') this.skip();
    const launcher = listZip(vsix).find((entry) => entry.name === 'extension/dist/bin/imcot');
    assert.equal(launcher?.executable, true);
  });
});
