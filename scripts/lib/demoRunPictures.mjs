// Pictures of the demo model's training, from the logs that ship.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot, ROOT, say } from './run.mjs';

const RUNS = 'media/demo/runs';
const NAMES = ['demo-training', 'demo-regimes'];

/**
 * One run by itself, and the four regimes over each other. Nothing where no runs ship, or none of these was wanted.
 * @param {string} out the pictures' folder
 * @param {readonly string[]} wanted names of pictures; all where it is empty
 */
export function takeDemoRuns(out, wanted) {
  if (!existsSync(inRoot(RUNS)) || (wanted.length > 0 && !wanted.some((name) => NAMES.includes(name))))
    return;
  const script = inRoot('test/webview/support/demoRunPictures.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, out, inRoot(RUNS)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error("the pictures of the demo model's training could not be taken");
  for (const name of NAMES) say(`screenshots: ${name}.png`);
}
