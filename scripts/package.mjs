// npm run package: builds the VSIX of one platform (`-- --target win32-x64`; default: this one; `--target all`). It is put
// together in a folder of its own that holds the allowed files and nothing else, and checked there.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, inRoot, runNode, runNpm, say } from './lib/run.mjs';
import { runtimeModules, runtimePackages } from './lib/runtimeModules.mjs';
import { TARGETS, thisTarget } from './lib/targets.mjs';
import { checkContents, mayShip } from './lib/vsixContents.mjs';
import { ensureModules } from './setup.mjs';

const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD_PARTY_NOTICES', 'package.nls.json', 'media'];

function filesUnder(folder) {
  const names = readdirSync(folder, { recursive: true }).map((name) => name.replaceAll('\\', '/'));
  return names.filter((name) => statSync(path.join(folder, name)).isFile()).sort();
}

/** The manifest as it ships: what only development needs is left out. */
function shippedManifest(target) {
  const {
    scripts,
    devDependencies,
    dependencies,
    private: _,
    ...manifest
  } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  void scripts;
  void devDependencies;
  const runtime = Object.fromEntries(runtimePackages(target).map((name) => [name, dependencies[name]]));
  return { ...manifest, dependencies: runtime };
}

/** vsce asks npm for the tree of packages, and npm would miss those that a package names and that do not ship. */
function leaveOutUnshipped(file, modules) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const ships = ([name]) => modules.some((module) => module.name === name);
  const kept = Object.entries(manifest.dependencies ?? {}).filter(ships);
  if (kept.length === Object.keys(manifest.dependencies ?? {}).length) return;
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(kept) }, null, 2));
}

/** Installs the locked packages of the target into a folder of their own and copies what may ship. */
async function stageModules(stage, work, target, modules) {
  mkdirSync(work, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(inRoot(file), path.join(work, file));
  const platform = [
    `--os=${target.os}`,
    `--cpu=${target.cpu}`,
    ...(target.libc ? [`--libc=${target.libc}`] : []),
  ];
  const flags = [
    'ci',
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...platform,
  ];
  const { code } = await runNpm(flags, { cwd: work });
  if (code !== 0) throw new Error('the runtime packages could not be installed (see above)');
  for (const { place } of modules) {
    const from = path.join(work, place);
    if (!existsSync(from)) throw new Error(`npm did not install ${place}`);
    for (const file of filesUnder(from)) {
      const name = `${place}/${file}`;
      if (mayShip(name, modules)) cpSync(path.join(from, file), path.join(stage, name), { recursive: true });
    }
    leaveOutUnshipped(path.join(stage, place, 'package.json'), modules);
  }
}

/**
 * Builds one VSIX.
 * @param {string} name of the target
 * @returns {Promise<string>} its path, in out/
 */
export async function packageTarget(name) {
  const target = TARGETS[name];
  const modules = runtimeModules(target);
  const [stage, work] = [inRoot('out/package', name, 'stage'), inRoot('out/package', name, 'work')];
  for (const folder of [stage, work]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const built = await runNode('esbuild.mjs', [
    '--production',
    '--no-tests',
    `--outdir=${path.join(stage, 'dist')}`,
  ]);
  if (built.code !== 0) throw new Error('the build failed (see above)');
  for (const entry of COPIED.filter((file) => existsSync(inRoot(file)))) {
    const allowed = (from) =>
      statSync(from).isDirectory() || mayShip(path.relative(inRoot(), from).replaceAll('\\', '/'), modules);
    cpSync(inRoot(entry), path.join(stage, entry), { recursive: true, filter: allowed });
  }
  writeFileSync(path.join(stage, 'package.json'), JSON.stringify(shippedManifest(target), null, 2));
  await stageModules(stage, work, target, modules);
  const problems = checkContents(filesUnder(stage), modules);
  if (problems.length > 0) throw new Error(`the staged folder is not fit to ship:\n${problems.join('\n')}`);
  cpSync(inRoot('.vscodeignore'), path.join(stage, '.vscodeignore'));
  const { version } = shippedManifest(target);
  const vsix = inRoot('out', `imcot-debugger-${name}-${version}.vsix`);
  const flags = [
    '--target',
    name,
    '--out',
    vsix,
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
  ];
  const vsce = await runNode('node_modules/@vscode/vsce/vsce', ['package', ...flags], {
    cwd: stage,
    quiet: true,
  });
  if (vsce.code !== 0) throw new Error(`vsce failed:\n${vsce.output}`);
  rmSync(work, { recursive: true, force: true });
  return vsix;
}

const { values } = parseArgs({ options: { target: { type: 'string', default: thisTarget } } });
const names = values.target === 'all' ? Object.keys(TARGETS) : [values.target];
if (!names.every((name) => name in TARGETS)) {
  fail(`no VSIX is built for ${values.target}; there are ${Object.keys(TARGETS).join(', ')} and all`);
}
try {
  await ensureModules();
  for (const name of names) {
    const vsix = await packageTarget(name);
    say(`${path.relative(inRoot(), vsix)}  ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
  }
} catch (error) {
  fail(error.message);
}
