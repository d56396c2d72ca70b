// npm run bench: runs every bench/*.bench.ts in a process of its own and writes docs/benchmarks.md. Names after `--` choose
// benchmarks (`npm run bench -- index`), whose sections alone are written then. Ends with 1 when a limit is not kept.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { benchPage, brokenLimits, readResults, withSections } from './lib/benchPage.mjs';
import { fail, inRoot, runNode, say } from './lib/run.mjs';
import { build, ensureModules } from './setup.mjs';

try {
  await ensureModules();
  await build();
} catch (error) {
  fail(error.message);
}
const all = readdirSync(inRoot('bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .sort();
const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? all : all.filter((file) => wanted.some((name) => file.startsWith(name)));
if (chosen.length === 0) fail(`no such benchmark; there are ${all.join(', ') || 'none'}`);

const results = [];
for (const file of chosen) {
  say(`== ${file}`);
  const { code, output } = await runNode('node_modules/tsx/dist/cli.mjs', [inRoot('bench', file)]);
  if (code !== 0) fail(`${file} ended with ${code}`);
  const found = readResults(output);
  if (found.length === 0) fail(`${file} handed over no result`);
  results.push(...found);
}
say(benchPage(results));
const file = inRoot('docs/benchmarks.md');
const known = existsSync(file) && chosen.length < all.length ? readFileSync(file, 'utf8') : undefined;
const page = known === undefined ? benchPage(results) : withSections(known, results);
if (page === undefined) say('docs/benchmarks.md is of another machine and stays as it is');
else {
  mkdirSync(inRoot('docs'), { recursive: true });
  writeFileSync(file, page);
  say('docs/benchmarks.md written');
}
const broken = brokenLimits(results);
if (broken.length > 0) fail(broken.join('\n'));
