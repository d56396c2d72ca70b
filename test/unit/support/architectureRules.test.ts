import assert from 'node:assert/strict';
import { findCycles, importGraph } from '../../support/importGraph';
import { checkLayers, checkNodeGlobals } from '../../support/layers';
import {
  checkManifestAgrees,
  checkMenusAndKeys,
  checkStrings,
  readIdTables,
} from '../../support/manifestRules';
import {
  checkActivation,
  checkExports,
  checkNames,
  checkNoAny,
  checkNoReact,
  checkProtocolIsTypes,
} from '../../support/sourceRules';
import type { SourceText } from '../../support/sources';

const file = (path: string, text: string): SourceText => ({ path, text });
const layersOf = (...files: SourceText[]): string[] => checkLayers(importGraph(files));
const empty = (path: string): SourceText => file(path, 'export const a = 1;');

describe('the check of layers', () => {
  const forbidden: readonly (readonly [string, string, string])[] = [
    ['a layer above', 'src/common/a.ts', `import { a } from '../readers/b';`],
    ['a type of a layer above', 'src/trajectory/a.ts', `import type { a } from '../readers/b';`],
    ['an import type', 'src/common/a.ts', `export type T = import('../readers/b').T;`],
    ['a dynamic import', 'src/common/a.ts', `void import('../readers/b');`],
    ['an export from', 'src/common/a.ts', `export { a } from '../readers/b';`],
    ['vscode outside host', 'src/readers/a.ts', `import type { Uri } from 'vscode';`],
    ['node in a pure folder', 'src/readers/a.ts', `import { readFileSync } from 'node:fs';`],
    ['node without its prefix', 'src/common/a.ts', `import path from 'path';`],
    ['require of node', 'src/metrics/a.ts', `const fs = require('fs');`],
    ['node in the webview', 'src/webview/a.ts', `import os from 'node:os';`],
    ['sharp outside imaging', 'src/host/a.ts', `import sharp from 'sharp';`],
    ['the toolkit elsewhere', 'src/webview/a.ts', `import { x } from '@vscode/webview-ui-toolkit';`],
    ['a package that is not listed', 'src/cli/a.ts', `import _ from 'lodash';`],
    ['values of the protocol', 'src/protocol/a.ts', `import { a } from '../trajectory/b';`],
    ['values where types are allowed', 'src/rollout/a.ts', `import { a } from '../imaging/b';`],
    ['the host from the webview', 'src/webview/a.ts', `import type { a } from '../host/b';`],
    ['the webview from the host', 'src/host/a.ts', `import { a } from '../webview/b';`],
    ['anything but the host at activation', 'src/extension.ts', `import { a } from './common/b';`],
    ['a file outside src', 'src/host/a.ts', `import manifest from '../../package.json';`],
    ['a folder that is not in the table', 'src/misc/a.ts', `import { a } from '../common/b';`],
  ];
  for (const [what, path, text] of forbidden) {
    it(`refuses ${what}`, () => {
      const targets = ['readers', 'trajectory', 'imaging', 'host', 'webview', 'common'];
      const problems = layersOf(file(path, text), ...targets.map((name) => empty(`src/${name}/b.ts`)));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.ok(problems[0]?.startsWith(path), problems[0]);
    });
  }

  it('allows what the table allows', () => {
    const problems = layersOf(
      file('src/readers/a.ts', `import { a } from '../common/b'; import { c } from './c';`),
      file('src/files/a.ts', `import { open } from 'node:fs/promises'; import { a } from '../readers/a';`),
      file(
        'src/rollout/a.ts',
        `import type { a } from '../imaging/b'; import { type c } from '../imaging/b';`,
      ),
      file('src/imaging/a.ts', `import sharp from 'sharp';`),
      file(
        'src/webview/shared/controls.ts',
        `import { x } from '@vscode/webview-ui-toolkit'; import './controls.css';`,
      ),
      file('src/host/a.ts', `import * as vscode from 'vscode'; import { a } from '../files/a';`),
    );
    assert.deepEqual(problems, []);
  });

  it("refuses Node's globals, and knows a property or a name of its own from them", () => {
    const found = (text: string): number => checkNodeGlobals([file('src/readers/a.ts', text)]).length;
    assert.equal(found('export const a = Buffer.from([1]);'), 1);
    assert.equal(found('export function f(b: Buffer): void { void b; }'), 1);
    assert.equal(found('if (process.platform) { require("x"); }'), 2);
    assert.equal(found('export const a = { process: 1 }.process;'), 0);
    assert.equal(found('export function f(process: () => void): void { process(); }'), 0);
    assert.equal(checkNodeGlobals([file('src/host/a.ts', 'process.exit();')]).length, 0);
  });
});

describe('the check of cycles', () => {
  it('finds a cycle of three and names its files', () => {
    const cycle = findCycles(
      importGraph([
        file('src/common/a.ts', `import { b } from './b';`),
        file('src/common/b.ts', `import type { c } from './c';`),
        file('src/common/c.ts', `import { a } from './a';`),
      ]),
    );
    assert.deepEqual(cycle, [
      'import cycle: src/common/a.ts -> src/common/b.ts -> src/common/c.ts -> src/common/a.ts',
    ]);
  });

  it('takes a diamond for no cycle', () => {
    const diamond = importGraph([
      file('src/common/a.ts', `import { b } from './b'; import { c } from './c';`),
      file('src/common/b.ts', `import { d } from './d';`),
      file('src/common/c.ts', `import { d } from './d';`),
      empty('src/common/d.ts'),
    ]);
    assert.deepEqual(findCycles(diamond), []);
  });
});

describe('the checks of source text', () => {
  it('find the type any outside src/host', () => {
    const text = 'export const any = "any"; export function f(x: Record<string, any>): void { void x; }';
    assert.equal(checkNoAny([file('src/common/a.ts', text)]).length, 1);
    assert.equal(checkNoAny([file('src/host/a.ts', text)]).length, 0);
  });

  it('find default exports and barrels', () => {
    const found = (text: string): number => checkExports([file('src/common/a.ts', text)]).length;
    assert.equal(found('export default 1;'), 1);
    assert.equal(found('export default function f() {}'), 1);
    assert.equal(found(`export * from './b';`), 1);
    assert.equal(found(`export { b } from './b';`), 1);
    assert.equal(found('const a = 1; export { a };'), 0);
  });

  it('find names in another style', () => {
    assert.equal(checkNames([empty('src/common/big-file.ts')]).length, 1);
    assert.equal(checkNames([empty('src/common/BigFile.ts')]).length, 1);
    assert.equal(checkNames([file('src/common/a.ts', 'interface IThing {}')]).length, 1);
    assert.equal(checkNames([file('src/common/bigFile.ts', 'interface IoUResult {}')]).length, 0);
  });

  it('find a value in the protocol', () => {
    assert.equal(checkProtocolIsTypes([empty('src/protocol/a.ts')]).length, 1);
    assert.equal(checkProtocolIsTypes([file('src/protocol/a.ts', 'export interface A { b: 1 }')]).length, 0);
  });

  it('find a long activation and an await in it', () => {
    const check = (text: string): number => checkActivation(file('src/extension.ts', text)).length;
    assert.equal(check('async function f() { await 1; }'), 1);
    assert.equal(check('async function f() { for await (const a of b) {} }'), 1);
    assert.equal(check('f();\n'.repeat(81)), 1);
    assert.equal(check('f();\n'.repeat(80)), 0);
  });

  it('find React in a bundle', () => {
    assert.equal(checkNoReact('x', { inputs: { 'node_modules/react/index.js': {} } }).length, 1);
    assert.equal(checkNoReact('x', { inputs: { 'node_modules/reactive/index.js': {} } }).length, 0);
  });
});

describe('the checks of the manifest', () => {
  const code = file(
    'src/host/contributions.ts',
    `export const COMMANDS = { open: 'imcot.open', close: 'imcot.close' } as const;
     export const SETTINGS = { roots: 'imcot.imageRoots' } as const satisfies Record<string, string>;
     const HIDDEN = { a: 'imcot.hidden' };`,
  );

  it('read the tables of ids', () => {
    const tables = readIdTables(code);
    assert.deepEqual(tables.get('COMMANDS'), ['imcot.open', 'imcot.close']);
    assert.deepEqual(tables.get('SETTINGS'), ['imcot.imageRoots']);
    assert.equal(tables.has('HIDDEN'), false);
  });

  it('find what only one side has', () => {
    const contributes = {
      commands: [{ command: 'imcot.open' }, { command: 'imcot.other' }],
      configuration: { properties: { 'imcot.imageRoots': {}, 'imcot.lost': {} } },
      customEditors: [{ viewType: 'imcot.trajectory' }],
    };
    assert.deepEqual(checkManifestAgrees(contributes, readIdTables(code)), [
      'imcot.other is in package.json, not in COMMANDS',
      'imcot.close is in COMMANDS, not in package.json',
      'imcot.lost is in package.json, not in SETTINGS',
      'imcot.trajectory is in package.json, not in CUSTOM_EDITORS',
    ]);
  });

  it('find an id written twice', () => {
    const contributes = { commands: [{ command: 'imcot.open' }, { command: 'imcot.open' }] };
    const tables = new Map([['COMMANDS', ['imcot.open']]]);
    assert.deepEqual(checkManifestAgrees(contributes, tables), ['imcot.open is written twice (COMMANDS)']);
  });

  it('find menus and keys of no command', () => {
    const contributes = {
      commands: [{ command: 'imcot.open' }],
      menus: { 'editor/title': [{ command: 'imcot.open' }, { command: 'imcot.gone' }, { submenu: 'x' }] },
      keybindings: [{ command: 'imcot.away' }, { command: 'workbench.action.files.save' }],
    };
    assert.equal(checkMenusAndKeys(contributes).length, 2);
  });

  it('find missing and unused strings', () => {
    assert.deepEqual(checkStrings('{"a":"%one%","b":"%two%"}', { two: '', three: '' }), [
      'package.nls.json lacks one',
      'package.nls.json has the unused three',
    ]);
  });
});
