// npm test: installs what is missing, builds, and runs every tier. `npm test -- unit webview` runs those tiers only.
// The last line is the sum: N passed, N failed, N skipped.
import { hostUnsupportedReason } from '../test/host/install.mjs';
import { line, NOTHING, sum } from './lib/counts.mjs';
import { say } from './lib/run.mjs';
import * as tiers from './lib/tiers.mjs';
import { build, chooseHost, ensureBrowser, ensureCodeServer, ensureModules } from './setup.mjs';

const ORDER = ['set-up', 'build', 'lint', 'types', 'unit', 'architecture', 'webview', 'integration'];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !ORDER.includes(name));
if (unknown.length > 0) {
  say(`no such tier: ${unknown.join(', ')}; there are ${ORDER.slice(2).join(', ')}`);
  process.exit(2);
}
const wants = (name) => chosen.length === 0 || chosen.includes(name);
const results = [];
let host = 'code-server';
const codeServer = hostUnsupportedReason() === undefined;

/** Runs one step and keeps its counts; a step that throws is one failed check. */
async function step(name, action) {
  say(`\n== ${name}`);
  const start = performance.now();
  let counts;
  try {
    counts = await action();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    counts = { ...NOTHING, failed: 1 };
  }
  results.push({ name, counts, seconds: (performance.now() - start) / 1000 });
  return counts.failed === 0;
}

async function setUp() {
  await ensureModules();
  const inBrowser = wants('webview') || wants('integration');
  if (inBrowser) say(`browser: ${await ensureBrowser()}`);
  if (!wants('integration')) return NOTHING;
  const choice = await chooseHost();
  host = choice.host;
  if (codeServer) ensureCodeServer();
  say(`integration tests run in ${host === 'desktop' ? 'desktop VS Code' : 'code-server'}: ${choice.reason}`);
  return NOTHING;
}

const builds = async () => {
  await build();
  return { ...NOTHING, passed: 1 };
};

// Nothing can follow a failed set-up; after a failed build, the tiers that need no bundle still tell something.
if (await step('set-up', setUp)) {
  const built = await step('build', builds);
  // Neither minds that the other makes it late, and each leaves processors idle for a while.
  const checks = ['lint', 'types'].filter(wants);
  await Promise.all(checks.map((name) => step(name, tiers[name])));
  for (const name of ['unit', 'architecture']) if (wants(name)) await step(name, tiers[name]);
  if (built && wants('webview')) await step('webview', tiers.webview);
  if (built && wants('integration')) await step('integration', () => tiers.integration({ host, codeServer }));
}

say('');
results.sort((one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name));
for (const { name, counts, seconds } of results) {
  say(`${name.padEnd(13)} ${seconds.toFixed(1).padStart(6)} s   ${line(counts)}`);
}
const total = sum(results.map(({ counts }) => counts));
say(line(total));
process.exitCode = total.failed === 0 ? 0 : 1;
