// npm start: installs what is missing, builds, and lets the demo model look at one of its pictures: the rollout is written
// to the terminal as the model speaks, and to a log that the editor opens.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';
import { inferenceLibraries, TARGETS, thisTarget } from './lib/targets.mjs';
import { build, ensureModules } from './setup.mjs';

const PICTURES = 'media/demo/images';
const LOGS = '.imcot/rollouts';

/** Runs the command line on this terminal itself, so that it can write as the model speaks. */
function imcot(args) {
  const shown = args.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `"${arg}"`));
  say(`\n$ imcot ${shown.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    // Ctrl+C reaches both: the command stops the model and tells where the log is, and only then this script ends.
    const wait = () => undefined;
    process.on('SIGINT', wait);
    const child = spawn(process.execPath, [inRoot('dist/cli.js'), ...args], { cwd: ROOT, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', wait);
      resolve(code ?? 1);
    });
  });
}

/** The newest log; names begin with the time. */
function newestLog() {
  const logs = readdirSync(inRoot(LOGS)).filter((name) => name.endsWith('.imcot.jsonl'));
  return path.posix.join(LOGS, logs.sort().at(-1));
}

try {
  await ensureModules();
  await build();
  const lines = readFileSync(inRoot(PICTURES, 'questions.jsonl'), 'utf8').trimEnd().split('\n');
  const { image, question, answer } = JSON.parse(lines[0]);
  const asked = ['--image', `${PICTURES}/${image}`, '--question', question, '--answer', answer];
  const libraries = thisTarget in TARGETS ? inferenceLibraries(TARGETS[thisTarget]) : [];
  if (libraries.length === 0) {
    say(`No model runs on ${thisTarget}: ONNX Runtime is not built for it. A recorded rollout instead:`);
    process.exit(await imcot(['show', 'media/demo/samples/scenes.imcot.jsonl', '--index', '0']));
  }
  // A model this small is faster on the processor than a GPU is to start.
  const code = await imcot(['run', '--model', 'demo', ...asked, '--provider', 'cpu']);
  if (code !== 0) fail(`imcot run ended with ${code}`);
  const log = newestLog();
  say(`
The model is tiny and knows this one game (media/demo/model/README.md). To go on:

  npm run ui -- ${log}
      a VS Code in your browser, to see this rollout with its box on the picture and its crop
  npm run package
      builds the extension for your own VS Code: install out/*.vsix, open this folder, and open the log
  node dist/cli.js run --questions ${PICTURES}/questions.jsonl
      asks about all ${lines.length} pictures
  node dist/cli.js summarize media/demo/samples
      sums up the sample rollouts
  npm test
      runs the tests`);
} catch (error) {
  fail(error.message);
}
