// The text of THIRD_PARTY_NOTICES, from the bundles' metafiles, the lock file and the packages' own licence files. It is
// the same on every platform: prebuilt binaries stand in it once for all targets.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './run.mjs';
import { runtimeModules } from './runtimeModules.mjs';
import { TARGETS } from './targets.mjs';

/** @typedef {{ name: string, version: string, licence: string, use: string, text: string }} Notice */

const read = (file) =>
  readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trim();
const common = (name) => read(inRoot('scripts/licences', `${name}.txt`));

/** Packages that ship no licence file of their own: who holds the copyright of what they declare. */
const HOLDERS = {
  '@microsoft/fast-element': 'Microsoft Corporation',
  '@microsoft/fast-foundation': 'Microsoft Corporation',
  '@microsoft/fast-web-utilities': 'Microsoft Corporation',
  'onnxruntime-node': 'Microsoft Corporation',
};

const MIT_TERMS = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const SQLITE_TERMS = `Copyright (c) Thomas Steiner and contributors (the package). SQLite itself and its own JavaScript are in the public domain:
their authors disclaim copyright (https://www.sqlite.org/copyright.html). The loader around them was written by Emscripten,
Copyright (c) 2010-2014 Emscripten authors, under the terms of the MIT licence:

${MIT_TERMS}

The package as a whole is under these terms:

${common('Apache-2.0')}`;

function licenceText(folder, name, licence) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(-mit)?(\.(md|txt))?$/i.test(entry));
  if (file) return read(path.join(folder, file));
  const holder = HOLDERS[name];
  if (licence === 'MIT' && holder) return `Copyright (c) ${holder}\n\n${MIT_TERMS}`;
  if (name === '@sqlite.org/sqlite-wasm') return SQLITE_TERMS;
  throw new Error(`${name} (${licence}) has no licence file, and scripts/lib/notices.mjs knows none for it`);
}

function packageNotice(folder, use) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license: licence } = manifest;
  return { name, version, licence, use, text: licenceText(folder, name, licence) };
}

/** The folders of the packages that left bytes in a bundle. */
function bundledFolders() {
  const folders = new Set();
  const bundles = readdirSync(inRoot('out/meta')).filter((file) => file !== 'integration.json');
  for (const file of bundles) {
    const { outputs } = JSON.parse(readFileSync(inRoot('out/meta', file), 'utf8'));
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
        if (match && bytesInOutput > 0) folders.add(match[1]);
      }
    }
  }
  return [...folders];
}

/** sharp's prebuilt binaries and libvips: a package per platform, of which one VSIX holds one or two. */
function binaryNotices(modules) {
  const parts = JSON.parse(readFileSync(inRoot('scripts/licences/libvips-parts.json'), 'utf8'));
  const list = Object.entries(parts).map(([part, terms]) => `  ${part}: ${terms}`);
  const libvips = modules.find(({ name }) => name.startsWith('@img/sharp-libvips-'));
  const sharp = modules.find(({ name }) => name === 'sharp');
  return [
    {
      name: '@img/sharp-* (prebuilt binaries of sharp)',
      version: sharp.version,
      licence: 'Apache-2.0; the Windows packages hold libvips too: Apache-2.0 AND LGPL-3.0-or-later',
      use: 'in node_modules, one per platform',
      text: common('Apache-2.0'),
    },
    {
      name: 'libvips and what it is built from (@img/sharp-libvips-*, or inside @img/sharp-win32-*)',
      version: libvips.version,
      licence: 'LGPL-3.0-or-later, with parts under other terms',
      use: 'in node_modules, a shared library that may be replaced by another build of it',
      text: [
        'Sources and build scripts: https://github.com/lovell/sharp-libvips and https://github.com/libvips/libvips',
        'The library holds these parts, each under its own terms:',
        ...list,
        '',
        common('LGPL-3.0'),
        '',
        'The GNU General Public License, which the licence above builds on:',
        '',
        common('GPL-3.0'),
      ].join('\n'),
    },
  ];
}

/** Koffi's prebuilt binaries, a package per platform, and what Microsoft ships inside onnxruntime-node. */
function inferenceNotices(modules) {
  const koffi = modules.find(({ name }) => name === 'koffi');
  const runtime = modules.find(({ name }) => name === 'onnxruntime-node');
  return [
    {
      name: '@koromix/koffi-* (prebuilt binaries of koffi)',
      version: koffi.version,
      licence: 'MIT',
      use: 'in node_modules, one per platform',
      text: read(inRoot(koffi.place, 'LICENSE.txt')),
    },
    {
      name: 'What ONNX Runtime is built from (inside onnxruntime-node)',
      version: runtime.version,
      licence: 'MIT, BSD, Apache-2.0 and others, for each part its own',
      use: 'in node_modules, linked into the library of onnxruntime-node',
      text: `Parts and their terms: https://github.com/microsoft/onnxruntime/blob/v${runtime.version}/ThirdPartyNotices.txt`,
    },
    {
      name: 'DirectML.dll, dxcompiler.dll and dxil.dll (inside onnxruntime-node, Windows)',
      version: `as of onnxruntime-node ${runtime.version}`,
      licence: 'Microsoft software licence terms (DirectML, dxil); University of Illinois/NCSA (dxcompiler)',
      use: 'in node_modules of the Windows packages, unchanged; by Microsoft and the LLVM project',
      text: [
        'DirectML: https://www.nuget.org/packages/Microsoft.AI.DirectML (its LICENSE.txt lets applications redistribute DirectML.dll)',
        'DirectX shader compiler: https://github.com/microsoft/DirectXShaderCompiler (LICENSE.TXT, and LICENSE-MS.txt for dxil.dll)',
      ].join('\n'),
    },
  ];
}

/** Code of others that the openai package holds copies of, as far as it stands in the bundles. */
function copiedInOpenai() {
  const place = 'node_modules/openai';
  if (!bundledFolders().includes(place)) return [];
  const { version } = JSON.parse(readFileSync(inRoot(place, 'package.json'), 'utf8'));
  return [
    {
      name: 'qs, rewritten as neoqs (inside openai)',
      version: `as of openai ${version}`,
      licence: 'BSD-3-Clause',
      use: 'in the bundles; https://github.com/PuruVJ/neoqs and https://github.com/ljharb/qs',
      text: read(inRoot(place, 'src/internal/qs/LICENSE.md')),
    },
    {
      name: 'partial-json (inside openai)',
      version: `as of openai ${version}`,
      licence: 'MIT',
      use: 'in the bundles; https://github.com/promplate/partial-json-parser-js',
      text: `Copyright (c) 2023 Promplate Dev Team\n\n${MIT_TERMS}`,
    },
  ];
}

/** What is neither bundled nor a runtime package. */
function otherNotices() {
  const codicons = inRoot('node_modules/@vscode/codicons');
  const { version } = JSON.parse(readFileSync(path.join(codicons, 'package.json'), 'utf8'));
  return [
    {
      name: '@vscode/codicons (icon font)',
      version,
      licence: 'CC-BY-4.0',
      use: 'copied unchanged into dist/webview; by Microsoft, https://github.com/microsoft/vscode-codicons',
      text: read(path.join(codicons, 'LICENSE')),
    },
    {
      name: 'DeepEyes prompts',
      version: 'texts of verl/workers/agent/envs/mm_process_engine/prompt.py, unchanged',
      licence: 'Apache-2.0',
      use: 'in the bundles, from src/rollout/prompts, and as tokens in media/demo/model; https://github.com/Visual-Agent/DeepEyes',
      text: common('Apache-2.0'),
    },
    {
      name: 'DeepEyes evaluation results and prompts',
      version: 'cut-down files',
      licence: 'Apache-2.0',
      use: 'test fixtures in the source repository, in no VSIX: results of its evaluation, and its prompts inside of training dumps; https://github.com/Visual-Agent/DeepEyes',
      text: common('Apache-2.0'),
    },
    {
      name: "VS Code's default colour themes",
      version: 'values of their variables',
      licence: 'MIT',
      use: 'test/webview/support/themes.json in the source repository, in no VSIX; by Microsoft, https://github.com/microsoft/vscode',
      text: `Copyright (c) Microsoft Corporation\n\n${MIT_TERMS}`,
    },
  ];
}

/**
 * Everything of other people's that ships or stands in the repository, sorted by name. Needs a build and node_modules.
 * @returns {Notice[]}
 */
export function collectNotices() {
  const modules = Object.values(TARGETS).flatMap((target) => runtimeModules(target));
  const plain = [...new Map(modules.map((module) => [module.place, module])).values()].filter(
    ({ name }) => !/^@(img\/sharp|koromix\/koffi)-/.test(name),
  );
  const notices = [
    ...bundledFolders().map((folder) => packageNotice(inRoot(folder), 'in the bundles')),
    ...plain.map(({ place }) => packageNotice(inRoot(place), 'in node_modules')),
    ...binaryNotices(modules),
    ...inferenceNotices(modules),
    ...copiedInOpenai(),
    ...otherNotices(),
  ];
  const unique = new Map(notices.map((notice) => [`${notice.name}@${notice.version}`, notice]));
  return [...unique.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** The whole file. A text that several packages share is printed once and named after that. */
export function noticesText() {
  const notices = collectNotices();
  const printed = new Map();
  const sections = notices.map(({ name, version, licence, use, text }) => {
    const first = printed.get(text);
    if (!first) printed.set(text, name);
    const body = first ? `The text of the licence is the one printed above for ${first}.` : text;
    return [
      `${'='.repeat(100)}`,
      `${name} ${version}`,
      `Licence: ${licence}`,
      `Where: ${use}`,
      '',
      body,
    ].join('\n');
  });
  const head = [
    'Third-party notices of iMCoT Debugger',
    '',
    'Written by "npm run notices" from what is shipped; do not edit. In it:',
    ...notices.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`),
  ];
  return `${[head.join('\n'), ...sections].join('\n\n')}\n`;
}
