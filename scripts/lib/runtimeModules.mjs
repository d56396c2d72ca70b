// Which packages run beside the bundles (bundled ones do not), by the lock file.
import { readFileSync } from 'node:fs';
import { inRoot } from './run.mjs';
import { inferenceLibraries, isFor } from './targets.mjs';

/** Packages that the bundles load at run time from node_modules: esbuild's `external`, `vscode` aside. */
export const RUNTIME_PACKAGES = ['@sqlite.org/sqlite-wasm', 'koffi', 'onnxruntime-node', 'sharp'];

/** Those of them that only local models need. */
const OF_INFERENCE = ['koffi', 'onnxruntime-node'];

/** Packages whose own dependencies only serve their installation, or a binding that is not used. */
const WITHOUT_DEPENDENCIES = ['onnxruntime-node'];

/** The runtime packages of a target: without a build of ONNX Runtime there is nothing to call, so no koffi either. */
export function runtimePackages(target) {
  const inference = inferenceLibraries(target).length > 0;
  return RUNTIME_PACKAGES.filter((name) => inference || !OF_INFERENCE.includes(name));
}

const lockedPackages = () => JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages;

/** Where Node finds `name` from the package at `place`: the nearest node_modules upwards. */
function find(packages, place, name) {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules') - 1))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (at === '') return undefined;
  }
}

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What ships of a package that holds more than one platform's files, or files for other uses. */
function shippedFiles(name, target) {
  if (name === 'onnxruntime-node') {
    // The library alone: it is called through its C interface, and the package's own binding is not used.
    const folder = `bin/napi-v6/${target.os}/${target.cpu}`;
    const libraries = inferenceLibraries(target).map(
      (file) => new RegExp(`^${literally(`${folder}/${file}`)}$`),
    );
    return [/^package\.json$/, ...libraries];
  }
  if (name === '@sqlite.org/sqlite-wasm') {
    // What Node loads; the others are for browsers.
    const code = ['node.mjs', 'sqlite-wasm/jswasm/sqlite3-node.mjs', 'sqlite-wasm/jswasm/sqlite3.wasm'];
    return [/^package\.json$/, ...code.map((file) => new RegExp(`^${literally(file)}$`))];
  }
  if (name === 'koffi') {
    const code = [/^index\.cjs$/, /^src\/koffi\/index\.cjs$/, /^src\/koffi\/src\/static\.cjs$/];
    return [/^package\.json$/, /^LICENSE\.txt$/, ...code];
  }
  if (name.startsWith('@koromix/')) {
    // Linux packages hold a build for musl as well.
    return [/^package\.json$/, /^index\.js$/, new RegExp(`^${target.os}_${target.cpu}/koffi\\.node$`)];
  }
  return undefined;
}

/**
 * The runtime packages and all that they need on one platform, as paths such as `node_modules/sharp`, sorted.
 * @param {{ os: string, cpu: string, libc?: string }} target
 * @returns {{ place: string, name: string, version: string, licence: string, files?: RegExp[] }[]} files: where only some
 *   of a package's ship, which
 */
export function runtimeModules(target) {
  const packages = lockedPackages();
  const found = new Map();
  const visit = (place) => {
    const entry = packages[place];
    if (found.has(place) || !isFor(entry, target)) return;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const files = shippedFiles(name, target);
    found.set(place, { place, name, version: entry.version, licence: entry.license, files });
    if (WITHOUT_DEPENDENCIES.includes(name)) return;
    for (const needed of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const next = find(packages, place, needed);
      if (next) visit(next);
    }
  };
  for (const name of runtimePackages(target)) visit(`node_modules/${name}`);
  // The builds of sharp for WebAssembly name no platform of their own, and every real platform does without them.
  const wanted = [...found.values()].filter(({ name }) => !/wasm32|@emnapi/.test(name));
  return wanted.sort((a, b) => (a.place < b.place ? -1 : 1));
}
