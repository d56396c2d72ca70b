// The tiers of the tests, each run in its own processes.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { mochaCounts, NOTHING, oneCheck, sum } from './counts.mjs';
import { inRoot, runNode, say } from './run.mjs';

const MOCHA = 'node_modules/mocha/bin/mocha.js';
const TSC = 'node_modules/typescript/bin/tsc';

/** The test files under a folder, as mocha takes them; `keep` chooses by the path inside the folder. */
function testFiles(folder, keep = () => true) {
  if (!existsSync(inRoot(folder))) return [];
  return readdirSync(inRoot(folder), { recursive: true })
    .filter((file) => file.endsWith('.test.ts') && keep(file))
    .sort()
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
}

async function mocha(files, { env = {}, flags = [] } = {}) {
  if (files.length === 0) {
    say('  no test files');
    return NOTHING;
  }
  const { code, output } = await runNode(
    MOCHA,
    ['--config', 'test/mocharc.json', '--forbid-only', ...flags, ...files],
    { env },
  );
  return mochaCounts(code, output);
}

/** Several files at once, as many as there are processors. (A browser keeps several of them busy by itself.) */
const AT_ONCE = ['--parallel', '--jobs', String(Math.min(8, Math.max(2, availableParallelism())))];

/** One more attempt, told of, for what happens in a browser or an editor: both are late at times. */
const TWICE = ['--retries', '1', '--reporter', 'test/host/tellingReporter.cjs'];

/** Runs a check in the background; what it prints comes in one piece. */
async function check(script, args) {
  const { code, output } = await runNode(script, args, { quiet: true });
  if (output.trim() !== '') say(output.trimEnd());
  return oneCheck(code);
}

/** eslint and prettier: two checks. */
export async function lint() {
  const eslint = check('node_modules/eslint/bin/eslint.js', ['--max-warnings=0', '.']);
  const prettier = check('node_modules/prettier/bin/prettier.cjs', [
    '--check',
    '--cache',
    '--log-level=warn',
    '.',
  ]);
  return sum(await Promise.all([eslint, prettier]));
}

/** The TypeScript projects: Node side, webview, and the tests of the webview. One check each. */
export async function types() {
  const results = [];
  for (const project of ['tsconfig.json', 'tsconfig.webview.json', 'tsconfig.page.json']) {
    results.push(await check(TSC, ['-p', project]));
  }
  return sum(results);
}

/** The tests in plain Node. */
export const unit = () => mocha(testFiles('test/unit'), { flags: AT_ONCE });

/** The rules of the source tree. */
export const architecture = () => mocha(['test/architecture.test.ts']);

/** The built pages in a real browser. */
export const webview = () => mocha(testFiles('test/webview'), { flags: TWICE });

async function inEditor(label, host) {
  const restricted = label === 'restricted';
  const isInside = (file) => !file.startsWith('outside') && file.startsWith('restricted') === restricted;
  say(`integration, ${label} workspace (${host}):`);
  if (testFiles('test/integration', isInside).length === 0) {
    say('  no test files');
    return NOTHING;
  }
  const env = host === 'code-server' ? { VSCODE_HOST: 'code-server' } : { VSCODE_HOST: 'desktop' };
  const { code, output } = await runNode('node_modules/@vscode/test-cli/out/bin.mjs', ['--label', label], {
    env,
  });
  return mochaCounts(code, output);
}

async function outside() {
  say('integration, the editor driven from outside (code-server):');
  return mocha(testFiles('test/integration/outside'), {
    flags: ['--timeout', '120000', ...TWICE],
  });
}

/**
 * The tests in a real editor. Workspace trust and driving from outside need the code-server host, whatever the first
 * run takes; where it is not there, those two are named as skipped.
 * @param {{ host: 'desktop' | 'code-server', codeServer: boolean }} where
 */
export async function integration({ host, codeServer }) {
  const results = [await inEditor('trusted', host)];
  if (codeServer) {
    results.push(await inEditor('restricted', 'code-server'), await outside());
  } else {
    say('integration: no code-server here; the restricted workspace and the runs from outside are skipped');
    results.push({ ...NOTHING, skipped: 2 });
  }
  return sum(results);
}
