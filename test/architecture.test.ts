import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { findCycles, importGraph } from './support/importGraph';
import { checkLayers, checkNodeGlobals, LAYERS } from './support/layers';
import type { Contributes } from './support/manifestRules';
import { checkManifestAgrees, checkMenusAndKeys, checkStrings, readIdTables } from './support/manifestRules';
import type { BundleMetafile } from './support/sourceRules';
import {
  checkActivation,
  checkExports,
  checkNames,
  checkNoAny,
  checkNoReact,
  checkProtocolIsTypes,
} from './support/sourceRules';
import type { SourceText } from './support/sources';
import { PROJECT_ROOT, readSources } from './support/sources';

/** Every bundle that esbuild.mjs makes. */
const BUNDLES = [
  'extension',
  'cli',
  'indexWorker',
  'dynamicsWorker',
  'runsWorker',
  'rowsWorker',
  'compareWorker',
  'logWorker',
  'inferenceWorker',
  'quantiseWorker',
  'trajectory',
  'dynamics',
  'logFile',
  'compare',
] as const;

const inRoot = (file: string): string => path.join(PROJECT_ROOT, file);
const files = readSources('src');
const none = (problems: readonly string[]): void => {
  assert.deepEqual(problems, [], problems.join('\n'));
};
const source = (file: string): SourceText => {
  const found = files.find((candidate) => candidate.path === file);
  assert.ok(found, `${file} is missing`);
  return found;
};

describe('architecture', () => {
  it('reads a source tree that is there', () => {
    assert.ok(files.length > 20, `only ${files.length} files found in src`);
    assert.ok(importGraph(files).length > files.length, 'hardly any import was seen');
  });

  it('has no folder in src that the import table does not name', () => {
    const named = Object.keys(LAYERS);
    none(readdirSync(inRoot('src')).filter((entry) => !named.includes(entry)));
  });

  it('imports as the table allows', () => {
    none(checkLayers(importGraph(files)));
  });

  it("uses Node's globals only where Node is allowed", () => {
    none(checkNodeGlobals(files));
  });

  it('has no import cycle', () => {
    none(findCycles(importGraph(files)));
  });

  it('has no type any outside src/host', () => {
    none(checkNoAny(files));
  });

  it('has named exports only, and no barrel files', () => {
    none(checkExports(files));
  });

  it('names files and interfaces its own way', () => {
    none(checkNames(files));
  });

  it('has nothing but types in src/protocol', () => {
    none(checkProtocolIsTypes(files));
  });

  it('activates in a short file that awaits nothing', () => {
    none(checkActivation(source('src/extension.ts')));
  });

  it('sees no DOM from the node side', () => {
    const config = ts.getParsedCommandLineOfConfigFile(
      inRoot('tsconfig.json'),
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: (problem) => assert.fail(String(problem.messageText)),
      },
    );
    assert.ok(config);
    const program = ts.createProgram(config.fileNames, config.options);
    none(
      program
        .getSourceFiles()
        .map((file) => file.fileName)
        .filter((name) => /lib\.dom(\.\w+)?\.d\.ts$/.test(name)),
    );
  }).timeout(60_000);
});

describe('manifest', () => {
  const text = readFileSync(inRoot('package.json'), 'utf8');
  const contributes = (JSON.parse(text) as { contributes?: Contributes }).contributes ?? {};

  it('contributes exactly what src/host/contributions.ts lists', () => {
    none(checkManifestAgrees(contributes, readIdTables(source('src/host/contributions.ts'))));
  });

  it('has menus and key bindings for declared commands only', () => {
    none(checkMenusAndKeys(contributes));
  });

  it('has a string for each placeholder and no other', () => {
    const file = inRoot('package.nls.json');
    const strings = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)
      : {};
    none(checkStrings(text, strings));
  });
});

describe('bundles', () => {
  const folder = inRoot('out/meta');

  it('extension and cli load no model runtime into their own process', () => {
    for (const name of ['extension', 'cli']) {
      const text = readFileSync(path.join(folder, `${name}.json`), 'utf8');
      const { outputs } = JSON.parse(text) as { outputs: Record<string, { imports: { path: string }[] }> };
      const imports = Object.values(outputs).flatMap((output) => output.imports.map((entry) => entry.path));
      assert.ok(imports.includes('sharp'), `${name} imports what it always did`);
      none(imports.filter((entry) => /^(koffi|onnxruntime-node)(\/|$)/.test(entry)));
    }
  });

  it('are all looked at', () => {
    const built = readdirSync(folder).map((file) => path.basename(file, '.json'));
    assert.deepEqual(built.sort(), [...BUNDLES, 'integration'].sort());
  });

  for (const name of BUNDLES) {
    it(`${name} holds no React`, () => {
      const file = path.join(folder, `${name}.json`);
      assert.ok(existsSync(file), `no metafile of ${name}: run npm run build first`);
      const bundle = JSON.parse(readFileSync(file, 'utf8')) as BundleMetafile;
      assert.ok(Object.keys(bundle.inputs).length > 0, 'the metafile lists no input');
      none(checkNoReact(name, bundle));
    });
  }
});
