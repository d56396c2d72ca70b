import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { SETTINGS } from '../../../../src/host/contributions';
import { PRECISIONS, PROVIDERS, readModelSettings } from '../../../../src/host/models/modelSettings';
import { PROJECT_ROOT } from '../../../support/sources';

interface Property {
  readonly default: unknown;
  readonly scope: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  contributes: { configuration: { properties: Record<string, Property> } };
};
const { properties } = manifest.contributes.configuration;
const ofModels = Object.values(SETTINGS).filter(
  (name) =>
    name !== SETTINGS.imageRoots && name !== SETTINGS.rewardFormula && !name.startsWith('imcot.rollout.'),
);
const read = (changes: Record<string, unknown> = {}): ReturnType<typeof readModelSettings> =>
  readModelSettings((name) => (name in changes ? changes[name] : properties[name]?.default));

describe('settings of local models', () => {
  it('are what the manifest gives by default', () => {
    assert.deepEqual(read(), {
      modelFolders: [],
      provider: 'auto',
      precision: 'auto',
      contextLength: 16384,
      threads: 0,
      maxCacheBytes: 50e9,
      sequenceMemoryBytes: 4e9,
      idleMs: 900_000,
    });
  });

  it('belong to the machine, so that no workspace sets them', () => {
    assert.ok(ofModels.length >= 9 && ofModels.includes('imcot.servers'));
    for (const name of ofModels) assert.equal(properties[name]?.scope, 'machine', name);
  });

  it('offer the choices that the code knows', () => {
    assert.deepEqual(properties[SETTINGS.provider]?.enum, PROVIDERS);
    assert.deepEqual(properties[SETTINGS.precision]?.enum, PRECISIONS);
  });

  it('are read in their units, with the home folder spelled out', () => {
    const folder = path.resolve('/models');
    const settings = read({
      [SETTINGS.modelFolders]: [folder, '~', '~/qwen'],
      [SETTINGS.cacheSize]: 0.5,
      [SETTINGS.idleMinutes]: 0,
      [SETTINGS.cacheFolder]: '~/cache',
      [SETTINGS.nodeExecutable]: path.join(folder, 'node'),
      [SETTINGS.runtimeLibrary]: path.join(folder, 'ort.so'),
    });
    assert.deepEqual(settings.modelFolders, [folder, homedir(), path.join(homedir(), 'qwen')]);
    assert.equal(settings.maxCacheBytes, 5e8);
    assert.equal(settings.idleMs, 0);
    assert.equal(settings.cacheFolder, path.join(homedir(), 'cache'));
    assert.equal(settings.nodeExecutable, path.join(folder, 'node'));
    assert.equal(settings.runtimeLibrary, path.join(folder, 'ort.so'));
  });

  const wrong: [name: string, value: unknown, sentence: RegExp][] = [
    [SETTINGS.provider, 'gpu', /imcot\.inference\.provider is "gpu": it must be one of auto, cpu, webgpu/],
    [SETTINGS.precision, 8, /precision is 8: it must be one of/],
    [SETTINGS.contextLength, 100, /contextLength is 100: it must be a number from 256 to 1000000/],
    [SETTINGS.contextLength, 1000.5, /it must be a whole number/],
    [SETTINGS.contextLength, '4096', /contextLength is "4096": it must be a number/],
    [SETTINGS.threads, -1, /threads is -1/],
    [SETTINGS.threads, NaN, /it must be a number from 0 to 1024/],
    [SETTINGS.cacheSize, null, /cacheSize is null/],
    [SETTINGS.sequenceMemory, 0, /sequenceMemory is 0/],
    [SETTINGS.idleMinutes, undefined, /idleMinutes is nothing/],
    [SETTINGS.nodeExecutable, 'node', /nodeExecutable is "node": it must be an absolute path/],
    [SETTINGS.nodeExecutable, '~other/node', /it must be an absolute path/],
    [SETTINGS.runtimeLibrary, 'lib.so', /runtimeLibrary is "lib.so": it must be an absolute path/],
    [SETTINGS.cacheFolder, 3, /cacheFolder is 3: it must be an absolute path/],
    [SETTINGS.modelFolders, '/models', /modelFolders is "\/models": it must be a list of paths/],
    [SETTINGS.modelFolders, ['models'], /modelFolders is "models": it must be an absolute path/],
    [SETTINGS.modelFolders, [''], /modelFolders is "": it must be an absolute path/],
  ];
  for (const [name, value, sentence] of wrong) {
    it(`refuse ${name} = ${JSON.stringify(value) ?? 'nothing'}`, () => {
      assert.throws(() => read({ [name]: value }), { code: 'usage', message: sentence });
    });
  }

  it('are limited by the manifest as by the code', () => {
    for (const name of ofModels) {
      const { minimum, maximum } = properties[name] ?? {};
      if (minimum === undefined || maximum === undefined) continue;
      for (const good of [minimum, maximum]) assert.doesNotThrow(() => read({ [name]: good }), name);
      for (const bad of [minimum - 1, maximum + 1]) {
        assert.throws(() => read({ [name]: bad }), { code: 'usage' }, name);
      }
    }
  });
});
