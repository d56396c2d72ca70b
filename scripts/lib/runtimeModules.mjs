// Which packages run beside the bundles (bundled ones do not), by the lock file.
import { readFileSync } from 'node:fs';
import { inRoot } from './run.mjs';
import { isFor } from './targets.mjs';

/** Packages that the bundles load at run time from node_modules: esbuild's `external`, `vscode` aside. */
export const RUNTIME_PACKAGES = ['sharp'];

const lockedPackages = () => JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages;

/** Where Node finds `name` from the package at `place`: the nearest node_modules upwards. */
function find(packages, place, name) {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules') - 1))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (at === '') return undefined;
  }
}

/**
 * The runtime packages and all that they need on one platform, as paths such as `node_modules/sharp`, sorted.
 * @param {{ os: string, cpu: string, libc?: string }} target
 * @returns {{ place: string, name: string, version: string, licence: string }[]}
 */
export function runtimeModules(target) {
  const packages = lockedPackages();
  const found = new Map();
  const visit = (place) => {
    const entry = packages[place];
    if (found.has(place) || !isFor(entry, target)) return;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(place, { place, name, version: entry.version, licence: entry.license });
    for (const needed of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const next = find(packages, place, needed);
      if (next) visit(next);
    }
  };
  for (const name of RUNTIME_PACKAGES) visit(`node_modules/${name}`);
  // The builds of sharp for WebAssembly name no platform of their own, and every real platform does without them.
  const wanted = [...found.values()].filter(({ name }) => !/wasm32|@emnapi/.test(name));
  return wanted.sort((a, b) => (a.place < b.place ? -1 : 1));
}
