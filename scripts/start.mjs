// npm start: installs what is missing, builds, and shows what the product does with the bundled sample rollouts: a
// replay of one in the terminal, then the summary of all.
import { existsSync, readdirSync } from 'node:fs';
import { fail, inRoot, runNode, say } from './lib/run.mjs';
import { build, ensureModules } from './setup.mjs';

const SAMPLES = 'media/demo/samples';

async function imcot(...args) {
  say(`\n$ imcot ${args.join(' ')}`);
  const { code } = await runNode('dist/cli.js', args);
  if (code !== 0) fail(`imcot ${args.join(' ')} ended with ${code}`);
}

try {
  await ensureModules();
  await build();
} catch (error) {
  fail(error.message);
}
const files = existsSync(inRoot(SAMPLES)) ? readdirSync(inRoot(SAMPLES)).sort() : [];
const sample = files.find((file) => file.endsWith('.imcot.jsonl'));
if (!sample) fail(`${SAMPLES} holds no sample rollout (*.imcot.jsonl)`);
await imcot('show', `${SAMPLES}/${sample}`, '--index', '0');
await imcot('summarize', SAMPLES);
say('\nNext: "npm run ui" opens a real VS Code with these rollouts; "npm test" runs the tests.');
