// Builds everything that runs: the extension, the command line, the workers and the webview into dist/, the
// integration tests into out/test/. Flags: --watch (rebuild on change), --production (no source maps, smaller),
// --outdir=DIR (instead of dist), --no-tests (leave test/ alone). One metafile per bundle goes to
// out/meta for the tests (not with --production).
import { build, context } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    watch: { type: 'boolean', default: false },
    production: { type: 'boolean', default: false },
    outdir: { type: 'string', default: 'dist' },
    'no-tests': { type: 'boolean', default: false },
  },
});
const outdir = path.resolve(root, flags.outdir);

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  logLevel: 'warning',
  sourcemap: flags.production ? false : 'linked',
  minifySyntax: flags.production,
  minifyWhitespace: flags.production,
};
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'sharp', 'onnxruntime-node', 'koffi', '@sqlite.org/sqlite-wasm'],
};

/** A thread or process of its own. */
const program = (name, entry) => ({
  ...node,
  name,
  entryPoints: [entry],
  outfile: path.join(outdir, `${name}.js`),
});
/** A page. Its style sheet is found through the script's own `import './x.css'` and lands beside it. */
const page = (name) => ({
  ...common,
  name,
  platform: 'browser',
  format: 'iife',
  target: 'chrome120',
  minifyIdentifiers: flags.production,
  define: { 'process.env.NODE_ENV': '"production"' },
  entryPoints: { [name]: `src/webview/${name}/main.ts` },
  outdir: path.join(outdir, 'webview'),
});

const bundles = [
  program('extension', 'src/extension.ts'),
  {
    ...node,
    name: 'cli',
    entryPoints: ['src/cli/main.ts'],
    outfile: path.join(outdir, 'cli.js'),
    banner: { js: '#!/usr/bin/env node' },
  },
  program('indexWorker', 'src/files/indexWorker.ts'),
  program('logWorker', 'src/files/rawLinesWorker.ts'),
  program('dynamicsWorker', 'src/dynamics/dynamicsWorker.ts'),
  program('runsWorker', 'src/dynamics/runs/runsWorker.ts'),
  program('rowsWorker', 'src/rows/rowsWorker.ts'),
  program('compareWorker', 'src/compare/compareWorker.ts'),
  program('inferenceWorker', 'src/inference/onnx/worker.ts'),
  program('quantiseWorker', 'src/inference/onnx/quantise/quantiseWorker.ts'),
  page('trajectory'),
  page('dynamics'),
  page('logFile'),
  page('compare'),
];

/** The tests that run inside the editor, one file each. Those in outside/ run in plain Node from their sources. */
function integrationBundle() {
  const folder = 'test/integration';
  if (!existsSync(path.join(root, folder))) return [];
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  const inside = files.filter((file) => file.endsWith('.test.ts') && !file.startsWith('outside'));
  const tests = inside.map((file) => path.join(folder, file));
  if (tests.length === 0) return [];
  const external = [...node.external, 'mocha'];
  return [
    {
      ...node,
      name: 'integration',
      external,
      entryPoints: tests,
      outbase: 'test',
      outdir: 'out/test',
      sourcemap: 'inline',
    },
  ];
}

async function copyCodicons() {
  const from = path.join(root, 'node_modules/@vscode/codicons/dist');
  await mkdir(path.join(outdir, 'webview'), { recursive: true });
  for (const file of ['codicon.css', 'codicon.ttf']) {
    await copyFile(path.join(from, file), path.join(outdir, 'webview', file));
  }
}

/** The `imcot` commands for a PATH. IMCOT_NODE names the program that runs them, by default `node`. */
async function writeLaunchers() {
  const bin = path.join(outdir, 'bin');
  await mkdir(bin, { recursive: true });
  // An editor's own executable runs as plain Node when ELECTRON_RUN_AS_NODE is set; Node itself ignores the variable.
  const posix = [
    '#!/bin/sh',
    'self=$(readlink -f "$0" 2>/dev/null || echo "$0")',
    // A terminal that outlives an update of the editor still names the old runtime.
    '[ -x "$IMCOT_NODE" ] || IMCOT_NODE=node',
    'ELECTRON_RUN_AS_NODE=1 exec "$IMCOT_NODE" "$(dirname "$self")/../cli.js" "$@"',
  ];
  const windows = [
    '@echo off',
    'setlocal',
    'set ELECTRON_RUN_AS_NODE=1',
    'if not exist "%IMCOT_NODE%" set IMCOT_NODE=node',
    '"%IMCOT_NODE%" "%~dp0..\\cli.js" %*',
  ];
  await writeFile(path.join(bin, 'imcot'), posix.join('\n') + '\n');
  await writeFile(path.join(bin, 'imcot.cmd'), windows.join('\r\n') + '\r\n');
  await chmod(path.join(bin, 'imcot'), 0o755);
  if (existsSync(path.join(outdir, 'cli.js'))) await chmod(path.join(outdir, 'cli.js'), 0o755);
}

const saveMetafile = (name) => ({
  name: 'save-metafile',
  setup(hooks) {
    hooks.onEnd(async (result) => {
      if (!result.metafile || flags.production) return;
      await mkdir(path.join(root, 'out/meta'), { recursive: true });
      await writeFile(path.join(root, 'out/meta', `${name}.json`), JSON.stringify(result.metafile));
    });
  },
});

if (!flags['no-tests']) await rm(path.join(root, 'out/test'), { recursive: true, force: true });
// A metafile of a bundle that is no longer made would speak for one that is.
if (!flags.production) await rm(path.join(root, 'out/meta'), { recursive: true, force: true });
const wanted = [...bundles, ...(flags['no-tests'] ? [] : integrationBundle())].map(
  ({ name, ...options }) => ({
    ...options,
    plugins: [saveMetafile(name)],
  }),
);

if (flags.watch) {
  await Promise.all(wanted.map(async (options) => (await context({ ...options, logLevel: 'info' })).watch()));
} else {
  // esbuild has printed what is wrong by then; its own stack says nothing. A warning is a mistake, too.
  const results = await Promise.allSettled(wanted.map((options) => build(options)));
  if (results.some(({ status, value }) => status === 'rejected' || value.warnings.length > 0))
    process.exit(1);
}
await copyCodicons();
await writeLaunchers();
